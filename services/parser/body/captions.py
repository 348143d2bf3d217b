"""What does the text beside a picture say: its caption, whose credit, or which of how many it is?"""

import re
import tomllib
from collections import defaultdict
from functools import lru_cache
from pathlib import Path

import msgspec

from services.parser.language.scripts import is_unspaced
from services.parser.outline.outline import Element, Outline
from shared.parsed_page import Block

# Credits and counters in elements of their own are at most this long.
CREDIT_CHARS, COUNTER_CHARS = 150, 30
# A longer text that is called a credit may be a caption as well.
LONG_CREDIT = 60
# Counters in the text of so many captions confirm each other.
FEWEST_COUNTED = 2

_WORDS: dict[str, list[str]] = tomllib.loads((Path(__file__).parent / "captions.toml").read_text("utf-8"))


def _any_of(name: str) -> str:
    return "|".join(re.escape(word) for word in sorted(_WORDS[name], key=len, reverse=True))


_CREDIT_HINT = re.compile(
    r"credit|copyright|source|photographer|agency|attribution|auteur|quelle|byline|author|fotograf(?!ia)|rechte"
)
_CREDIT_WORDS = rf"(?<!\w)(?:{_any_of('credits')})"
_CREDIT = (
    rf"(?:©|\(c\)|{_CREDIT_WORDS}(?:\s?(?:by|courtesy of|credit|via|von))?\s*(?:[:：=＝／©]|(?<=[぀-鿿])/)"
    r"|(?<!\w)(?:fot\.|photo by|ap photo/))"
)
_CREDIT_END = re.compile(rf"[(\[（【]?\s*{_CREDIT}\s*[^\n]{{2,100}}$", re.I)
_CREDIT_LINE = re.compile(rf"\W{{0,3}}{_CREDIT}\s*\S.*", re.I)
_CREDIT_MARKS = re.compile(r"[:：=＝／/©]|\(c\)|fot\.| by ", re.I)
_NUMBER = rf"(?:(?:{_any_of('measures')})\s*)?(\d{{1,3}})\s*(?:(?:{_any_of('measures')})\s*)*"
_BETWEEN = rf"(?:[/／⁄∕|]|(?<!\w)(?:{_any_of('between')})(?!\w)|[,，、]?\s*(?={_any_of('measures')}))"
_COUNTER = rf"{_NUMBER}\s*{_BETWEEN}\s*{_NUMBER}"
_COUNTER_ALONE = re.compile(rf"[\W_]*(?:[^\W\d]{{1,14}}\W{{0,3}})?{_COUNTER}(?:[^\W\d]{{1,6}})?[\W_]*", re.I)
_COUNTER_FIRST = re.compile(
    rf"(?P<open>[(\[]?)\s*(?P<noun>(?:{_any_of('pictures')})\W{{0,3}})?{_COUNTER}(?P<close>[)\]]?)(?:\s*[:：.–—-]+\s*|\s+|$)"
    rf"(?=\D|$)",
    re.I,
)
_SPACED = re.compile(r"\d\s+[/／⁄∕|]\s+\d")


class Caption(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside a picture."""

    text: str | None
    credit: str | None


def caption_of(outline: Outline, element: Element) -> Caption:
    """Returns caption and credit from the text around a picture, without a counter in an element of its own."""
    kept: list[str] = []
    credit: str | None = None
    at, covered = element.first_run, element.index
    for part in outline.subtree(element):
        if part.index < covered or not 0 < part.chars <= CREDIT_CHARS:
            continue
        named = part.hint and _CREDIT_HINT.search(part.hint)
        if part.chars == element.chars and not named:
            continue
        text = outline.text_of(part)
        is_credit = credit is None and (is_credit_line(text) or (named and not _is_told(text)))
        if is_credit or is_counter(text):
            credit = _uncounted(text) if is_credit else credit
            kept += [*outline.runs[at : part.first_run], " "]
            at, covered = part.last_run, part.end
    kept += outline.runs[at : element.last_run]
    caption = " ".join("".join(kept).split())
    if credit is not None:
        caption = _unhung(caption.removesuffix(credit))
    elif caption and _CREDIT_MARKS.search(caption) and (found := _CREDIT_END.search(caption)):
        credit, caption = found[0].strip(" ()[]（）【】"), caption[: found.start()].rstrip()
    return Caption(text=caption or None, credit=credit)


def _is_told(text: str) -> bool:
    """Whether a text called a credit has a whole sentence in it, as a caption with its credit has."""
    return len(text) > LONG_CREDIT and any(stop in text for stop in (". ", "。"))


def _uncounted(credit: str) -> str:
    found = _COUNTER_FIRST.match(credit)
    return credit[found.end() :] if found and found["noun"] and found.end() < len(credit) else credit


def _unhung(caption: str) -> str:
    """Returns the caption without the marks that stood between it and its credit."""
    return caption.rstrip(" |–—/").removesuffix("(").removesuffix("()").rstrip()


@lru_cache(maxsize=4096)
def is_credit_line(text: str) -> bool:
    """Whether a short text says whose picture it is, and nothing else."""
    return len(text) <= CREDIT_CHARS and bool(_CREDIT_MARKS.search(text)) and bool(_CREDIT_LINE.fullmatch(text))


def is_counter(text: str) -> bool:
    """Whether a line only says which of how many pictures is shown: "3 / 8", "Photo 3 of 8"."""
    if len(text) > COUNTER_CHARS or not any(map(str.isdigit, text)):
        return False
    found = _COUNTER_ALONE.fullmatch(text)
    return found is not None and (int(found[1]) <= int(found[2]) or is_unspaced(text[-1]))


def without_counters(blocks: list[Block]) -> list[Block]:
    """Returns the blocks without counters at the beginnings and ends of captions.

    "2/3 of the posts" may be a fraction: it is a counter where another caption counts to the same number.
    """
    found: dict[int, tuple[str, str]] = {}
    totals: defaultdict[str, set[int]] = defaultdict(set)
    sure: set[int] = set()
    for at, block in enumerate(blocks):
        if block.type == "image" and block.caption and (first := _COUNTER_FIRST.match(block.caption)):
            rest = block.caption[first.end() :].strip()
            found[at] = rest, str(int(first[4]))
            totals[str(int(first[4]))].add(int(first[3]))
            if first["noun"] or (first["open"] and first["close"]) or _SPACED.search(first[0]):
                sure.add(at)
    if not found:
        return blocks
    out = list(blocks)
    for at, (rest, total) in found.items():
        if at in sure or len(totals[total]) >= FEWEST_COUNTED:
            out[at] = msgspec.structs.replace(blocks[at], caption=rest or None)
    return out
