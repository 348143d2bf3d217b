"""docs/archive.md names every reason for which a record is left out, and its commands are ones that `replay` takes."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from cli.main import app
from services.fetcher.archive.warc_pages import OTHER_RECORDS

DOCS = Path("docs/archive.md").read_text()
CODE = [Path("cli/replay/command.py"), *Path("services/fetcher/archive").glob("*.py")]
REASON = re.compile(r'(?:GiveUp\(|reason=|NO_WARC = |left_out\[)"([a-z_]+)"')
COMMAND = re.compile(r"^    (?!docker).*?(\bdepeche replay[^#\n]*)", re.MULTILINE)


def test_every_reason_is_explained() -> None:
    reasons = {reason for file in CODE for reason in REASON.findall(file.read_text())} | set(OTHER_RECORDS.values())
    assert {"segmented", "no_address", "filtered", "no_warc_file", "other_file", "metadata"} <= reasons
    assert not {reason for reason in reasons if f"`{reason}`" not in DOCS}


@pytest.mark.parametrize("line", COMMAND.findall(DOCS))
def test_the_commands_are_ones_that_replay_takes(line: str) -> None:
    words = shlex.split(line)
    command = get_command(app).load("replay")  # type: ignore[attr-defined]
    given = command.make_context("replay", words[2:])
    assert given.params["warcs"]
