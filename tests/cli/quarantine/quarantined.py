"""Pages in quarantine, put there by a parser that breaks, and a look at what became of them."""

import hashlib
import json
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from services.parser import parse
from services.parser.page import parse_page
from shared.messages import Answer, Follow, Origin, PageFetched
from shared.parsed_page import ParsedPage
from tests.cli.services import Services, story
from tests.support.pages import NOON, rows
from tests.support.records import changed
from tests.support.running import Ran


class BreakingParser:
    """The parser, with a defect that some pages meet until it is mended."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._monkeypatch.setattr(parse, "parse_page", self._break)

    def mend(self) -> None:
        """A release without the defect."""
        self._monkeypatch.setattr(parse, "parse_page", parse_page)

    def _break(self, body: bytes, **options: Any) -> ParsedPage:
        if b"BROKEN" in body:
            raise LookupError(f"no harbour among {len(body)} bytes")
        return parse_page(body, **options)


def visited(url: str, body: bytes, *, minutes: float = 0.0, **facts: Any) -> tuple[PageFetched, bytes]:
    """A visit of a page, so many minutes after noon."""
    record = PageFetched(
        flight_id=uuid.uuid4().hex,
        origin=Origin(url=url, source="Harbours"),
        answer=Answer(
            final_url=url,
            http_status=200,
            fetched_at=(NOON + timedelta(minutes=minutes)).isoformat(),
            content_type="text/html",
            body_bytes=len(body),
            body_sha256=hashlib.sha256(body).hexdigest(),
        ),
        follow=Follow(),
    )
    return changed(record, **facts), body


def many(number: int) -> list[tuple[PageFetched, bytes]]:
    """As many pages that break the parser."""
    return [visited(f"https://news.example/{n}", story(f"BROKEN {n}"), minutes=n) for n in range(number)]


def cases_of(database: psycopg.Connection) -> list[int]:
    return [row["quarantine_id"] for row in rows(database, "quarantine")]


def lines(ran: Ran) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ran.out.splitlines()]


def all_are_stored_once(services: Services, database: psycopg.Connection, urls: Sequence[str]) -> None:
    """Each page has its article, as of its own time, after one replay."""
    services.work()
    stored = {row["url"]: (row["fate"], row["fetched_at"]) for row in rows(database, "pages")}
    assert stored == {url: ("stored", NOON + timedelta(minutes=n)) for n, url in enumerate(urls)}
    assert sorted(row["url"] for row in rows(database, "articles")) == sorted(urls)
    visits = [(row["page_url"], row["fate"]) for row in rows(database, "visits")]
    assert sorted(visits) == sorted((url, fate) for url in urls for fate in ("quarantined", "stored"))
    assert all(row["replayed_at"] for row in rows(database, "quarantine"))
    assert len(cases_of(database)) == len(urls)
