"""The archive of a running stack: what is kept of each visit, and a database filled anew from it."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from warcio.archiveiterator import ArchiveIterator

from cli.stack.stack import Endpoints
from services.fetcher.archive.warc_pages import ArchivedPage, read_pages
from shared.broker.redis_client import connect_redis
from shared.messages import FetchRequest, Origin
from tests.e2e.stack import Stack, running_stack
from tests.e2e.test_crashes import asked, mended
from tests.e2e.test_pages import story
from tests.support.running import depeche
from tests.support.servers import PostgresForTests
from tests.support.site import Answer, Site
from tests.support.waiting import wait_until

ARTICLES = "SELECT url, title, source, body, fetched_at FROM news.articles ORDER BY url"


@pytest.fixture(scope="module")
def stack(redis_server: str, postgres: PostgresForTests, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    redis_url = redis_server.removesuffix("/0") + "/2"
    connect_redis(redis_url).flushdb()
    home = tmp_path_factory.mktemp("stack")
    with postgres.database() as database_url:
        endpoints = Endpoints(redis_url=redis_url, database_url=database_url)
        settings = {"DEPECHE_ARCHIVE": str(home / "archive"), "DEPECHE_ARCHIVE_MIN_FREE": "0"}
        with running_stack(home, endpoints, **settings) as stack:
            yield stack


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, stack: Stack) -> Any:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEPECHE_REDIS_URL", stack.endpoints.redis_url)
    monkeypatch.setenv("DEPECHE_DATABASE_URL", stack.endpoints.database_url)
    return lambda *arguments: depeche(monkeypatch, capsys, *arguments)


def files(stack: Stack) -> list[Path]:
    return sorted((stack.home / "archive").glob("*.warc.gz"))


def pages(stack: Stack) -> list[ArchivedPage]:
    return [p for file in files(stack) for p in read_pages(file, max_bytes=1 << 20) if isinstance(p, ArchivedPage)]


def kinds(stack: Stack) -> Counter[str]:
    found: Counter[str] = Counter()
    for file in files(stack):
        with file.open("rb") as stream:
            found.update(record.rec_type for record in ArchiveIterator(stream))
    return found


def test_a_database_is_filled_anew_from_the_archive(stack: Stack, site: Site, run: Any) -> None:
    moved = site.serve("/moved", Answer(b"", 301, {"Location": "/two"}))
    first = site.serve("/one", Answer(story("One"), headers={"Content-Type": "text/html", "ETag": '"1"'}))
    site.serve("/two", story("Two"))
    for _ in range(2):
        rows = stack.land(*(FetchRequest(origin=Origin(url=url, source="harbours")) for url in (first, moved)))
    assert rows[moved]["fate"] == rows[first]["fate"] == "unchanged"
    before = stack.rows(ARTICLES)
    assert [row["title"] for row in before] == ["One", "Two"]
    assert {rows[first]["archive"], rows[moved]["archive"]} == {page.answer.archive for page in pages(stack)}
    assert kinds(stack)["revisit"] == 2

    asked = site.asked("/one")
    with psycopg.connect(stack.endpoints.database_url) as connection:
        connection.execute("TRUNCATE depeche.pages CASCADE")
    ran = run("replay", "--json", *map(str, files(stack)))
    (total,) = [json.loads(line) for line in ran.out.splitlines()]
    assert (ran.status, total["pages"], total["fates"]) == (0, 2, {"stored": 2})
    assert stack.rows(ARTICLES) == before
    assert site.asked("/one") == asked
    again = json.loads(run("replay", "--json", *map(str, files(stack))).out)
    assert again["fates"] == {"unchanged": 2}
    assert stack.rows(ARTICLES) == before


def test_pages_of_fetchers_that_are_killed_land_and_what_they_kept_is_readable(stack: Stack, site: Site) -> None:
    urls = [site.serve(f"/crash/{number}", story(f"Story {number}")) for number in range(60)]
    stack.ledger.accept([FetchRequest(origin=Origin(url=url)) for url in urls])
    for milestone in (3, 20):
        wait_until(lambda n=milestone: asked(site, urls) >= n, what="the middle of it")
        pid = stack.kill("fetcher")
        wait_until(lambda killed=pid: mended(stack, "fetcher", killed), what="a new fetcher")
    stack.wait_until_landed()
    rows = {r["url"]: r for r in stack.rows("SELECT url, fate, archive FROM news.pages WHERE url LIKE '%/crash/%'")}
    assert {url: row["fate"] for url, row in rows.items()} == dict.fromkeys(urls, "stored")
    kept = {page.answer.archive: page.origin.url for page in pages(stack)}
    assert {url: kept.get(row["archive"]) for url, row in rows.items()} == {url: url for url in urls}


def test_a_replay_and_fetches_of_the_same_pages_at_the_same_time(stack: Stack, site: Site, run: Any) -> None:
    urls = [site.serve(f"/both/{n}", story(f"Old {n}"), story(f"New {n}")) for n in range(40)]
    stack.land(*urls)
    old = files(stack)
    stack.ledger.accept([FetchRequest(origin=Origin(url=url)) for url in urls])
    ran = run("replay", "--json", "--url-prefix", site.url("/both/"), *map(str, old))
    assert ran.status == 0
    stack.wait_until_landed()
    titles = stack.rows("SELECT title FROM news.articles WHERE url LIKE '%/both/%'")
    assert sorted(row["title"] for row in titles) == sorted(f"New {n}" for n in range(40))
    assert stack.client.keys("depeche:page:*") == [], "no page is left behind in Redis"
