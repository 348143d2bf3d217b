"""What politeness needs of a download: to lead it hop by hop, to hear when a request has left, and a short read."""

import gzip

import pytest

from services.fetcher.download.download import Downloader
from services.fetcher.download.terms import Terms
from shared.failures import RetryLater
from tests.support.site import Answer, Site, dead_port


def test_each_request_is_announced_and_told_of(downloader: Downloader, site: Site) -> None:
    end = site.serve("/b", b"<title>A page</title>")
    start = site.serve("/a", Answer(b"", 302, {"Location": "/b", "Content-Type": "text/html"}))
    heard: list[str] = []
    download = downloader.start(start)
    response = None
    while response is None:
        heard.append(download.next_url)
        response = download.ask(lambda: heard.append("sent"))
    assert heard == [start, "sent", end, "sent"]


def test_a_request_that_cannot_be_made_is_not_sent(downloader: Downloader) -> None:
    heard: list[str] = []
    with pytest.raises(RetryLater, match="connect_failed"):
        downloader.start(f"http://127.0.0.1:{dead_port()}/").ask(lambda: heard.append("sent"))
    assert heard == []


@pytest.mark.parametrize(
    ("body", "read"), [(b"", b""), (b"short", b"short"), (b"x" * 99_999, b"x" * 1000)], ids=["none", "short", "long"]
)
@pytest.mark.parametrize("is_packed", [False, True])
def test_only_the_first_bytes_are_read(
    body: bytes, read: bytes, is_packed: bool, downloader: Downloader, site: Site
) -> None:
    headers = {"Content-Type": "application/octet-stream", **({"Content-Encoding": "gzip"} if is_packed else {})}
    url = site.serve("/robots.txt", Answer(gzip.compress(body) if is_packed else body, 200, headers))
    assert downloader.download(url, terms=Terms(first_bytes=1000)).body == read
