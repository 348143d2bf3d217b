"""Compares what was read from a sample page with the facts written down for it.

Pure: two dicts in, one sentence a difference out. White space and the two Unicode ways to write an accent do not
count as differences; everything else does.

Of an article, `paragraphs` and `subheads` must be the blocks of that type, all and in order. Quotations with their
sources, the items of lists and the cells of tables are in `must_contain`: anywhere in the text. Headlines and
boilerplate of the same page are in `must_not_contain`.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any
from urllib.parse import urljoin

Facts = Mapping[str, Any]
Compare = Callable[[str, Any, Any], list[str]]

QUOTED_CHARS = 120  # of a text quoted in a sentence: whole headlines, which differ at their ends


def compare(expected: Facts, page: Facts, base_url: str) -> list[str]:
    """Say how `page` (a ParsedPage as a dict) differs from `expected`; empty when it is as expected.

    A field that `expected` does not mention is not compared. Links of `expected` are root-relative, those of `page`
    absolute, on the site at `base_url`. Headlines of kinds that `expected` does not list are let pass.
    """
    differences = _compare_value("page type", expected["page_type"], page.get("page_type"))
    if "language" in expected:
        differences += _compare_value("language", expected["language"], page.get("language"))
    differences += _compare_article(expected["article"], page.get("article"))
    for kind in dict.fromkeys(headlines["kind"] for headlines in expected["lists"]):
        wanted = [_with_absolute_links(one, base_url) for one in expected["lists"] if one["kind"] == kind]
        found = [headline for headline in page.get("headlines", []) if headline["kind"] == kind]
        differences += _compare_headlines(kind, wanted, found)
    return differences


def _compare_value(name: str, expected: Any, found: Any) -> list[str]:
    if _fold(expected) == _fold(found):
        return []
    return [f"The {name} is {_quote(found)} instead of {_quote(expected)}."]


def _compare_article(expected: Facts | None, found: Facts | None) -> list[str]:
    if expected is None:
        return [] if found is None else [f"An article was read where there is none: {_quote(found.get('title'))}."]
    if found is None:
        return [f"The article {_quote(expected['title'])} was not read."]
    fields: dict[str, Compare] = {
        "title": _compare_value,
        "lead": _compare_value,
        "authors": _compare_names,
        "publisher": _compare_value,
        "published_at": _compare_time,
    }
    differences = []
    for field, compare_field in fields.items():
        if field in expected:
            differences += compare_field(field, expected[field], found.get(field))
    return differences + _compare_body(expected, found)


def _compare_names(name: str, expected: Sequence[str], found: Sequence[str] | None) -> list[str]:
    if [_fold(one) for one in expected] == [_fold(one) for one in found or []]:
        return []
    return [f"The {name} are {_quote(', '.join(found or []))} instead of {_quote(', '.join(expected))}."]


def _compare_time(name: str, expected: str | None, found: str | None) -> list[str]:
    """A page that gives only the day, or no offset, expects only that much; what follows it is not compared."""
    if expected == found or (expected and found and (found.startswith(expected) or _same_instant(expected, found))):
        return []
    return [f"The {name} is {_quote(found)} instead of {_quote(expected)}."]


def _same_instant(one: str, other: str) -> bool:
    try:
        first, second = datetime.fromisoformat(one), datetime.fromisoformat(other)
    except ValueError:
        return False
    return first.tzinfo is not None and second.tzinfo is not None and first == second


def _compare_body(expected: Facts, found: Facts) -> list[str]:
    blocks = found.get("blocks", [])
    body = _fold(found.get("text"))
    elsewhere = {_fold(text) for text in expected["must_contain"]}
    paragraphs = [block["text"] for block in blocks if block["type"] == "paragraph"]
    differences = _compare_texts(
        "paragraph", expected["paragraphs"], [text for text in paragraphs if _fold(text) not in elsewhere]
    )
    differences += _compare_texts(
        "subhead", expected["subheads"], [block["text"] for block in blocks if block["type"] == "heading"]
    )
    for text in (expected["lead"], *expected["must_contain"]):
        if _fold(text) not in body:
            differences.append(f"The article's text lacks {_quote(text)}.")
    for text in expected["must_not_contain"]:
        if _fold(text) in body:
            differences.append(f"The article's text contains {_quote(text)}, which is not part of it.")
    return differences


def _compare_texts(name: str, expected: Sequence[str], found: Sequence[str]) -> list[str]:
    """Missing, foreign, doubled and misplaced texts of one sort of block."""
    wanted, got = [_fold(text) for text in expected], [_fold(text) for text in found]
    if wanted == got:
        return []
    differences = [f"The {name} {_quote(text)} is missing." for text in wanted if text not in got]
    differences += [f"The {name} {_quote(text)} is foreign to the article." for text in got if text not in wanted]
    differences += [f"The {name} {_quote(text)} is there twice." for text in _doubles(got)]
    return differences or [f"The {name}s are out of order."]


def _compare_headlines(kind: str, wanted: Sequence[Facts], found: Sequence[Facts]) -> list[str]:
    """All lists of one kind. Lists may stand in any order, the headlines within a list may not."""
    links = {_fold(one["text"]): one["url"] for headlines in wanted for one in headlines["headlines"]}
    positions: dict[str, int] = {}
    differences = []
    for position, one in enumerate(found):
        text = _fold(one["text"])
        if text not in links:
            differences.append(f"The {kind} headline {_quote(one['text'])} is not on the page.")
        elif text in positions:
            differences.append(f"The {kind} headline {_quote(one['text'])} is there twice.")
        elif links[text] != one["url"]:
            differences.append(
                f"The {kind} headline {_quote(one['text'])} links to {one['url']} instead of {links[text]}."
            )
        positions.setdefault(text, position)
    for headlines in wanted:
        differences += _compare_list(headlines, positions, found)
    return differences


def _compare_list(wanted: Facts, positions: Mapping[str, int], found: Sequence[Facts]) -> list[str]:
    """One list: nothing missing, in order, under its label."""
    kind, label = wanted["kind"], wanted["label"]
    texts = [one["text"] for one in wanted["headlines"]]
    differences = [f"The {kind} headline {_quote(text)} is missing." for text in texts if _fold(text) not in positions]
    places = [positions[_fold(text)] for text in texts if _fold(text) in positions]
    if any(place > following for place, following in pairwise(places)):
        differences.append(f"The {kind} headlines from {_quote(texts[0])} on are out of order.")
    labels = {found[place].get("label") for place in places}
    if label is not None and places and {_fold_label(one) for one in labels} != {_fold_label(label)}:
        given = ", ".join(sorted(_quote(one) for one in labels))
        differences.append(f"The {kind} list labelled {_quote(label)} is given out under {given}.")
    return differences


def _with_absolute_links(headlines: Facts, base_url: str) -> Facts:
    return {
        **headlines,
        "headlines": [
            {**one, "url": None if one["url"] is None else urljoin(base_url, one["url"])}
            for one in headlines["headlines"]
        ],
    }


def _doubles(texts: Sequence[str]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if texts.count(text) > 1]


def _fold(text: str | None) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text or "")).strip()


def _fold_label(label: str | None) -> str:
    return _fold(label).rstrip(" :").casefold()


def _quote(text: str | None) -> str:
    if text is None:
        return "nothing"
    folded = _fold(text)
    return f'"{folded}"' if len(folded) <= QUOTED_CHARS else f'"{folded[: QUOTED_CHARS - 1]}…"'
