"""Parsed pages that stand at the index stage, and what Postgres then holds of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import psycopg
import redis
from psycopg.rows import dict_row

from shared.flight.intake import Backbone
from shared.messages import PageParsed
from shared.parsed_page import Article, Block, Headline, ParsedPage
from tests.support.flights import ONE, at_index, message_of
from tests.support.records import changed

NOON = datetime(2025, 5, 8, 12, 0, tzinfo=UTC)
HEADLINES = [
    Headline(kind="ticker", label="Live", position=1, text="Harbour opens", url="https://news.example/harbour"),
    Headline(kind="ticker", label="Live", position=2, text="Bridge closes", url="https://news.example/bridge"),
    Headline(kind="most_read", position=1, text="Harbour opens", url="https://news.example/harbour"),
    Headline(kind="latest", position=1, text="A line without a link"),
]


def article(text: str = "The harbour has opened.", **fields: Any) -> Article:
    facts = {"title": "Harbour", "authors": ["Ada Quill"], "published_at": "2025-05-08", **fields}
    return Article(blocks=[Block(type="paragraph", text=text)], text=text, **facts)


def page(headlines: list[Headline] = HEADLINES, **fields: Any) -> ParsedPage:
    facts = {"url": ONE, "page_type": "article", "article": article(), "parser_version": "test", **fields}
    return ParsedPage(headlines=headlines, **facts)


class Flights:
    """Puts pages at the index stage."""

    def __init__(self, backbone: Backbone, client: "redis.Redis") -> None:
        self._backbone = backbone
        self._client = client

    def stand(
        self, url: str, parsed: ParsedPage | bytes, *, minutes: float = 0.0, batch: str | None = None
    ) -> PageParsed:
        """A flight of `url`, fetched `minutes` after noon, with this parse result."""
        (record,) = at_index(self._backbone.ledger, self._client, url, batch=batch)
        body = parsed if isinstance(parsed, bytes) else msgspec.json.encode(parsed)
        self._backbone.store.put_many("result", {record.flight_id: body})
        self._backbone.store.put_many("page", {record.flight_id: b"<p>the page</p>"})
        return changed(record, fetched_at=(NOON + timedelta(minutes=minutes)).isoformat())

    def message(self, url: str, parsed: ParsedPage | bytes, **options: Any) -> dict[str, Any]:
        """The message of one such flight."""
        return message_of(self.stand(url, parsed, **options))


ORDER = {
    "pages": "page_id",
    "articles": "article_id",
    "article_versions": "article_id, version",
    "changes": "change_id",
    "headlines": "headline_id",
    "headline_positions": "headline_id, from_at",
    "headline_wordings": "headline_id, from_at",
    "quarantine": "quarantine_id",
    "sources": "name",
    "stories": "story_id",
    "visits": "landed_at",
}


def rows(database: psycopg.Connection, view: str) -> list[dict[str, Any]]:
    """All rows of a view of schema news, in the order in which they were made."""
    with database.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(f"SELECT * FROM news.{view} ORDER BY {ORDER[view]}".encode()).fetchall()


def everything(database: psycopg.Connection) -> dict[str, list[dict[str, Any]]]:
    """All rows of all views but news.visits, where a visit has its row even if nothing else is different by it."""
    return {view: rows(database, view) for view in ORDER if view != "visits"}
