"""Random visits of a few pages, many of which touch the same rows, and what they leave in a database."""

import random
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

import msgspec
import psycopg
from psycopg.rows import dict_row

from services.indexer.landing import Landing
from shared.failures import Fate
from shared.messages import Answer, Origin, PageDropped, PageParsed, Visit
from shared.parsed_page import Article, Headline, HeadlineKind, ParsedPage
from tests.support.pages import NOON

PAGES = [f"https://news.example/page-{number}" for number in range(5)]
# Half of the pages lead to an article of another address, some of them to that of another page.
CANONICAL = [None, None, None, "https://news.example/c1", "https://news.example/c2", *PAGES[:2]]
LISTS: list[tuple[HeadlineKind, str | None]] = [("ticker", "Live"), ("ticker", "Town"), ("most_read", None)]
HEADLINES = ["Harbour opens", "Bridge closes", "Mayor resigns", "HARBOUR opens", "Rain again"]
# Texts of three stories, and those of one that was edited.
TEXTS = ["The harbour has opened.", "And it has closed again.", "It rains."]
EDITS = ["The harbour has opened.", "The harbour has now opened.", "The harbour has opened at last."]
FATES = ["gone", "gone", "unchanged", "unchanged", "failed", "refused", "quarantined"]


class RandomVisits:
    """Visits in an order in which workers may send them: some older than those before, some repeated."""

    def __init__(self, seed: int, texts: Sequence[str] = TEXTS) -> None:
        self._texts = texts
        self._random = random.Random(seed)
        self._minutes = 0
        self._made: list[Landing] = []

    def batch(self) -> list[Landing]:
        """A few or many."""
        return [self._visit() for _ in range(self._random.choice([1, 2, 3, 5, 8, 20, 50]))]

    def _visit(self) -> Landing:
        choose = self._random
        if self._made and choose.random() < 0.1:
            return choose.choice(self._made[-30:])
        self._minutes += choose.choice([0, 1, 1, 2, 5])
        minutes = self._minutes - choose.choice([0, 0, 0, 0, 3, 15])
        at = (NOON + timedelta(minutes=minutes)).isoformat()
        facts = {
            "flight_id": str(uuid.UUID(int=choose.getrandbits(128))),
            "origin": Origin(url=choose.choice(PAGES), source=choose.choice([None, "one", "two"])),
        }
        landing = self._end(at, facts) if choose.random() < 0.35 else self._page(at, facts)
        self._made.append(landing)
        return landing

    def _end(self, at: str, facts: dict[str, Any]) -> Landing:
        fate = cast(Fate, self._random.choice(FATES))
        record = PageDropped(stage="fetch", fate=fate, reason="why", detail="Because.", dropped_at=at, **facts)
        return Landing(record=record, body=b"the page")

    def _page(self, at: str, facts: dict[str, Any]) -> Landing:
        choose, origin = self._random, facts["origin"]
        record = PageParsed(
            flight_id=facts["flight_id"],
            origin=msgspec.structs.replace(origin, visit=Visit(replayed=choose.random() < 0.1)),
            answer=Answer(
                final_url=origin.url, http_status=200, fetched_at=at, body_sha256=choose.choice(["", "one", "two"])
            ),
        )
        article = (
            Article(title=choose.choice(["A", "B"]), text=choose.choice(self._texts))
            if choose.random() < 0.75
            else None
        )
        page = ParsedPage(
            url=record.origin.url,
            canonical_url=choose.choice(CANONICAL),
            page_type="article" if article else "listing",
            article=article,
            headlines=self._headlines(),
            parser_version=choose.choice(["1", "2"]),
        )
        return Landing(record=record, page=page)

    def _headlines(self) -> list[Headline]:
        choose = self._random
        return [
            Headline(
                kind=kind, label=label, position=n, text=choose.choice(HEADLINES), url=choose.choice([None, *PAGES])
            )
            for kind, label in LISTS
            for n in range(1, choose.randrange(1, 6))
        ]


LEFT = {
    "pages": "SELECT * FROM depeche.pages ORDER BY url",
    "articles": "SELECT p.url AS page, a.* FROM depeche.articles a JOIN depeche.pages p USING (page_id)"
    " ORDER BY article_key",
    "versions": "SELECT a.article_key, v.* FROM depeche.article_versions v JOIN depeche.articles a USING (article_id)"
    " ORDER BY article_key, v.version",
    "changes": "SELECT a.article_key, array_agg(c.kind || c.version ORDER BY c.txid, c.change_id) AS kinds"
    " FROM depeche.changes c JOIN depeche.articles a USING (article_id) GROUP BY article_key ORDER BY article_key",
    "headlines": "SELECT p.url AS page, h.* FROM depeche.headlines h JOIN depeche.pages p USING (page_id)"
    " ORDER BY page, headline_key",
    "positions": "SELECT p.url AS page, h.headline_key, i.* FROM depeche.headline_positions i"
    " JOIN depeche.headlines h USING (headline_id) JOIN depeche.pages p USING (page_id)"
    " ORDER BY page, headline_key, from_at",
    "wordings": "SELECT p.url AS page, h.headline_key, w.* FROM depeche.headline_wordings w"
    " JOIN depeche.headlines h USING (headline_id) JOIN depeche.pages p USING (page_id)"
    " ORDER BY page, headline_key, from_at",
    "visits": "SELECT p.url AS page, a.article_key, v.* FROM depeche.visits v JOIN depeche.pages p USING (page_id)"
    " LEFT JOIN depeche.articles a USING (article_id) ORDER BY flight_id, at",
    "quarantine": "SELECT * FROM depeche.quarantine ORDER BY flight_id",
}
# Numbers and moments that are those of a database alone.
OWN = ("page_id", "article_id", "headline_id", "quarantine_id", "changed_in", "landed_at", "quarantined_at")


def left(connection: psycopg.Connection) -> dict[str, list[dict[str, Any]]]:
    """All that is stored, without what two databases cannot have in common."""
    found: dict[str, list[dict[str, Any]]] = {}
    with connection.cursor(row_factory=dict_row) as cursor:
        for name, query in LEFT.items():
            rows = cursor.execute(query.encode()).fetchall()
            found[name] = [{key: value for key, value in row.items() if key not in OWN} for row in rows]
    return found
