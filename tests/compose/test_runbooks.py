"""The options that the runbooks give to Compose are those that it has."""

import re
import subprocess

import pytest

from tests.docs.runbooks import compose_calls

pytestmark = [pytest.mark.compose, pytest.mark.usefixtures("compose")]
# What comes after the service is for the program in its container.
TO_A_CONTAINER = {"run", "exec"}


def options_of(call: list[str]) -> tuple[str, set[str]]:
    """The subcommand, and the options that Compose itself gets with it."""
    words = iter(call)
    command = next(word for word in words if not word.startswith("-") and word not in {"relay", "observability"})
    options: set[str] = set()
    for word in words:
        if command in TO_A_CONTAINER and not word.startswith("-"):
            break
        options |= {word} if word.startswith("-") else set()
        if word == "--entrypoint":
            next(words)
    return command, options


def test_each_option_is_one_of_its_subcommand() -> None:
    found = [options_of(call) for call in compose_calls()]
    for command in {command for command, _ in found}:
        shown = subprocess.run(["docker", "compose", command, "--help"], check=True, capture_output=True, text=True)
        known = set(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", shown.stdout))
        asked = {option for name, options in found if name == command for option in options}
        assert asked <= known, command
