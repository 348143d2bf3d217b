"""A site's tdmrep.json is read once for all workers, politely, and never stands in a page's way."""

from typing import Any

import pytest
import redis

from services.fetcher.app import make_politeness
from services.fetcher.download.download import Downloader
from services.fetcher.politeness import politeness as politeness_module
from services.fetcher.politeness.in_process import TdmCopiesAlone
from services.fetcher.politeness.politeness import Politeness
from services.fetcher.politeness.tdm_files import SharedTdmCopies, TdmCopies, TdmCopy, TdmFiles
from services.fetcher.settings import FetcherSettings
from shared.failures import RetryLater
from shared.rights import NOTHING_SAID, Rights, Statement
from shared.urls import host_of
from tests.support.site import Answer, Site

PATH = "/.well-known/tdmrep.json"
PAGE = Answer(b"<title>A page</title><p>Text")
FILE = Answer(b'[{"location": "/arkiv/", "tdm-reservation": 1}]', headers={"Content-Type": "application/json"})
RESERVED = Rights(tdm_reservation=(Statement(said="1", where="tdmrep.json", path="/arkiv/"),))


def polite(client: "redis.Redis", **settings: Any) -> Politeness:
    return make_politeness(client, FetcherSettings(**{"host_delay": 0, **settings}), host_of)


def test_it_is_read_once_before_the_first_page(client: "redis.Redis", downloader: Downloader, site: Site) -> None:
    site.serve(PATH, FILE)
    archived, other = site.serve("/arkiv/1", PAGE), site.serve("/sport/1", PAGE)
    for worker in (polite(client), polite(client)):
        assert worker.download(downloader, archived).site_says == RESERVED
        assert worker.download(downloader, other).site_says == NOTHING_SAID
    assert [site.asked(path) for path in ("/robots.txt", PATH)] == [1, 1]


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        (Answer(b"no", 404), 1),
        (Answer(b"no", 403), 1),
        (Answer(b"oops", 500), 1),
        (Answer(b"<p>Not found, with a smile"), 1),
        (Answer(b"", 302, {"Location": PATH}), 1),
        (Answer(b"\x1f\x8b rubbish", headers={"Content-Encoding": "gzip"}), 1),
    ],
)
def test_what_cannot_be_read_says_nothing_and_fails_no_page(
    answer: Answer, asked: int, client: "redis.Redis", downloader: Downloader, site: Site
) -> None:
    site.serve(PATH, answer)
    page = site.serve("/arkiv/1", PAGE)
    for worker in (polite(client), polite(client)):
        assert worker.download(downloader, page).site_says == NOTHING_SAID
    assert site.asked(PATH) == asked


def test_robots_txt_may_forbid_it(client: "redis.Redis", downloader: Downloader, site: Site) -> None:
    site.serve("/robots.txt", b"User-agent: *\nDisallow: /.well-known/\n")
    site.serve(PATH, FILE)
    assert polite(client).download(downloader, site.serve("/arkiv/1", PAGE)).site_says == NOTHING_SAID
    assert site.asked(PATH) == 0


def test_it_is_not_asked_for_where_robots_txt_is_not(client: "redis.Redis", downloader: Downloader, site: Site) -> None:
    page = site.serve("/arkiv/1", PAGE)
    assert polite(client, obey_robots=False).download(downloader, page).site_says == NOTHING_SAID
    assert site.asked(PATH) == 0


def test_it_waits_for_the_hosts_turn_as_any_request(
    client: "redis.Redis", downloader: Downloader, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(politeness_module, "LONGEST_WAIT_S", 0.5)
    site.serve(PATH, FILE)
    page = site.serve("/arkiv/1", PAGE)
    worker = polite(client, host_delay=60)
    for asked in ([1, 0, 0], [1, 1, 0]):
        with pytest.raises(RetryLater, match="host_busy") as caught:
            worker.download(downloader, page)
        assert not caught.value.counts
        assert [site.asked(path) for path in ("/robots.txt", PATH, "/arkiv/1")] == asked
        client.delete("depeche:touched")
    assert worker.download(downloader, page).site_says == RESERVED


def test_an_older_copy_serves_while_it_cannot_be_read(
    client: "redis.Redis", downloader: Downloader, site: Site
) -> None:
    site.serve(PATH, FILE, Answer(b"oops", 500), Answer(b"no", 404))
    page, origin = site.serve("/arkiv/1", PAGE), site.url("")
    copies = SharedTdmCopies(client)
    for said in (RESERVED, RESERVED, NOTHING_SAID):
        assert polite(client).download(downloader, page).site_says == said
        copy = copies.get(origin)
        assert copy is not None
        copies.put(origin, TdmCopy(text=copy.text, fresh_until=1.0))
    assert site.asked(PATH) == 3


@pytest.mark.parametrize("alone", [True, False])
def test_a_file_that_another_worker_is_reading_is_waited_for(
    alone: bool, client: "redis.Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.fetcher.politeness.tdm_files.LOOK_FOR_S", 0.0)
    copies: TdmCopies = TdmCopiesAlone() if alone else SharedTdmCopies(client)
    assert copies.take_turn("https://avisen.example", 60)
    assert not copies.take_turn("https://avisen.example", 60)
    files = TdmFiles(copies, turn_s=60)
    with pytest.raises(RetryLater, match="host_busy") as caught:
        files.of_site("https://avisen.example/x", lambda _url: pytest.fail("it is being read"))
    assert not caught.value.counts
    copies.put("https://avisen.example", TdmCopy(text=FILE.body, fresh_until=2e9))
    copies.end_turn("https://avisen.example")
    found = files.of_site("https://avisen.example/x", lambda _url: pytest.fail("it is known"))
    assert found.says("https://avisen.example/arkiv/2") == RESERVED
