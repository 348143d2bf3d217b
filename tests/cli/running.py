"""Runs `depeche` in this process, as the installed command does."""

import io
import sys
from typing import NamedTuple

import pytest

from cli.main import main


class Ran(NamedTuple):
    """How a command ended, and what it printed."""

    status: object
    out: str
    err: str


def depeche(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str, stdin: bytes = b""
) -> Ran:
    """Run the command with this standard input."""
    monkeypatch.setattr(sys, "argv", ["depeche", *arguments])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
    try:
        status: object = main()
    except SystemExit as ended:
        status = ended.code
    captured = capsys.readouterr()
    return Ran(status, captured.out, captured.err)
