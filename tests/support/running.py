"""Runs `depeche` in this process, as the installed command does."""

import io
import logging
import sys
from typing import NamedTuple

import pytest
import structlog

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
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        status: object = main()
    except SystemExit as ended:
        status = ended.code
    finally:  # a command may have set up logging for its process, which is that of all tests
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
    captured = capsys.readouterr()
    return Ran(status, captured.out, captured.err)
