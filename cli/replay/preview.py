"""What a replay would change, field by field, before anything is written.

Each page goes through the parser and the indexer's own statements, in a transaction that is always rolled back. So the
preview shows exactly what they would do, and their rules are not written a second time.
"""

import datetime as dt
import json
from collections import Counter
from typing import Any, NamedTuple, Self

import psycopg
from psycopg.rows import dict_row

from cli.output import Row, as_text, console, print_json
from services.indexer.errors import postgres_failures
from services.indexer.index import store_parsed
from services.indexer.landing import Landing
from services.indexer.schema.migrate import connect
from services.parser.page import parse_page
from services.parser.site_rules.rules import SiteRules
from shared.failures import ServerUnavailable, UserError
from shared.flight.stage import settle
from shared.messages import PageDropped, PageFetched, PageParsed
from shared.urls import url_key

PAGE = """
SELECT page_id, page_type, language, canonical_url, final_url, content_type
FROM news.pages WHERE url_key = %(key)s::uuid
"""
ARTICLE = """
SELECT title, lead, kicker, authors, publisher, section, tags, language, published_at, published_precision, modified_at,
       modified_precision, source_url, truncated, paywalled, consent_wall, live_blog, body, blocks, images,
       next_page_url
FROM news.articles WHERE article_id = %(article_id)s
"""
ARTICLE_OF = "SELECT article_id FROM news.articles WHERE page_id = %(page_id)s ORDER BY fetched_at DESC LIMIT 1"
HEADLINES = """
SELECT headline_id, kind, label, position, text, url, language, published_at, is_self
FROM news.headlines WHERE page_id = %(page_id)s AND gone_at IS NULL
"""
SHOWN_CHARS = 160


class Seen(NamedTuple):
    """The result that a replay of a page would have, and the fields that it would change."""

    outcome: str
    changes: list[Row]


class Preview:
    """Shows the changes of one page after another; `outcomes` and `fields` count them."""

    def __init__(self, database_url: str, rules: SiteRules, *, as_json: bool) -> None:
        self._connection = connect(database_url)
        self._rules = rules
        self._as_json = as_json
        self.outcomes: Counter[str] = Counter()
        self.fields: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._connection.close()

    def show(self, fetched: PageFetched, body: bytes) -> None:
        """Parse the page and show what a replay would change."""
        try:
            done = settle("parse", fetched, lambda fetched: self._seen(fetched, body))
        except ServerUnavailable as error:
            raise UserError(str(error)) from error
        if isinstance(done, Seen):
            self._print(done, fetched)
        elif isinstance(done, PageDropped):
            change = {"field": "fate", "before": None, "after": f"{done.fate} ({done.reason}): {done.detail}"}
            self._print(Seen(done.fate, [change]), fetched)
        else:
            raise TypeError("parsing is not retried")

    def _seen(self, fetched: PageFetched, body: bytes) -> Seen:
        answer = fetched.answer
        visited_at = dt.datetime.fromisoformat(answer.fetched_at)
        rule = self._rules.rule_for(answer.final_url, visited_at.date())
        page = parse_page(
            body, url=answer.final_url, content_type=answer.content_type, visited_at=visited_at, rule=rule
        )
        with postgres_failures(), self._connection.transaction(force_rollback=True):
            return self._changes(Landing(record=PageParsed.of(fetched), page=page))

    def _changes(self, landing: Landing) -> Seen:
        key = url_key(landing.record.origin.url)
        with self._connection.cursor(row_factory=dict_row) as cursor:
            with self._connection.transaction(force_rollback=True):
                rows = store_parsed(self._connection, [landing])
                if not rows:
                    return Seen("older", [])
                stored = rows[0]
                article = cursor.execute(ARTICLE_OF, {"page_id": stored.page_id}).fetchone() or {"article_id": None}
                after = _state(cursor, key, article["article_id"])
            before = _state(cursor, key, article["article_id"])
        changes = [change for part in ("page", "article") for change in _fields(part, before[part], after[part])]
        changes += _headlines(before["headlines"], after["headlines"])
        if stored.is_new:
            return Seen("new", changes)
        return Seen("changed" if changes else "same", changes)

    def _print(self, seen: Seen, fetched: PageFetched) -> None:
        outcome, changes = seen
        self.outcomes[outcome] += 1
        for field in {change["field"] for change in changes}:
            self.fields[field] += 1
        if not changes:
            return
        url, answer = fetched.origin.url, fetched.answer
        facts = {"url": url, "fetched_at": answer.fetched_at, "archive": answer.archive, "outcome": outcome}
        if self._as_json:
            print_json({**facts, "changes": changes})
            return
        console.print(as_text(f"{url}  ({outcome}, {answer.archive})"), style="bold", soft_wrap=True)
        for change in changes:
            console.print(as_text(_line(change)), soft_wrap=True)


def _state(cursor: "psycopg.Cursor[Row]", key: str, article_id: int | None) -> dict[str, Any]:
    page = cursor.execute(PAGE, {"key": key}).fetchone()
    article = cursor.execute(ARTICLE, {"article_id": article_id}).fetchone()
    headlines = cursor.execute(HEADLINES, {"page_id": page["page_id"] if page else None}).fetchall()
    return {
        "page": page or {},
        "article": article or {},
        "headlines": {row.pop("headline_id"): row for row in headlines},
    }


def _fields(part: str, before: Row, after: Row) -> list[Row]:
    names = [name for name in after or before if name != "page_id"]
    return [
        {"field": f"{part}.{name}", "before": before.get(name), "after": after.get(name)}
        for name in names
        if before.get(name) != after.get(name)
    ]


def _headlines(before: dict[int, Row], after: dict[int, Row]) -> list[Row]:
    return [
        {"field": "headline", "before": before.get(number), "after": after.get(number)}
        for number in sorted(before.keys() | after.keys())
        if before.get(number) != after.get(number)
    ]


def _line(change: Row) -> str:
    before, after = (_plain(change[side]) for side in ("before", "after"))
    same = 0
    for a, b in zip(before, after, strict=False):
        if a != b:
            break
        same += 1
    start = max(0, same - SHOWN_CHARS // 4)
    return f"  {change['field']}: {_cut(before, start)} → {_cut(after, start)}"


def _plain(value: object) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _cut(text: str, start: int) -> str:
    """Return the text around the place where it begins to differ from the other text."""
    end = start + SHOWN_CHARS
    return ("…" if start else "") + text[start:end] + ("…" if len(text) > end else "")
