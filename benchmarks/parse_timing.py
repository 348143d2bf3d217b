"""Times the parser in one process: as a multiple of the bare parse of the HTML, and compared with its peers.

The contenders alternate page by page, so that other work of the machine affects all alike. Times are CPU times.
"""

import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from statistics import median
from typing import Any

import msgspec
from selectolax.lexbor import LexborHTMLParser

from services.parser.outline.decode import decode_page
from services.parser.page import parse_page
from shared.failures import GiveUp

ROUNDS = 5
WARM_UP_PAGES = 5

OURS, BARE = "Depeche", "bare Lexbor parse"


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page as it came and, for those that start from text, decoded."""

    body: bytes
    text: str
    url: str | None


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """CPU of one contender: ms a page, and as multiples of others in the same round; medians over the rounds."""

    name: str
    ms: float
    times_bare: float
    times_ours: float


Contender = Callable[[Page], object]


def read_page(body: bytes, url: str | None) -> Page | None:
    """A page to time, or None for what is no page."""
    try:
        return Page(body=body, text=decode_page(body, None), url=url)
    except GiveUp:
        return None


def contenders(*, peers: bool) -> dict[str, Contender]:
    """Who takes part; a peer that is not installed does not."""
    chosen: dict[str, Contender] = {
        BARE: lambda page: LexborHTMLParser(page.text),
        OURS: lambda page: parse_page(page.body, url=page.url),
    }
    if peers and find_spec("resiliparse"):
        chosen["resiliparse"] = _resiliparse()
    if peers and find_spec("trafilatura"):
        chosen["trafilatura"] = _trafilatura()
    return chosen


def _resiliparse() -> Contender:
    from resiliparse.extract.html2text import extract_plain_text  # noqa: PLC0415 - a peer may be missing
    from resiliparse.parse.html import HTMLTree  # noqa: PLC0415

    def run(page: Page) -> object:
        return extract_plain_text(HTMLTree.parse(page.text), main_content=True, alt_texts=False, links=False)

    return run


def _trafilatura() -> Contender:
    from trafilatura import bare_extraction  # noqa: PLC0415

    return lambda page: bare_extraction(page.text, url=page.url, include_comments=False, with_metadata=True)


def time_all(chosen: dict[str, Contender], pages: Sequence[Page], step: Callable[[str], None]) -> list[Timing]:
    """Time the contenders on the same pages; `step` hears of every round."""
    _round(chosen, pages[:WARM_UP_PAGES])
    rounds: list[dict[str, float]] = []
    for number in range(1, ROUNDS + 1):
        step(f"timing, round {number} of {ROUNDS}")
        rounds.append(_round(chosen, pages))
    return [
        Timing(
            name=name,
            ms=median(1e3 * spent[name] / len(pages) for spent in rounds),
            times_bare=median(spent[name] / spent[BARE] for spent in rounds),
            times_ours=median(spent[name] / spent[OURS] for spent in rounds),
        )
        for name in chosen
    ]


def _round(chosen: dict[str, Contender], pages: Sequence[Page]) -> dict[str, float]:
    spent = dict.fromkeys(chosen, 0.0)
    for page in pages:
        for name, run in chosen.items():
            start = time.process_time()
            run(page)
            spent[name] += time.process_time() - start
    return spent


def as_rows(timings: Sequence[Timing]) -> list[dict[str, Any]]:
    """The rows of a table."""
    return [
        {"": t.name, "CPU ms a page": t.ms, "times the bare parse": t.times_bare, "times Depeche": t.times_ours}
        for t in timings
    ]
