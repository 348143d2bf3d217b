"""One row a visit that ended, whatever became of it: what news.visits and `depeche trace` tell of a page.

A row is added and never changed. It is told by flight and moment, so a message that comes again, in whatever order,
adds none. Each row is a few hundred bytes; what is long, the page itself, stands elsewhere.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.indexer.article_store import as_json
from services.indexer.connection import Connection
from services.indexer.landing import Landing
from services.indexer.values import clean
from shared.messages import PageDropped, PageParsed
from shared.parsed_page import Headline, ParsedPage

INSERT_VISIT = """
INSERT INTO depeche.visits (
    page_id, flight_id, at, source, batch, found_on, of_source, is_replay, fate, reason, detail, http_status, final_url,
    content_type, body_bytes, attempts, earlier_attempts, archive, parser_version, page_type, article_id, has_title,
    authors, has_published, body_chars, headlines, tickers)
VALUES (
    (SELECT page_id FROM depeche.pages WHERE url_key = %(url_key)s), %(flight_id)s, %(at)s, %(source)s, %(batch)s,
    %(found_on)s, %(of_source)s, %(is_replay)s, %(fate)s, %(reason)s, %(detail)s, %(http_status)s, %(final_url)s,
    %(content_type)s, %(body_bytes)s, %(attempts)s, %(earlier_attempts)s, %(archive)s, %(parser_version)s,
    %(page_type)s, (SELECT article_id FROM depeche.articles WHERE article_key = %(article_key)s), %(has_title)s,
    %(authors)s, %(has_published)s, %(body_chars)s, %(headlines)s, %(tickers)s)
ON CONFLICT (flight_id, at) DO NOTHING
"""

SUPERSEDED = {"reason": "superseded", "detail": "A later visit of the page had been stored before this one."}


def note_visit(connection: Connection, landing: Landing, has_news: bool | None = None) -> None:
    """Note how the visit ended, once its page has a row.

    `has_news`, of a page that was read, is whether anything is different by it; None when it came too late to matter.
    """
    record, page = landing.record, landing.page
    if not record.url:
        return  # a message that names no page
    if isinstance(record, PageDropped):
        values = {**UNREAD, **_of_dropped(record)}
    elif page is not None:
        if record.visit.replayed and not has_news:
            return  # whoever replays the archive twice has no more to tell than before
        values = {**_of_parsed(record, page, has_news), "article_key": landing.article_key if page.article else None}
    else:
        raise TypeError("a parsed page has a parse result")
    connection.execute(INSERT_VISIT, {**_of_any(record), **values, "url_key": landing.key})


def _of_any(record: PageParsed | PageDropped) -> dict[str, Any]:
    return {
        "flight_id": record.flight_id,
        "source": clean(record.source),
        "batch": clean(record.batch),
        "found_on": clean(record.found_on),
        "of_source": record.visit.of_source,
        "is_replay": record.visit.replayed,
        "http_status": record.http_status,
        "final_url": clean(record.final_url),
        "content_type": clean(record.content_type),
        "body_bytes": record.body_bytes,
        "attempts": record.attempt,
        "earlier_attempts": as_json(record.earlier_attempts) if record.earlier_attempts else "[]",
        "archive": clean(record.archive),
    }


UNREAD = dict.fromkeys(
    (
        "parser_version",
        "page_type",
        "article_key",
        "has_title",
        "authors",
        "has_published",
        "body_chars",
        "headlines",
        "tickers",
    )
)


def _of_dropped(record: PageDropped) -> dict[str, Any]:
    return {
        "at": datetime.fromisoformat(record.fetched_at or record.dropped_at),
        "fate": record.fate,
        "reason": record.reason,
        "detail": clean(record.detail),
    }


def _of_parsed(record: PageParsed, page: ParsedPage, has_news: bool | None) -> dict[str, Any]:
    why = SUPERSEDED if has_news is None else {"reason": None, "detail": None}
    article = page.article
    return {
        "at": datetime.fromisoformat(record.fetched_at),
        "fate": "stored" if has_news else "unchanged",
        **why,
        "parser_version": page.parser_version,
        "page_type": page.page_type,
        "has_title": bool(article.title) if article else None,
        "authors": len(article.authors) if article else None,
        "has_published": article.published_at is not None if article else None,
        "body_chars": len(article.text) if article else None,
        "headlines": len(page.headlines),
        "tickers": _tickers(page.headlines),
    }


def _tickers(headlines: Sequence[Headline]) -> int:
    return sum(headline.kind == "ticker" for headline in headlines)
