"""Every command's help teaches by an example, each of which is right; and a shell can complete commands and values."""

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from cli.main import app
from tests.cli.conftest import Run

ROOT = typer.main.get_command(app)
EXAMPLE = re.compile(r"^    (?:.*\$\()?(depeche [^)|<>\n]*)", re.MULTILINE)


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """All commands that do something, each with its names."""
    below = getattr(command, "commands", {})
    for name in below:
        yield from leaves(command.load(name) if hasattr(command, "load") else below[name], (*path, name))
    if not below:
        yield path, command


COMMANDS = dict(leaves(ROOT))


def examples(command: Any) -> list[str]:
    return [found.replace("\\", "") for found in EXAMPLE.findall(command.help or "")]


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_an_example_of_each_command_is_right(path: tuple[str, ...]) -> None:
    shown = [shlex.split(example)[1:] for example in examples(COMMANDS[path])]
    assert any(tuple(arguments[: len(path)]) == path for arguments in shown), "its help has no example of it"
    for arguments in shown:  # one may be what comes next, by another command
        named = next(p for p in COMMANDS if p == tuple(arguments[: len(p)]))
        COMMANDS[named].make_context(named[-1], arguments[len(named) :])  # raises for an option that is none


def test_an_example_that_is_wrong_is_noticed() -> None:
    with pytest.raises(typer.BadParameter):
        COMMANDS["articles",].make_context("articles", ["--sort", "nonsense"])


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("depeche sta", "status"), ("depeche headlines --kind t", "ticker"), ("depeche logs ", "tick")],
)
def test_a_shell_completes(typed: str, offered: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_DEPECHE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", typed)
    monkeypatch.setenv("COMP_CWORD", str(len(typed.split(" ")) - 1))
    ran = run()
    assert ran.status == 0
    assert offered in ran.out.split()
