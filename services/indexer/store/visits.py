"""One row per ended visit, whatever its fate: news.visits and `depeche trace` show these rows.

A row is added and never changed. Its key is flight and moment, so a message that comes again, in whatever order, adds
no row. Each row is a few hundred bytes; the page itself, which is long, is stored elsewhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from services.indexer.connection import Connection
from services.indexer.landing import Landing
from services.indexer.store.values import as_json, clean, columns, names
from shared.messages import PageDropped, PageParsed
from shared.parsed_page import Headline, ParsedPage

VISIT = """
    flight_id uuid, at timestamptz, source text, batch text, found_on text, of_source boolean, is_replay boolean,
    fate text, reason text, detail text, http_status integer, final_url text, content_type text, body_bytes integer,
    attempts integer, earlier_attempts jsonb, archive text, parser_version text, page_type text, has_title boolean,
    authors integer, has_published boolean, body_chars integer, headlines integer, tickers integer
"""
INSERT_VISITS = f"""
INSERT INTO depeche.visits (page_id, article_id, {names(VISIT)})
SELECT
    (SELECT page_id FROM depeche.pages p WHERE p.url_key = given.url_key),
    (SELECT article_id FROM depeche.articles a WHERE a.article_key = given.article_key),
    {names(VISIT)}
FROM jsonb_to_recordset(%(visits)s::jsonb) AS given (url_key uuid, article_key uuid, {VISIT})
ON CONFLICT (flight_id, at) DO NOTHING
"""

SUPERSEDED = {"reason": "superseded", "detail": "A later visit of the page had been stored before this one."}


NO_NEWS: Mapping[str, bool] = MappingProxyType({})


def note_visits(connection: Connection, landings: Iterable[Landing], has_news: Mapping[str, bool] = NO_NEWS) -> None:
    """Record how visits ended, once their pages have rows.

    `has_news` has the flights of the pages that were written, each with whether it brought anything new. A parsed page
    whose flight is missing there was superseded by a later visit.
    """
    visits = [row for landing in landings if (row := _row(landing, has_news.get(landing.record.flight_id)))]
    if visits:
        connection.execute(INSERT_VISITS, {"visits": as_json(visits)})


def _row(landing: Landing, has_news: bool | None) -> dict[str, Any] | None:
    record, page = landing.record, landing.page
    if not record.origin.url:
        return None  # the message names no page
    if isinstance(record, PageDropped):
        values = _of_dropped(record)
    elif page is not None:
        if record.origin.visit.replayed and not has_news:
            return None  # a replay that changes nothing, such as the second one of the same archive
        values = {**_of_parsed(record, page, has_news), "article_key": landing.article_key if page.article else None}
    else:
        raise TypeError("a parsed page has a parse result")
    return {**values, **_of_any(record), "url_key": landing.key}


def _of_any(record: PageParsed | PageDropped) -> dict[str, Any]:
    origin = record.origin
    return {
        **columns(origin, record.answer),
        "flight_id": record.flight_id,
        "of_source": origin.visit.of_source,
        "is_replay": origin.visit.replayed,
        "attempts": origin.attempt,
    }


def _of_dropped(record: PageDropped) -> dict[str, Any]:
    return {
        "at": datetime.fromisoformat(record.visited_at),
        "fate": record.fate,
        "reason": record.reason,
        "detail": clean(record.detail),
        "http_status": record.http_status,
    }


def _of_parsed(record: PageParsed, page: ParsedPage, has_news: bool | None) -> dict[str, Any]:
    why = SUPERSEDED if has_news is None else {"reason": None, "detail": None}
    article = page.article
    return {
        "at": datetime.fromisoformat(record.answer.fetched_at),
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
