"""The answers that docs/analysts.md shows are those that its statements give on the morning of the sample site."""

import psycopg
import pytest

from tests.support.analysts import DOCUMENT, QUESTION, answered
from tests.support.morning import fill


def test_every_answer_is_what_the_statement_gives(database: psycopg.Connection) -> None:
    fill(database)
    text = DOCUMENT.read_text("utf-8")
    assert answered(database, text) == text
    assert len(QUESTION.findall(text)) == text.count("\n## ") == 10
    assert all(found[0].count("\n|") >= 3 for found in QUESTION.finditer(text)), "an answer has no row"


@pytest.mark.parametrize(("answer", "other"), [("| 07:00 | 07:45 | 45 |", "| 07:00 | 07:45 | 46 |"), ("25.5833 h", "")])
def test_another_answer_is_seen(database: psycopg.Connection, answer: str, other: str) -> None:
    fill(database)
    text = DOCUMENT.read_text("utf-8")
    changed = text.replace(answer, other)
    assert changed != text
    assert answered(database, changed) == text
