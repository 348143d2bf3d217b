"""The commands that a document shows, so that tests run just these."""

import shlex
from pathlib import Path

ROOT = Path(__file__).parents[2]


def commands(document: str, section: str, program: str) -> list[list[str]]:
    """The indented lines of a section that begin with the program, without the program, as lists of words."""
    _, _, after = (ROOT / document).read_text("utf-8").partition(f"\n## {section}\n")
    text, _, _ = after.partition("\n## ")
    lines = [line.strip() for line in text.splitlines() if line.startswith(f"    {program} ")]
    assert lines, f"{document} shows no {program} in {section}"
    return [shlex.split(line.removeprefix(program)) for line in lines]
