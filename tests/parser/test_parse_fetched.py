"""A fetched page is read by the site rule of its day."""

from pathlib import Path

import msgspec
import pytest
import redis
from structlog.testing import capture_logs

from services.parser.page_limits import PageLimits
from services.parser.parse import PageParser
from services.parser.site_rules.rules import SiteRules, read_rules
from shared.flight.page_store import PageStore
from shared.messages import Answer, Origin, PageFetched
from shared.parsed_page import ParsedPage

FOLDER = Path(__file__).parent / "rules"
URL = "https://www.gazette.example/news/ferry-timetable-changes-2210.html"
TITLE_BY_RULE = "Night ferry to keep its Sunday crossing"


@pytest.fixture
def store(client: "redis.Redis") -> PageStore:
    return PageStore(client)


def title_of(store: PageStore, *, fetched_at: str, page: bytes | None = None) -> str | None:
    body = page if page is not None else (FOLDER / "gazette.example.html").read_bytes()
    store.put_many("page", {"f1": body})
    fetched = PageFetched(
        flight_id="f1", origin=Origin(url=URL), answer=Answer(final_url=URL, http_status=200, fetched_at=fetched_at)
    )
    rules = SiteRules(read_rules(FOLDER / "site_rules.toml"))
    outcome = PageParser(store=store, rules=rules, limits=PageLimits(cpu_s=60, memory=1 << 30)).parse(fetched)
    assert outcome.body is not None
    article = msgspec.json.decode(outcome.body, type=ParsedPage).article
    return article.title if article is not None else None


def test_the_day_of_the_fetch_decides(store: PageStore) -> None:
    assert title_of(store, fetched_at="2026-09-01T00:00:10+00:00") == TITLE_BY_RULE
    assert title_of(store, fetched_at="2026-08-31T23:59:50+00:00") not in (TITLE_BY_RULE, None)


def test_a_rule_that_has_grown_old_is_logged_with_its_keys(store: PageStore) -> None:
    page = (FOLDER / "gazette.example.html").read_bytes().replace(b'"hl"', b'"headline"')
    with capture_logs() as logs:
        title_of(store, fetched_at="2026-10-05T08:00:00+00:00", page=page)
    event = {
        "event": "site_rule_stale",
        "log_level": "info",
        "url": URL,
        "rule": "gazette.example/news/",
        "keys": ["title"],
    }
    assert logs == [event]


def test_a_rule_that_fits_is_not(store: PageStore) -> None:
    with capture_logs() as logs:
        title_of(store, fetched_at="2026-10-05T08:00:00+00:00")
    assert logs == []


def test_a_broken_feed_is_logged_with_what_was_mended(store: PageStore) -> None:
    feed = b"<rss><channel>\n<item><title>Salt & fish</title><link>https://www.gazette.example/1</link></item>"
    with capture_logs() as logs:
        title_of(store, fetched_at="2026-10-05T08:00:00+00:00", page=feed)
    assert [(log["event"], log["entries"], log["fault"], log["stopped_at"]) for log in logs] == [
        ("feed_broken", 1, "a bare &", 2)
    ]
