"""Which words of a text are others than before? For two wordings of a headline, or two versions of an article.

Texts are compared line by line first, and word by word where lines differ. A word is what the script has for one: of
scripts without spaces between words, each character counts as one.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

import msgspec

Kind = Literal["same", "added", "removed"]

# Thai, Lao, Khmer, kana and Chinese characters stand each alone; all else is cut at spaces and at punctuation. Marks
# such as vowel signs, and joiners, belong to the letter before them; Python's \w does not have them.
ALONE = "\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
MARKS = "".join(chr(code) for code in range(0x300, 0x1F000) if unicodedata.category(chr(code))[0] == "M")
WORD = re.compile(rf"\s+|(?:(?![{ALONE}])\w[{MARKS}\u200c\u200d]*)+|.[{MARKS}\u200c\u200d]*", re.DOTALL)
# The time for a comparison grows with the product of what differs on each side. So many pairs of words are compared
# for two texts; it takes half a second at the most. Lines beyond are shown as taken out and added as a whole.
MOST_PAIRS = 1_500_000
# Of texts with more lines, what lies beyond is not compared.
MOST_LINES = 2_000
# So many unchanged lines are shown around a change.
CONTEXT = 1


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """Words in a row that both texts have, or one of them alone."""

    kind: Kind
    text: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line with its pieces; `left_out` unchanged lines before it are not shown."""

    pieces: list[Piece]
    left_out: int = 0


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """The lines around all changes; `left_out` unchanged lines follow the last one. Equal texts have no lines here."""

    lines: list[Line]
    left_out: int = 0
    is_cut: bool = False


def compared(before: str, after: str) -> Compared:
    """Return what is different between two texts of several lines."""
    old, new = before.splitlines(), after.splitlines()
    is_cut = max(len(old), len(new)) > MOST_LINES
    matcher = SequenceMatcher(None, old[:MOST_LINES], new[:MOST_LINES], autojunk=False)
    words_of = Words()
    lines: list[Line] = []
    end = 0  # of what has been shown of the new text
    for group in matcher.get_grouped_opcodes(CONTEXT):
        made = [line for tag, i1, i2, j1, j2 in group for line in _lines(tag, old[i1:i2], new[j1:j2], words_of)]
        lines += [msgspec.structs.replace(made[0], left_out=group[0][3] - end), *made[1:]]
        end = group[-1][4]
    return Compared(lines=lines, left_out=min(len(new), MOST_LINES) - end if lines else 0, is_cut=is_cut)


def words(before: str, after: str) -> list[Piece]:
    """Return the words of two short texts in order, in as few pieces as possible."""
    return Words().compared(before, after)


class Words:
    """Compares texts word by word, until MOST_PAIRS have been compared."""

    def __init__(self) -> None:
        self._pairs = 0

    def compared(self, before: str, after: str) -> list[Piece]:
        """Return the words of both texts in order, in as few pieces as possible."""
        old, new = WORD.findall(before), WORD.findall(after)
        if self._pairs + len(old) * len(new) > MOST_PAIRS:
            return _merged([("removed", before), ("added", after)])
        self._pairs += len(old) * len(new)
        return _merged(list(_pieces(old, new)))


def _lines(tag: str, old: Sequence[str], new: Sequence[str], words_of: Words) -> list[Line]:
    if tag == "equal":
        return [Line(pieces=[Piece(kind="same", text=text)]) for text in new]
    if tag == "replace" and len(old) == len(new):
        return [Line(pieces=words_of.compared(*pair)) for pair in zip(old, new, strict=True)]
    if tag == "replace":
        return _split(words_of.compared("\n".join(old), "\n".join(new)))
    return [Line(pieces=[Piece(kind="removed", text=text)]) for text in old] + [
        Line(pieces=[Piece(kind="added", text=text)]) for text in new
    ]


def _split(pieces: Sequence[Piece]) -> list[Line]:
    """Return the pieces as lines, which end where one of the texts has the end of a line."""
    lines: list[list[Piece]] = [[]]
    for piece in pieces:
        for number, text in enumerate(piece.text.split("\n")):
            if number:
                lines.append([])
            if text:
                lines[-1].append(msgspec.structs.replace(piece, text=text))
    return [Line(pieces=line) for line in lines if line]


def _pieces(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[Kind, str]]:
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "same", "".join(new[j1:j2])
        else:
            yield "removed", "".join(old[i1:i2])
            yield "added", "".join(new[j1:j2])


def _merged(pieces: Sequence[tuple[Kind, str]]) -> list[Piece]:
    """Return the pieces that are not empty; a space between two changes belongs to both of them.

    Otherwise a sentence that was written anew would read like a sieve.
    """
    out: list[tuple[Kind, str]] = []
    removed = added = ""
    for number, (kind, text) in enumerate(pieces):
        is_gap = kind == "same" and text.isspace() and "\n" not in text and number + 1 < len(pieces)
        if kind == "same" and not (is_gap and (removed or added)):
            out += [("removed", removed), ("added", added), (kind, text)]
            removed = added = ""
            continue
        removed += text if kind in {"removed", "same"} else ""
        added += text if kind in {"added", "same"} else ""
    out += [("removed", removed), ("added", added)]
    return [Piece(kind=kind, text=text) for kind, text in out if text]
