"""docs/glossary.md explains the words that messages and views give out."""

import re
from pathlib import Path
from typing import get_args

import pytest

from shared.failures import Fate
from shared.messages import StageName
from shared.parsed_page import HeadlineKind, PageType

GLOSSARY = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text("utf-8")
DEFINED = re.findall(r"^ *- \*\*([\w -]+)\*\*", GLOSSARY, re.MULTILINE)
WORDS = {"door", "flight", "ledger", "tick", "frontier", "turn", "fate", "landed", "in the air", "claim check"}
WORDS |= {"wave", "cut", "chore", "follower", "visit"}


@pytest.mark.parametrize("word", [*get_args(HeadlineKind), *sorted(WORDS)])
def test_each_has_an_entry(word: str) -> None:
    assert word in DEFINED


@pytest.mark.parametrize("word", [*get_args(Fate), *get_args(PageType), *get_args(StageName)])
def test_each_is_named(word: str) -> None:
    assert f"`{word}`" in GLOSSARY


def test_no_word_is_explained_twice() -> None:
    assert sorted(DEFINED) == sorted(set(DEFINED))
