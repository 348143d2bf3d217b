"""Parses the pages of a folder, and makes the landings that the indexer gets when they are visited."""

import gzip
import random
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from benchmarks.page_server import read_pages
from services.indexer.landing import Landing
from services.parser.page import parse_page
from shared.failures import GiveUp
from shared.messages import Answer, Origin, PageParsed
from shared.parsed_page import ParsedPage

NOON = datetime(2025, 5, 8, 12, 0, tzinfo=UTC)
SITES = 16


def parsed_pages(folder: Path, count: int) -> list[ParsedPage]:
    """As many of the folder's pages, shuffled, so that a batch has pages of all kinds; in turn where it has fewer."""
    bodies = read_pages(folder)
    random.Random(1).shuffle(bodies)
    pages: list[ParsedPage] = []
    for body in bodies:
        if len(pages) == count:
            break
        try:
            page = parse_page(gzip.decompress(body), url="https://press.example/story", content_type="text/html")
        except GiveUp:  # a folder may hold what is no page
            continue
        pages.append(msgspec.structs.replace(page, canonical_url=None))
    return [pages[number % len(pages)] for number in range(count)]


def only_articles(pages: Sequence[ParsedPage]) -> list[ParsedPage]:
    """Those that have an article, without their headlines."""
    return [msgspec.structs.replace(page, headlines=[]) for page in pages if page.article is not None]


def landings_of(pages: Sequence[ParsedPage], label: str, minutes: int = 0) -> Iterator[Landing]:
    """A visit to each page, so long after noon, at addresses that only this label has."""
    for number, page in enumerate(pages):
        yield Landing(record=record_of(f"https://site{number % SITES}.example/{label}/{number}", minutes), page=page)


def record_of(url: str, minutes: int = 0) -> PageParsed:
    """The message that brings a visit."""
    at = (NOON + timedelta(minutes=minutes)).isoformat()
    return PageParsed(
        flight_id=uuid.uuid4().hex, origin=Origin(url=url), answer=Answer(final_url=url, http_status=200, fetched_at=at)
    )
