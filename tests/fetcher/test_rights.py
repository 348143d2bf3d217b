"""What is said of a page's use comes with its answer; where a source asks to respect it, it keeps the page out."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import redis

from services.fetcher.app import make_politeness
from services.fetcher.archive.archive import Archive
from services.fetcher.archive.warc_pages import ArchivedPage, read_pages
from services.fetcher.download.download import Downloader
from services.fetcher.fetch import Fetcher
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.options import NO_OPTIONS, SourceOptions
from services.fetcher.validators import PageMemory
from shared.flight.outcome import Outcome
from shared.messages import PageDropped
from shared.per_thread import PerThread
from shared.rights import Rights, Statement
from shared.urls import host_of
from tests.fetcher.download.test_download import OPTIONS
from tests.fetcher.test_validators import Visits
from tests.support.site import Answer, Site

HTML = {"Content-Type": "text/html"}
STORY = "<!doctype html><head>{}<title>Havna</title><body><p>Havna er åpnet."
META = '<meta name="robots" content="max-snippet:-1"><meta name="tdm-reservation" content="{}">'
ROBOTS = b"License: https://avisen.example/l.xml\nUser-agent: *\nContent-Signal: search=yes\n"
RESPECT = SourceOptions(rights="respect")


@pytest.fixture
def visits(client: "redis.Redis", tmp_path: Path) -> Iterator[Visits]:
    """Of a fetcher that archives; it respects what is said where the source has the name "respect"."""
    downloader = Downloader(replace(OPTIONS, keep_raw=True))
    archive = Archive(tmp_path / "archive", max_bytes=1 << 20, min_free=0, software="test")
    fetcher = Fetcher(
        downloaders=PerThread(lambda: downloader),
        politeness=make_politeness(client, FetcherSettings(host_delay=0, host_connections=0), host_of),
        memory=PageMemory(client),
        options_of=lambda source: RESPECT if source == "respect" else NO_OPTIONS,
        archive=archive,
    )
    yield Visits(client, fetcher)
    archive.close()
    downloader.close()


def archived(folder: Path) -> list[ArchivedPage]:
    files = sorted((folder / "archive").glob("*"))
    return [page for f in files for page in read_pages(f, max_bytes=1 << 20) if isinstance(page, ArchivedPage)]


def page(meta: str = "", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(STORY.format(meta).encode(), headers={**HTML, **named})


def test_all_that_is_said_comes_with_the_answer(visits: Visits, site: Site, tmp_path: Path) -> None:
    site.serve("/robots.txt", ROBOTS)
    site.serve("/.well-known/tdmrep.json", b'[{"location": "/", "tdm-reservation": 1}]')
    url = site.serve("/havna", page(META.format("0"), X_Robots_Tag="noarchive"))
    end = visits.fetch(url)
    assert isinstance(end, Outcome)
    by_page = {
        "x_robots_tag": (Statement(said="noarchive", where="header"),),
        "meta_robots": (Statement(said="max-snippet:-1", where="meta"),),
    }
    meta = Statement(said="0", where="meta")
    assert end.record.answer.rights == Rights(
        tdm_reservation=(meta, Statement(said="1", where="tdmrep.json", path="/")),
        content_signal=(Statement(said="search=yes", where="robots.txt", to="*"),),
        license=(Statement(said="https://avisen.example/l.xml", where="robots.txt"),),
        **by_page,
    )
    (kept,) = archived(tmp_path)
    assert kept.answer.rights == Rights(tdm_reservation=(meta,), **by_page), "the archive has the page alone"


def test_nothing_said_is_nothing(visits: Visits, site: Site) -> None:
    end = visits.fetch(site.serve("/havna", page()))
    assert isinstance(end, Outcome)
    assert end.record.answer.rights is None


@pytest.mark.parametrize(
    ("said", "names"),
    [
        (page(META.format("1")), '"tdm-reservation: 1" in a meta element'),
        (page(TDM_Reservation="1"), '"tdm-reservation: 1" in a header'),
        (page(X_Robots_Tag="Depeche: noarchive"), '"X-Robots-Tag: Depeche: noarchive" in a header'),
        (page(), '"Content-Signal: ai-train=no" in its site\'s robots.txt for /havn'),
    ],
)
def test_a_source_may_ask_to_respect_it(said: Answer, names: str, visits: Visits, site: Site, tmp_path: Path) -> None:
    site.serve("/robots.txt", b"User-agent: *\nContent-Signal: /havn ai-train=no\n" if said == page() else b"")
    url = site.serve("/havna", said)
    end = visits.land(visits.fetch(url, source="respect"))
    assert isinstance(end, PageDropped)
    assert (end.fate, end.reason, end.answer.http_status) == ("refused", "rights_reserved", 200)
    assert end.detail == f'{url} is not stored, as its source has rights = "respect": it says {names}.'
    assert end.answer.rights is not None
    assert end.answer.archive is None
    assert archived(tmp_path) == []
    assert isinstance(visits.fetch(url, source="another"), Outcome)


def test_what_a_page_said_holds_when_it_is_unchanged(visits: Visits, site: Site) -> None:
    said = page(META.format("1"), ETag='"1"')
    url = site.serve("/havna", said, Answer(b"", 304, {"X-Robots-Tag": "noai"}), said)
    first = visits.land(visits.fetch(url))
    again = visits.land(visits.fetch(url))
    assert isinstance(first, Outcome)
    assert isinstance(again, PageDropped)
    assert (again.reason, again.answer.http_status) == ("not_modified", 304)
    before, now = first.record.answer.rights, again.answer.rights
    assert before is not None
    assert now is not None
    assert (now.tdm_reservation, now.meta_robots) == (before.tdm_reservation, before.meta_robots)
    assert [one.said for one in now.x_robots_tag] == ["noai"]
    refused = visits.fetch(url, source="respect")
    assert isinstance(refused, PageDropped)
    assert refused.reason == "rights_reserved"
