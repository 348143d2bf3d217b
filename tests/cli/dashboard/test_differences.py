"""Words that are others than before, so that a reader sees at once what was corrected."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.dashboard import differences
from cli.dashboard.differences import MOST_LINES, Piece, compared, words

MARKS = {"same": "{}", "added": "+{}+", "removed": "-{}-"}
TEXTS = st.text(st.sampled_from("ab .\n字ก"), max_size=40)


def drawn(pieces: list[Piece]) -> str:
    return "".join(MARKS[piece.kind].format(piece.text) for piece in pieces)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Harbour opens", "Harbour opens", "Harbour opens"),
        ("Harbour opens", "Harbour closes", "Harbour -opens-+closes+"),
        ("Harbour opens", "Harbour opens again", "Harbour opens+ again+"),
        ("The old ferry sails", "A new ship sails", "-The old ferry-+A new ship+ sails"),
        ("Mayor resigns", "Mayor resigns, says aide", "Mayor resigns+, says aide+"),
        ("東京で大きな地震", "大阪で大きな地震", "-東京-+大阪+で大きな地震"),
        ("ข่าวเก่า", "ข่าวใหม่", "ข่าว-เก่า-+ใหม่+"),
        ("", "Harbour", "+Harbour+"),
        ("Harbour", "", "-Harbour-"),
        ("हिन्दी समाचार", "हिन्दी अखबार", "हिन्दी -समाचार-+अखबार+"),
    ],
)
def test_words(before: str, after: str, expected: str) -> None:
    assert drawn(words(before, after)) == expected


@given(TEXTS, TEXTS)
def test_both_texts_are_in_the_pieces(before: str, after: str) -> None:
    pieces = words(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after


@given(TEXTS, TEXTS)
def test_both_texts_are_in_the_lines(before: str, after: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(differences, "CONTEXT", 1_000)  # nothing is left out
        lines = compared(before, after)
    pieces = [piece for line in lines.lines for piece in line.pieces]
    if before.splitlines() == after.splitlines():
        assert pieces == []
        return
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == before.replace("\n", "")
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after.replace("\n", "")
    assert lines.left_out == sum(line.left_out for line in lines.lines) == 0


def test_what_is_far_from_a_change_is_left_out() -> None:
    before = [f"Line {number}." for number in range(20)]
    after = [*before[:10], "Line ten.", *before[11:]]
    lines = compared("\n".join(before), "\n".join(after))
    assert [drawn(line.pieces) for line in lines.lines] == ["Line 9.", "Line -10-+ten+.", "Line 11."]
    assert (lines.lines[0].left_out, lines.left_out, lines.is_cut) == (9, 8, False)


def test_more_than_is_compared_is_shown_as_a_whole() -> None:
    chance = random.Random(1)
    before, after = (" ".join(chance.choice("ab") for _ in range(2_000)) for _ in range(2))
    assert words(before, after) == [Piece(kind="removed", text=before), Piece(kind="added", text=after)]
    assert compared("\n" * (MOST_LINES + 1), "x").is_cut
