"""Sources, from their file to rows in Postgres, through the real workers and a real tick."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest

from cli.stack.stack import Endpoints
from services.indexer.followers.source_coverage import count
from shared.broker.redis_client import connect_redis
from shared.sources.by_hand import ByHand
from shared.sources.log import SourceLog, SourceState
from tests.e2e.stack import Stack, running_stack
from tests.e2e.test_pages import feed, story
from tests.support.servers import PostgresForTests
from tests.support.site import Answer, Site
from tests.support.waiting import wait_until

TITLES = (
    "Harbour opens after nine years of work on the new quay",
    "Ferry to the islands keeps its Sunday crossing this winter",
    "Town council votes against a second tram line to Eastmoor",
    "Schools close early on Friday because of the coming storm",
)
XML = {"Content-Type": "application/xml"}


@pytest.fixture(scope="module")
def sources_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sources") / "sources.toml"
    path.write_text("", "utf-8")
    return path


@pytest.fixture(scope="module")
def stack(
    redis_server: str, postgres: PostgresForTests, tmp_path_factory: pytest.TempPathFactory, sources_file: Path
) -> Iterator[Stack]:
    """A stack of this module's own, with a sources file that each test writes anew."""
    redis_url = redis_server.removesuffix("/0") + "/2"
    connect_redis(redis_url).flushdb()
    with postgres.database() as database_url:
        endpoints = Endpoints(redis_url=redis_url, database_url=database_url)
        settings = {"DEPECHE_SOURCES": str(sources_file), "DEPECHE_FETCH_ATTEMPTS": "1"}
        with running_stack(tmp_path_factory.mktemp("stack"), endpoints, **settings) as stack:
            yield stack


@pytest.fixture(autouse=True)
def _no_sources_afterwards(sources_file: Path) -> Iterator[None]:
    yield
    sources_file.write_text("", "utf-8")


def source(name: str, url: str, **keys: object) -> str:
    lines = {"name": name, "url": url, "every": "1s", "revisit": [], **keys}
    shown = [
        f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}" for key, value in lines.items()
    ]
    return "\n".join(["[[source]]", *shown, ""])


def fates(stack: Stack) -> dict[str, str]:
    return {row["url"]: row["fate"] for row in stack.rows("SELECT url, fate FROM news.pages")}


def state(stack: Stack, name: str) -> SourceState | None:
    return SourceLog(stack.client).state_of(name)


def front(*links: str, head: str = "") -> bytes:
    lines = "".join(
        f'<article><h2><a href="{url}">{title}</a></h2></article>' for url, title in zip(links, TITLES, strict=True)
    )
    return f"<html><head><title>News</title>{head}</head><body><h1>News</h1>{lines}</body></html>".encode()


def test_new_stories_of_a_source_arrive_and_are_fetched_once(stack: Stack, site: Site, sources_file: Path) -> None:
    one, two = site.serve("/a/one", story("One")), site.serve("/a/two", story("Two"))
    site.serve("/a.xml", Answer(feed(one), headers=XML))
    sources_file.write_text(source("a", site.url("/a.xml")))
    wait_until(lambda: fates(stack).get(one) == "stored")
    site.serve("/a.xml", Answer(feed(one, two), headers=XML))
    wait_until(lambda: fates(stack).get(two) == "stored")
    visited = site.asked("/a.xml")
    wait_until(lambda: site.asked("/a.xml") > visited + 1)
    assert (site.asked("/a/one"), site.asked("/a/two")) == (1, 1)
    found = wait_until(lambda: state(stack, "a"))
    assert (found.stories, found.failures) == (2, 0)
    assert found.result in ("parsed", "unchanged")
    visits = stack.rows("SELECT page_url, of_source, fate FROM news.visits WHERE source = 'a'")
    assert {(row["page_url"], row["of_source"]) for row in visits} == {
        (site.url("/a.xml"), True),
        (one, False),
        (two, False),
    }
    assert [row["fate"] for row in visits if row["page_url"] == site.url("/a.xml")].count("stored") == 2


def test_a_page_leads_to_its_feed_and_an_index_to_its_sitemaps(stack: Stack, site: Site, sources_file: Path) -> None:
    fed, mapped = (site.serve(f"/b/{name}", story(name)) for name in ("fed", "mapped"))
    listed = [site.serve(f"/2025/05/harbour-report-{n}", story(f"Report {n}")) for n in range(len(TITLES))]
    head = '<link rel="alternate" type="application/rss+xml" href="/b.xml">'
    site.serve("/b/", front(*listed, head=head))
    site.serve("/b.xml", Answer(feed(fed), headers=XML))
    index = f"<sitemapindex><sitemap><loc>{site.url('/b/map.xml')}</loc></sitemap></sitemapindex>"
    site.serve("/b/index.xml", Answer(index.encode(), headers=XML))
    site.serve("/b/map.xml", Answer(f"<urlset><url><loc>{mapped}</loc></url></urlset>".encode(), headers=XML))
    sources_file.write_text(source("b", site.url("/b/"), every="1h") + source("bi", site.url("/b/index.xml")))
    wait_until(lambda: {fates(stack).get(url) for url in (fed, mapped, *listed)} == {"stored"})
    assert fates(stack).get(site.url("/b.xml")) is not None


def test_tags_and_what_each_channel_brings(stack: Stack, site: Site, sources_file: Path) -> None:
    old, both, only_fed = (
        site.serve(f"/2025/06/{name}", story(name)) for name in ("old-report", "shown-by-both", "only-fed")
    )
    standing = [site.serve(f"/2025/06/standing-report-{n}", story(f"Standing {n}")) for n in range(3)]
    site.serve("/g/", front(old, *standing))
    site.serve("/g.xml", Answer(feed(old), headers=XML))
    sources = source("g", site.url("/g/"), tags=["sport", "de"]), source("g-feed", site.url("/g.xml"), tags=["sport"])
    sources_file.write_text("".join(sources))
    wait_until(lambda: fates(stack).get(old) == "stored")
    wait_until(lambda: fates(stack).get(site.url("/g/")) and fates(stack).get(site.url("/g.xml")))
    site.serve("/g.xml", Answer(feed(old, both, only_fed), headers=XML))
    wait_until(lambda: fates(stack).get(both) == fates(stack).get(only_fed) == "stored")
    site.serve("/g/", front(both, old, *standing[1:]))
    shown = f"SELECT 1 FROM news.headlines WHERE page_url = '{site.url('/g/')}' AND url = '{both}'"
    wait_until(lambda: stack.rows(shown))
    with psycopg.connect(stack.endpoints.database_url, autocommit=True) as connection:
        count(connection)
    rows = stack.rows("SELECT source, channel, stories, first, only_there FROM news.source_coverage ORDER BY source")
    assert [tuple(row.values()) for row in rows if row["source"] in {"g", "g-feed"}] == [
        ("g", "front", 1, 0, 0),
        ("g-feed", "feed", 2, 2, 1),
    ]
    tagged = stack.rows("SELECT url, source_tags FROM news.articles WHERE source_tags @> '{sport}'")
    assert {row["url"]: row["source_tags"] for row in tagged}[only_fed] == ["sport"]
    sources_file.write_text(sources[0] + source("g-feed", site.url("/g.xml"), tags=["weather"]))
    wait_until(
        lambda: stack.rows(f"SELECT 1 FROM news.articles WHERE url = '{only_fed}' AND source_tags = '{{weather}}'")
    )


def test_a_failing_source_is_reported_and_recovers(stack: Stack, site: Site, sources_file: Path) -> None:
    url = site.serve("/c.xml", Answer(b"busy", 503))
    sources_file.write_text(source("c", url))
    failing = wait_until(lambda: (s := state(stack, "c")) and s.failures >= 2 and s)
    assert (failing.result, failing.reason) == ("failed", "http_503")
    assert failing.failing_since is not None
    assert failing.wait >= 2 * failing.interval
    site.serve("/c.xml", Answer(feed(), headers=XML))
    recovered = wait_until(lambda: (s := state(stack, "c")) and s.failures == 0 and s)
    assert (recovered.failing_since, recovered.reason) == (None, None)


def test_a_story_is_fetched_again_and_its_edit_is_stored(stack: Stack, site: Site, sources_file: Path) -> None:
    url = site.serve("/d/edited", story("Before"), story("After"))
    site.serve("/d.xml", Answer(feed(url), headers=XML))
    sources_file.write_text(source("d", site.url("/d.xml"), every="1h", revisit=["2s", "4s"]))
    titles = f"SELECT title FROM news.articles WHERE url = '{url}'"
    wait_until(lambda: [row["title"] for row in stack.rows(titles)] == ["After"])
    wait_until(lambda: site.asked("/d/edited") == 3)


def test_a_story_that_failed_is_not_hammered(stack: Stack, site: Site, sources_file: Path) -> None:
    url = site.serve("/e/broken", Answer(b"oops", 500))
    answers = [Answer(feed(url, site.url(f"/e/{n}")), headers=XML) for n in range(4)]
    site.serve("/e.xml", *answers)
    sources_file.write_text(source("e", site.url("/e.xml")))
    wait_until(lambda: site.asked("/e.xml") >= 5)
    assert (fates(stack)[url], site.asked("/e/broken")) == ("failed", 1)


def test_a_canonical_address_is_not_fetched_again(stack: Stack, site: Site, sources_file: Path) -> None:
    canonical = site.serve("/f/harbour-opens", story("Harbour opens again"))
    link = f'<link rel="canonical" href="{canonical}"></head>'.encode()
    page = story("Harbour opens again").replace(b"</head>", link)
    short = site.serve("/f/s12", page)
    site.serve("/f.xml", Answer(feed(short), headers=XML))
    sources_file.write_text(source("f", site.url("/f.xml")))
    wait_until(lambda: fates(stack).get(short) == "stored")
    other = site.serve("/f/other", story("Other"))
    site.serve("/f.xml", Answer(feed(short, canonical, other), headers=XML))
    wait_until(lambda: fates(stack).get(other) == "stored")
    assert site.asked("/f/harbour-opens") == 0


def test_a_source_has_its_own_headers(stack: Stack, site: Site, sources_file: Path) -> None:
    url = site.serve("/g.xml", Answer(feed(), headers=XML))
    sources_file.write_text(source("g", url, user_agent="Desk/1") + '[source.headers]\nX-Key = "k"\n')
    headers = wait_until(lambda: site.headers_of("/g.xml"))
    assert (headers["User-Agent"], headers["X-Key"]) == ("Desk/1", "k")


def test_visits_go_on_after_the_tick_and_the_fetcher_were_killed(stack: Stack, site: Site, sources_file: Path) -> None:
    urls = [site.serve(f"/h/{n}", story(f"Report {n}")) for n in range(6)]
    site.serve("/h.xml", *(Answer(feed(*urls[: n + 1]), headers=XML) for n in range(6)))
    sources_file.write_text(source("h", site.url("/h.xml")))

    def visited_again(before: int) -> bool:
        stack.workers.mend(lambda _sentence: None)
        return site.asked("/h.xml") > before

    for worker in ("tick", "fetcher"):
        wait_until(partial(visited_again, site.asked("/h.xml")))
        stack.kill(worker)

    def all_stored() -> bool:
        stack.workers.mend(lambda _sentence: None)
        return {fates(stack).get(url) for url in urls} == {"stored"}

    wait_until(all_stored)
    # What the killed fetcher was about to hand on is asked for once more.
    assert all(site.asked(f"/h/{n}") <= 2 for n in range(6))


def test_a_paused_source_is_left_alone_until_it_is_resumed(stack: Stack, site: Site, sources_file: Path) -> None:
    one, two = site.serve("/i/one", story("One")), site.serve("/i/two", story("Two"))
    site.serve("/i.xml", Answer(feed(one), headers=XML))
    other = source("j", site.serve("/j.xml", Answer(feed(), headers=XML)))
    sources_file.write_text(source("i", site.url("/i.xml")))
    wait_until(lambda: fates(stack).get(one) == "stored")
    assert ByHand(stack.client).pause("i", None)
    stack.kill("tick")
    sources_file.write_text(source("i", site.url("/i.xml")) + other)

    def others_were_visited(times: int) -> bool:
        stack.workers.mend(lambda _sentence: None)
        return site.asked("/j.xml") > times

    wait_until(partial(others_were_visited, 0))
    visited = site.asked("/i.xml")
    site.serve("/i.xml", Answer(feed(one, two), headers=XML))
    wait_until(partial(others_were_visited, site.asked("/j.xml") + 2))
    assert site.asked("/i.xml") == visited
    assert ByHand(stack.client).resume("i")
    wait_until(lambda: fates(stack).get(two) == "stored")
