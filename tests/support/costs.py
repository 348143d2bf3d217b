"""What a test needs beside this process: its marks, and how tests are dealt out to parallel processes.

A test is marked by the fixtures that it uses, or by its folder. One that starts a program by itself carries the mark in
its file, and fails without: else `make test-quick` would run it, and nobody would notice.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# The costliest first.
MARKS = ("compose", "workers", "browser", "postgres", "redis")
# In parallel, tests of a file stay together, which share what is made once a file. So do those of this folder, which
# share a running stack, but for files that have none, or others of their own.
ON_ONE_STACK = "tests/compose/"
ON_THEIR_OWN = ("test_configuration.py", "test_hosts.py", "test_runbooks.py")
OF_FIXTURES = {"compose": "compose", "postgres": "postgres", "redis_server": "redis"}
OF_FOLDERS = {Path(__file__).parents[1] / "e2e": "workers"}
# A word of a command line, and the marks of which a test that runs such a command has one.
OF_COMMANDS = {
    "docker": {"compose"},
    "chromium": {"browser"},
    "pg_ctl": {"postgres", "workers"},
    "embedded_postgres": {"postgres", "workers"},
    "redis-server": {"redis", "workers"},
    "-m services.": {"workers"},
    "-m benchmarks.pipeline": {"workers"},
}

_running: list[set[str]] = []


def marks_of(item: pytest.Item) -> set[str]:
    """Those of MARKS that the item has."""
    return {mark.name for mark in item.iter_markers()} & set(MARKS)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """The name of a test in which bytes of no text stand: what gzip made has the time in it, and names are the same."""
    return argname if isinstance(val, bytes) and not (val.isascii() and val.decode().isprintable()) else None


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark the test."""
    named = {mark for fixture, mark in OF_FIXTURES.items() if fixture in getattr(item, "fixturenames", ())}
    named |= {mark for folder, mark in OF_FOLDERS.items() if folder in item.path.parents}
    for mark in named - marks_of(item):
        item.add_marker(mark)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In parallel, the costliest come first, so that those which end the run are short."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=_cost)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Deal tests out by group, in the order in which they were collected.

    The groups of pytest-xdist 3.8 itself (--dist=loadgroup) are not seen by pytest 9.2.
    """
    config.option.loadscopereorder = False
    return _Groups(config, log)


class _Groups(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return ON_ONE_STACK if file.startswith(ON_ONE_STACK) and not file.endswith(ON_THEIR_OWN) else file


def _cost(item: pytest.Item) -> int:
    return min((MARKS.index(mark) for mark in marks_of(item)), default=len(MARKS))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note which marks the running test has."""
    _running[:] = [marks_of(item)]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    """Let servers be stopped, which may be after a test that did not use them."""
    _running.clear()


def _require_mark(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse to start a program that the running test is not marked for."""
    if event == "subprocess.Popen" and _running:
        command = " ".join(map(str, arguments[1])) if isinstance(arguments[1], Sequence) else str(arguments[1])
        for word, marks in OF_COMMANDS.items():
            if word in command and not marks & _running[-1]:
                raise AssertionError(f"A test that runs {word} needs one of the marks {sorted(marks)}: {command[:200]}")


sys.addaudithook(_require_mark)
