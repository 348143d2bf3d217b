"""Where the text ends: lines behind the last sentence, headings of what follows, marks that come again and again."""

from services.parser.body.evidence import Fact
from services.parser.body.pieces import Piece, PieceKind
from services.parser.body.tail import with_closing, without_tail
from services.parser.outline.outline import outline_of

ELEMENT = outline_of("<p>x").elements[0]
SENTENCE = "The ferry to the island has been cancelled because of the storm, the harbour office said on Monday morning."


def piece(text: str, kind: PieceKind = "paragraph") -> Piece:
    return Piece(kind, text, ELEMENT)


def texts_after(*pieces: Piece) -> list[str]:
    return [kept.text for kept in without_tail(list(pieces))]


def test_an_agency_at_the_end_is_left_out() -> None:
    assert texts_after(piece(SENTENCE), piece("dpa/lmu"), piece("Kultur")) == [SENTENCE]


def test_a_short_last_sentence_stays() -> None:
    assert texts_after(piece(SENTENCE), piece("Nobody was hurt.")) == [SENTENCE, "Nobody was hurt."]


def test_a_heading_about_the_author_ends_a_long_text() -> None:
    pieces = [piece(SENTENCE) for _ in range(8)]
    tail = [piece("About the author", "heading"), piece("Ada Quill writes on harbours and their people.")]
    assert texts_after(*pieces, *tail) == [SENTENCE] * 8


def test_such_a_heading_in_the_middle_ends_nothing() -> None:
    pieces = [piece(SENTENCE), piece("The author", "heading"), *(piece(SENTENCE) for _ in range(4))]
    assert texts_after(*pieces) == [SENTENCE, "The author", *[SENTENCE] * 4]


def test_what_is_said_of_the_author_at_the_end_is_left_out() -> None:
    pieces = [*(piece(SENTENCE) for _ in range(8)), piece("Ada Quill has lived in Hamburg for years.")]
    assert [kept.text for kept in without_tail(pieces, ["Ada Quill"])] == [SENTENCE] * 8
    assert len(without_tail(pieces, ["Berta Lotse"])) == 9
    assert len(without_tail(pieces[::-1], ["Ada Quill"])) == 9


def test_a_mark_between_paragraphs_is_left_out() -> None:
    pieces = [found for _ in range(3) for found in (piece("Article body"), piece(SENTENCE))]
    assert texts_after(*pieces) == [SENTENCE] * 3


def test_last_paragraphs_too_far_behind_to_be_judged_are_taken_in_if_they_follow_on() -> None:
    outline = outline_of(f"<div><p>{SENTENCE}</p><p>{SENTENCE}</p><p>{SENTENCE}</p></div><p>{SENTENCE}</p>")
    paragraphs = outline.tagged("p")
    facts = [
        Fact(element=p, chars=p.chars, size=6, linked=0, place=at, ending="stop") for at, p in enumerate(paragraphs)
    ]
    judged = {paragraphs[0].index: 2.0}
    scores = with_closing(judged, [(fact, 1.5) for fact in facts])
    assert [p.index for p in paragraphs[:3]] == list(scores)  # The fourth stands elsewhere.
    assert list(with_closing(judged, [(fact, 0.5) for fact in facts])) == [paragraphs[0].index]
