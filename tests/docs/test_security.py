"""docs/security.md names a defence, a place in the code and a test for each threat, and all of them are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "security.md").read_text("utf-8")
THREATS = [
    line.strip("|").split(" | ")
    for line in TEXT.splitlines()
    if line.startswith("| ") and line.count(" | ") == 3 and not line.rstrip("|").endswith("Test ")
]


def test_there_are_threats() -> None:
    assert len(THREATS) > 25


@pytest.mark.parametrize("threat", THREATS, ids=lambda threat: threat[0].strip()[:40])
def test_each_has_a_place_in_the_code_and_tests_that_exist(threat: list[str]) -> None:
    tries, defence, where, tests = threat
    assert tries.strip()
    assert defence.strip()
    places = re.findall(r"`([^`]+)`", where)
    assert places
    assert [place for place in places if not (ROOT / place).exists()] == []
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", tests)
    assert named
    assert [name for file, name in named if f"def {name}(" not in (ROOT / file).read_text("utf-8")] == []


def test_each_part_says_what_is_not_defended() -> None:
    _, *parts = TEXT.split("\n## ")
    with_threats = [part for part in parts if "| Test |" in part]
    assert [part.splitlines()[0] for part in with_threats if "**Not defended.**" not in part] == []
