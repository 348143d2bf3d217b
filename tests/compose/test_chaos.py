"""A short run of deploy/chaos.sh on the stack under test."""

import os
import re
import signal
import subprocess
from itertools import pairwise
from typing import Any

import pytest

from tests.compose.stack import ROOT, Stack, docker, inspect
from tests.support.waiting import PATIENCE_S

pytestmark = [pytest.mark.compose, pytest.mark.timeout(1200)]

SERVICES = ("fetcher", "parser", "indexer", "tick", "redis", "postgres")
SECONDS = 30
FAULT = re.compile(r"^(kill|pause|cut) \w+: ", re.MULTILINE)


def chaos(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [str(ROOT / "deploy/chaos.sh"), *arguments]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)


def test_faults_of_all_containers_lose_nothing_and_leave_the_project_as_it_was(stack: Stack) -> None:
    before = {service: as_it_is(stack, service) for service in SERVICES}
    done = chaos("--project", stack.project, "--seconds", str(SECONDS), "--seed", "7", **as_an_operator(stack))
    assert done.returncode == 0, done.stdout + done.stderr
    counted = dict(re.findall(r"^([a-z]+) +(\d+)$", done.stdout, re.MULTILINE))
    assert (counted["lost"], counted["double"]) == ("0", "0")
    assert counted["landed"] == counted["accepted"]
    assert int(counted["accepted"]) > 40, "the first page, and a batch after the last fault at least"
    assert FAULT.search(done.stdout)
    assert {service: as_it_is(stack, service) for service in SERVICES} == before
    assert docker("ps", "--all", "--quiet", "--filter", f"name={stack.project}-chaos") == ""


def test_interrupted_it_ends_the_fault_that_it_has_begun(stack: Stack) -> None:
    before = {service: as_it_is(stack, service) for service in SERVICES}
    command = [str(ROOT / "deploy/chaos.sh"), "--project", stack.project]
    env = {**os.environ, **as_an_operator(stack)}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert FAULT.match(process.stdout.readline())
        process.send_signal(signal.SIGTERM)  # Ctrl-C is not heard where the tests run in the background
        assert process.wait(PATIENCE_S * 3) == 130
    assert {service: as_it_is(stack, service) for service in SERVICES} == before
    assert docker("ps", "--all", "--quiet", "--filter", f"name={stack.project}-chaos") == ""


def as_an_operator(stack: Stack) -> dict[str, str]:
    """The variables with which a plain `docker compose` means this stack."""
    words = stack.command()
    files = [after for word, after in pairwise(words) if word == "-f"]
    return {**stack.settings, "COMPOSE_FILE": ":".join(files), "COMPOSE_ENV_FILES": os.devnull}


def as_it_is(stack: Stack, service: str) -> list[Any]:
    """The containers of a service that run, and on which networks by which name of the service."""
    found = []
    for container in stack.containers(service):
        known = inspect(container)
        networks = known["NetworkSettings"]["Networks"].items()
        named = {name: service in network["Aliases"] for name, network in networks}
        found.append((known["Id"], known["State"]["Status"], named))
    return found


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--project", "no-such-project", "--seconds", "1"], "no running fetcher"),
        (["--seconds", "long"], "--seconds must be a whole number"),
        (["--seed"], "--seed needs a value"),
        (["--frequency", "3"], "--frequency is no option"),
    ],
)
def test_what_it_cannot_do_is_said(engine: None, arguments: list[str], said: str) -> None:
    done = chaos(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
