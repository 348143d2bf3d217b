"""Visits of several addresses, some of which are those of one article, and what must be withdrawn after them."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import psycopg

from services.indexer.index import store_together
from services.indexer.landing import Landing
from shared.failures import Fate
from shared.messages import Answer, Origin, PageDropped, PageParsed
from shared.parsed_page import ParsedPage
from shared.urls import url_key
from tests.support.pages import NOON, article, page, rows
from tests.support.records import changed

A, B, C = (f"https://news.example/{name}" for name in "abc")
HARBOUR = "https://news.example/harbour"


def read(url: str, minutes: float, canonical: str | None = HARBOUR, text: str | None = "", **fields: Any) -> Landing:
    """A visit so long after noon that read the page; None as its text: it is a list, and has no article.

    `title` is that of the article; other fields are those of the visit.
    """
    shown: dict[str, Any] = {"page_type": "listing", "article": None} if text is None else {}
    if text:
        shown["article"] = article(text, title=fields.pop("title", "Harbour"))
    record = PageParsed(
        flight_id=uuid.uuid4().hex,
        origin=Origin(url=url),
        answer=Answer(final_url=url, http_status=200, fetched_at=after_noon(minutes)),
    )
    return Landing(record=changed(record, **fields), page=page([], canonical_url=canonical, **shown))


def gone(url: str, minutes: float) -> Landing:
    """A visit that found the page gone."""
    return _end(url, minutes, "gone")


def unchanged(url: str, minutes: float) -> Landing:
    """A visit to which the site answered that nothing has changed."""
    return _end(url, minutes, "unchanged")


def failed(url: str, minutes: float) -> Landing:
    """A visit that learned nothing."""
    return _end(url, minutes, "failed")


def _end(url: str, minutes: float, fate: Fate) -> Landing:
    facts = {"stage": "fetch", "reason": "r", "detail": "d", "dropped_at": after_noon(minutes)}
    return Landing(record=PageDropped(flight_id=uuid.uuid4().hex, origin=Origin(url=url), fate=fate, **facts))  # type: ignore[arg-type]


def after_noon(minutes: float) -> str:
    return (NOON + timedelta(minutes=minutes)).isoformat()


def store(database: psycopg.Connection, visits: Sequence[Landing], *, together: bool = False) -> None:
    """Store the visits, in one batch or each on its own."""
    for batch in [visits] if together else [[visit] for visit in visits]:
        store_together(database, batch)


def changes(database: psycopg.Connection, url: str = HARBOUR) -> list[str]:
    """What the feed has about the article of that address."""
    of = {row["article_id"] for row in rows(database, "articles") if row["url_key"] == uuid.UUID(url_key(url))}
    return [change["kind"] for change in rows(database, "changes") if change["article_id"] in of]


def withdrawn(database: psycopg.Connection, url: str = HARBOUR) -> float | None:
    """Minutes after noon at which the article of that address was withdrawn; None while it is there."""
    (row,) = (row for row in rows(database, "articles") if row["url_key"] == uuid.UUID(url_key(url)))
    return (row["withdrawn_at"] - NOON) / timedelta(minutes=1) if row["withdrawn_at"] else None


class Address(msgspec.Struct):
    """What the visits so far say of a page: the article that it was last read as, and whether it has gone since."""

    at: datetime
    flights: set[str]
    article: uuid.UUID | None = None
    body: str = ""
    is_gone: bool = False


class Addresses:
    """The same from the visits alone, without a database, in the words of docs/reading.md."""

    def __init__(self) -> None:
        self._of: dict[uuid.UUID, Address] = {}

    def visit(self, landings: Iterable[Landing]) -> None:
        for landing in landings:
            at = datetime.fromisoformat(_visited_at(landing.record))
            known = self._of.setdefault(landing.key, Address(at=at, flights=set()))
            last = landing.record.flight_id in known.flights
            if at >= known.at and not last:
                known.at, known.flights = at, {landing.record.flight_id}
                self._note(known, landing)
            elif landing.page and known.body and _body(landing) == known.body and not last:
                known.article = _article(landing, landing.page)

    def _note(self, known: Address, landing: Landing) -> None:
        if landing.page:
            known.article, known.body, known.is_gone = _article(landing, landing.page), _body(landing), False
        elif isinstance(landing.record, PageDropped) and landing.record.fate in {"gone", "unchanged"}:
            known.is_gone = landing.record.fate == "gone"

    def withdrawn(self) -> dict[uuid.UUID, bool]:
        """Article -> whether it must be withdrawn, for those that have an address."""
        of: dict[uuid.UUID, bool] = {}
        for address in self._of.values():
            if address.article:
                of[address.article] = of.get(address.article, True) and address.is_gone
        return of


def _article(landing: Landing, shown: ParsedPage) -> uuid.UUID | None:
    return landing.article_key if shown.article else None


def _body(landing: Landing) -> str:
    return (landing.record.answer.body_sha256 or "") if isinstance(landing.record, PageParsed) else ""


def _visited_at(record: PageParsed | PageDropped) -> str:
    return record.visited_at if isinstance(record, PageDropped) else record.answer.fetched_at
