"""One row a visit that ended, whatever became of it: what news.visits and `depeche trace` tell of a page.

A row is added and never changed. It is told by flight and moment, so a message that comes again, in whatever order,
adds none. Each row is a few hundred bytes; what is long, the page itself, stands elsewhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from services.indexer.connection import Connection
from services.indexer.landing import Landing
from services.indexer.store.values import as_json, clean
from shared.messages import PageDropped, PageParsed
from shared.parsed_page import Headline, ParsedPage

INSERT_VISITS = """
INSERT INTO depeche.visits (
    page_id, flight_id, at, source, batch, found_on, of_source, is_replay, fate, reason, detail, http_status, final_url,
    content_type, body_bytes, attempts, earlier_attempts, archive, parser_version, page_type, article_id, has_title,
    authors, has_published, body_chars, headlines, tickers)
SELECT
    (SELECT page_id FROM depeche.pages p WHERE p.url_key = given.url_key), flight_id, at, source, batch, found_on,
    of_source, is_replay, fate, reason, detail, http_status, final_url, content_type, body_bytes, attempts,
    earlier_attempts, archive, parser_version, page_type,
    (SELECT article_id FROM depeche.articles a WHERE a.article_key = given.article_key), has_title, authors,
    has_published, body_chars, headlines, tickers
FROM jsonb_to_recordset(%(visits)s::jsonb) AS given (
    url_key uuid, flight_id uuid, at timestamptz, source text, batch text, found_on text, of_source boolean,
    is_replay boolean, fate text, reason text, detail text, http_status integer, final_url text, content_type text,
    body_bytes integer, attempts integer, earlier_attempts jsonb, archive text, parser_version text, page_type text,
    article_key uuid, has_title boolean, authors integer, has_published boolean, body_chars integer,
    headlines integer, tickers integer)
ON CONFLICT (flight_id, at) DO NOTHING
"""

SUPERSEDED = {"reason": "superseded", "detail": "A later visit of the page had been stored before this one."}


NO_NEWS: Mapping[str, bool] = MappingProxyType({})


def note_visits(connection: Connection, landings: Iterable[Landing], has_news: Mapping[str, bool] = NO_NEWS) -> None:
    """Note how visits ended, once their pages have rows.

    `has_news` has the flights of the pages that were read, each with whether anything is different by it; one that is
    not there came too late to matter.
    """
    visits = [row for landing in landings if (row := _row(landing, has_news.get(landing.record.flight_id)))]
    if visits:
        connection.execute(INSERT_VISITS, {"visits": as_json(visits)})


def _row(landing: Landing, has_news: bool | None) -> dict[str, Any] | None:
    record, page = landing.record, landing.page
    if not record.url:
        return None  # a message that names no page
    if isinstance(record, PageDropped):
        values = _of_dropped(record)
    elif page is not None:
        if record.visit.replayed and not has_news:
            return None  # whoever replays the archive twice has no more to tell than before
        values = {**_of_parsed(record, page, has_news), "article_key": landing.article_key if page.article else None}
    else:
        raise TypeError("a parsed page has a parse result")
    return {**_of_any(record), **values, "url_key": landing.key}


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
        "earlier_attempts": record.earlier_attempts,
        "archive": clean(record.archive),
    }


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
