"""What each channel of a site brings, and what it alone brings, is counted story by story."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from services.indexer.followers.source_coverage import count
from services.indexer.followers.source_health import look
from services.indexer.index import Indexer
from shared.messages import Visit
from shared.parsed_page import Headline
from tests.support.flights import message_of
from tests.support.pages import Flights, article, page
from tests.support.records import changed

FRONT, FEED, SITEMAP = "https://beacon.example/", "https://beacon.example/rss.xml", "https://beacon.example/news.xml"
SOURCES = {"beacon": FRONT, "beacon-feed": FEED, "beacon-sitemap": SITEMAP}
TYPES = {FRONT: "listing", FEED: "feed", SITEMAP: "sitemap"}
START = datetime.now(UTC) - timedelta(days=2)


def story(number: int) -> str:
    return f"https://beacon.example/2026/05/story-{number}"


class Desk:
    """Stores visits of a site's lists and articles, `minutes` after two days ago."""

    def __init__(self, indexer: Indexer, flights: Flights, database: psycopg.Connection) -> None:
        self._indexer, self._flights, self.database = indexer, flights, database

    def shows(self, source: str, stories: Sequence[int], minutes: float, url: str | None = None, **facts: Any) -> None:
        """A visit of the source's own page, or of a feed that it led to."""
        url = url or SOURCES[source]
        kind = TYPES.get(url, "feed")
        listed = [
            Headline(kind="feed", position=n, text=f"Story {number}", url=story(number))
            for n, number in enumerate(stories, start=1)
        ]
        parsed = page(listed, page_type=kind, article=None, url=url)
        self._store(url, parsed, minutes, source=source, visit=Visit(of_source=url == SOURCES[source]), **facts)

    def reads(self, *stories: int, minutes: float = 1, **fields: Any) -> None:
        """Visits of stories."""
        for number in stories:
            parsed = page([], **{"article": article(f"What story {number} tells."), **fields})
            self._store(story(number), parsed, minutes, source="beacon", found_on=FRONT)

    def _store(self, url: str, parsed: Any, minutes: float, **origin: Any) -> None:
        record = self._flights.stand(url, parsed)
        at = (START + timedelta(minutes=minutes)).isoformat()
        self._indexer.run(message_of(changed(record, fetched_at=at, **origin)))

    def coverage(self) -> dict[tuple[str, str], tuple[Any, ...]]:
        """(source, channel) -> stories, those first there, those there alone, minutes of head start."""
        count(self.database)
        with self.database.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute("SELECT * FROM news.source_coverage").fetchall()
        return {
            (row["source"], row["channel"]): (
                row["stories"],
                row["first"],
                row["only_there"],
                row["head_start"] and row["head_start"].total_seconds() / 60,
            )
            for row in rows
        }


@pytest.fixture
def desk(indexer: Indexer, flights: Flights, database: psycopg.Connection) -> Desk:
    return Desk(indexer, flights, database)


def test_a_feed_that_brings_what_the_front_never_shows(desk: Desk) -> None:
    desk.shows("beacon", [1], 0)
    desk.shows("beacon-feed", [1, 2], 1)  # the backlog of both counts for neither
    desk.shows("beacon-feed", [3, 4, 5, 1], 10)
    desk.shows("beacon", [3, 6, 1], 30)
    desk.shows("beacon", [4, 6], 40)
    desk.shows("beacon-feed", [3, 4, 5, 6], 45)
    desk.reads(1, 2, 3, 4, 5, 6)
    assert desk.coverage() == {
        ("beacon", "front"): (3, 1, 0, 15.0),
        ("beacon-feed", "feed"): (4, 3, 1, 25.0),
    }


def test_a_site_with_one_channel_compares_nothing(desk: Desk) -> None:
    desk.shows("beacon", [1], 0)
    desk.shows("beacon", [2, 3], 10)
    desk.reads(1, 2, 3)
    assert desk.coverage() == {("beacon", "front"): (2, None, None, None)}


def test_a_feed_that_the_front_names_is_a_channel_of_the_same_source(desk: Desk) -> None:
    further = "https://beacon.example/further.xml"
    for minutes, front, feed in ((0, [1], [1]), (10, [2], [2, 3]), (20, [2], [2, 3, 4])):
        desk.shows("beacon", front, minutes)
        desk.shows("beacon", feed, minutes + 1, url=further)
    desk.reads(1, 2, 3, 4)
    assert desk.coverage() == {("beacon", "front"): (1, 1, 0, 1.0), ("beacon", "feed"): (3, 2, 2, None)}


def test_a_sitemap_beside_them(desk: Desk) -> None:
    for source in SOURCES:
        desk.shows(source, [], 0)
    desk.shows("beacon-sitemap", [1, 2, 3], 10)
    desk.shows("beacon-feed", [1, 2], 20)
    desk.shows("beacon", [1], 30)
    desk.reads(1, 2, 3)
    assert desk.coverage() == {
        ("beacon", "front"): (1, 0, 0, None),
        ("beacon-feed", "feed"): (2, 0, 0, None),
        ("beacon-sitemap", "sitemap"): (3, 3, 1, 10.0),
    }


def test_two_fronts_are_one_channel(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    politics = "https://www.beacon.example/politics"
    monkeypatch.setitem(SOURCES, "politics", politics)
    monkeypatch.setitem(TYPES, politics, "listing")
    for source in ("beacon", "beacon-feed", "politics"):
        desk.shows(source, [], 0)
    desk.shows("politics", [1, 2], 10)
    desk.shows("beacon", [1], 20)
    desk.shows("beacon-feed", [2], 30)
    desk.reads(1, 2)
    assert desk.coverage() == {
        ("beacon", "front"): (1, 0, 1, None),
        ("politics", "front"): (2, 2, 1, 20.0),
        ("beacon-feed", "feed"): (1, 0, 0, None),
    }


def test_only_what_was_asked_for_and_is_a_story_counts(desk: Desk) -> None:
    desk.shows("beacon", [], 0)
    desk.shows("beacon", [1, 2, 3], 10)
    desk.reads(1)
    desk.reads(2, page_type="listing")
    assert desk.coverage()["beacon", "front"][0] == 1


def test_two_addresses_of_a_story_are_one(desk: Desk) -> None:
    desk.shows("beacon", [], 0)
    desk.shows("beacon-feed", [], 0)
    desk.shows("beacon-feed", [1], 10)
    desk.shows("beacon", [2], 20)
    desk.reads(1)
    desk.reads(2, canonical_url=story(1), article=article("What story 1 tells."))
    assert desk.coverage() == {("beacon", "front"): (1, 0, 0, None), ("beacon-feed", "feed"): (1, 1, 0, 10.0)}


def test_what_a_list_showed_when_it_was_read_first_is_backlog_even_if_a_visit_failed_before(
    desk: Desk, database: psycopg.Connection
) -> None:
    desk.shows("beacon", [], 0)
    desk.shows("beacon-feed", [1, 2], 10)
    database.execute(
        "UPDATE depeche.pages SET first_seen_at = first_seen_at - interval '9 minutes' WHERE page_type = 'feed'"
    )
    desk.shows("beacon-feed", [1, 2, 3], 20)
    desk.reads(1, 2, 3)
    assert desk.coverage()["beacon-feed", "feed"] == (1, 1, 1, None)


def test_a_story_that_has_gone_from_the_list_still_counts_and_one_of_last_month_does_not(
    desk: Desk, database: psycopg.Connection
) -> None:
    month = -30 * 24 * 60
    desk.shows("beacon", [], month)
    desk.shows("beacon", [1, 2], month + 10)
    desk.shows("beacon", [2, 3], 0)
    desk.shows("beacon", [], 10)
    desk.reads(1, 2, 3)
    assert desk.coverage()["beacon", "front"][0] == 1
    (since,) = database.execute("SELECT since FROM news.source_coverage").fetchone() or (None,)
    assert datetime.now(UTC) - since < timedelta(days=7, minutes=5)


def test_a_story_that_another_list_has_shown_for_longer_is_not_new(desk: Desk) -> None:
    """As in a sitemap of everything, under the address that the article itself names."""
    month = -30 * 24 * 60
    desk.shows("beacon", [], month)
    desk.shows("beacon-sitemap", [1, 2], month)
    desk.shows("beacon-sitemap", [1, 2], 0)
    desk.shows("beacon", [1, 3, 4], 0)
    desk.reads(1, 2, 3)
    desk.reads(4, canonical_url=story(2), article=article("What story 2 tells."))
    assert desk.coverage()["beacon", "front"] == (1, 1, 1, None)


def test_a_source_that_is_not_visited_any_more_is_left_out(desk: Desk, database: psycopg.Connection) -> None:
    desk.shows("beacon", [1], 0)
    assert list(desk.coverage()) == [("beacon", "front")]
    database.execute("UPDATE depeche.pages SET decided_at = decided_at - interval '8 days'")
    database.execute("UPDATE depeche.source_coverage SET counted_at = counted_at - interval '25 hours'")
    assert desk.coverage() == {}


def test_counting_again_writes_only_what_is_different(desk: Desk, database: psycopg.Connection) -> None:
    version = "SELECT source, xmin::text FROM depeche.source_coverage ORDER BY source"
    desk.shows("beacon", [], 0)
    desk.shows("beacon-feed", [], 0)
    desk.coverage()
    before = dict(database.execute(version).fetchall())
    desk.coverage()
    assert dict(database.execute(version).fetchall()) == before
    desk.shows("beacon-feed", [1], 10)
    desk.reads(1)
    desk.coverage()
    assert dict(database.execute(version).fetchall())["beacon-feed"] != before["beacon-feed"]


def test_source_health_has_the_share_of_the_site(desk: Desk, database: psycopg.Connection) -> None:
    desk.shows("beacon", [], 0)
    desk.shows("beacon-feed", [], 0)
    desk.shows("beacon-feed", [1, 2, 3], 10)
    desk.shows("beacon", [1, 4], 10)
    desk.reads(1, 2, 3, 4)
    desk.coverage()
    look(database)
    shares = database.execute("SELECT DISTINCT source, coverage FROM news.source_health ORDER BY source").fetchall()
    assert shares == [("beacon", 0.5), ("beacon-feed", 0.75)]


def test_the_rights_of_an_indexer_are_enough(desk: Desk, database: psycopg.Connection) -> None:
    desk.shows("beacon", [1], 0)
    database.execute("SET ROLE depeche_writer")
    count(database)
    database.execute("RESET ROLE")
    assert database.execute("SELECT source FROM news.source_coverage").fetchall() == [("beacon",)]
