"""The sample server behaves as a publisher's server does, where the fetcher can tell."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime

import httpx
import pytest

from cli.sample_site.catalogue import PAGES_FOLDER, served_files
from cli.sample_site.server import SampleSite


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with SampleSite() as site, httpx.Client(base_url=site.base_url, trust_env=False) as client:
        yield client


def test_every_file_is_served_as_it_is(client: httpx.Client) -> None:
    for path, file in served_files().items():
        response = client.get(path)
        assert (response.status_code, response.content) == (200, file.read_bytes()), path


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/ar/", "text/html; charset=utf-8"),
        ("/feed.xml", "application/rss+xml; charset=utf-8"),
        ("/atom.xml", "application/atom+xml; charset=utf-8"),
        ("/news-sitemap.xml", "application/xml; charset=utf-8"),
        ("/mirror.txt", "text/plain; charset=utf-8"),
        ("/robots.txt", "text/plain; charset=utf-8"),
        ("/es/deportes/remo-ribera-alta-trainera.html", "text/html"),
        ("/ar/environment/palm-grove-drip-irrigation.html", "text/html"),
    ],
)
def test_content_types(client: httpx.Client, path: str, content_type: str) -> None:
    assert client.get(path).headers["Content-Type"] == content_type


def test_a_query_changes_nothing_and_index_html_is_the_folder(client: httpx.Client) -> None:
    assert client.get("/fr/?rubrique=economie").content == client.get("/fr/index.html").content


@pytest.mark.parametrize("path", ["/nowhere.html", "/fr", "/../server.py", "/%2e%2e/server.py", "//etc/passwd"])
def test_anything_else_is_not_found(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_head_answers_without_a_body(client: httpx.Client) -> None:
    response = client.head("/")
    assert response.status_code == 200
    assert response.headers["Content-Length"] == str((PAGES_FOLDER / "index.html").stat().st_size)
    assert response.content == b""


def test_a_known_entity_tag_is_not_sent_again(client: httpx.Client) -> None:
    etag = client.get("/").headers["ETag"]
    for known in (etag, f'"other", W/{etag}', "*"):
        response = client.get("/", headers={"If-None-Match": known})
        assert (response.status_code, response.content, response.headers["ETag"]) == (304, b"", etag)
    assert client.get("/", headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_page_unchanged_since_a_date_is_not_sent_again(client: httpx.Client) -> None:
    modified = client.get("/").headers["Last-Modified"]
    assert parsedate_to_datetime(modified).timestamp() == int((PAGES_FOLDER / "index.html").stat().st_mtime)
    assert client.get("/", headers={"If-Modified-Since": modified}).status_code == 304
    assert client.get("/", headers={"If-Modified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}).status_code == 200
    assert client.get("/", headers={"If-Modified-Since": "yesterday"}).status_code == 200


def test_an_entity_tag_outweighs_a_date(client: httpx.Client) -> None:
    modified = client.get("/").headers["Last-Modified"]
    response = client.get("/", headers={"If-None-Match": '"other"', "If-Modified-Since": modified})
    assert response.status_code == 200


def test_many_readers_at_once() -> None:
    with SampleSite() as site, ThreadPoolExecutor(8) as readers:
        answers = readers.map(lambda _: httpx.get(site.base_url, trust_env=False).status_code, range(24))
        assert set(answers) == {200}


def test_two_sites_take_two_ports_and_free_them() -> None:
    with SampleSite() as one, SampleSite() as other:
        assert one.base_url != other.base_url
    with pytest.raises(httpx.ConnectError):
        httpx.get(one.base_url, trust_env=False)


def test_a_site_that_was_never_started_can_be_stopped() -> None:
    SampleSite().stop()
