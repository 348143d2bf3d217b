"""JSON feeds as scripts write them: what can be read is read, and the rest is counted."""

import pytest

from services.parser.documents.kinds import parse_feed
from shared.parsed_page import FeedFaults, ParsedPage

URL = "https://novinar.example/feed.json"
VERSION = '"version": "https://jsonfeed.org/version/1.1"'


def feed(items: str, head: str = VERSION) -> ParsedPage:
    return read(f'{{{head},\n"items": [\n{items}\n]}}')


def read(text: str) -> ParsedPage:
    page = parse_feed(text, URL)
    assert page is not None
    return page


def lines(page: ParsedPage) -> list[tuple[str, str | None, str | None]]:
    return [(line.text, line.url, line.published_at) for line in page.headlines]


@pytest.mark.parametrize(
    ("item", "line"),
    [
        ('{"id": "https://novinar.example/1", "content_html": "<p>Most <b>stoji<\\/b><\\/p>"}',
         ("Most stoji", "/1", None)),
        ('{"id": 1, "url": "/1", "title": "Most", "date_modified": "2025-11-24T15:04:05+01:00"}',
         ("Most", "/1", "2025-11-24T15:04:05+01:00")),
        ('{"id": "/1", "title": "Cena < 5 &amp; raste"}', ("Cena < 5 & raste", "/1", None)),
        ('{"id": "at://did:plc:abc/post/1", "url": "https://novinar.example/1", "title": null, "summary": "Most"}',
         ("Most", "/1", None)),
        ('{"id": "https://novinar.example/1", "url": "at://did:plc:abc/post/1", "title": "Most"}',
         ("Most", "/1", None)),
        ('{"id": "1", "external_url": "https:\\/\\/novinar.example\\/1", "title": "Most"}', ("Most", "/1", None)),
        ('{"id": "1", "url": "/1", "title": "Most", "date_published": 1763996645}',
         ("Most", "/1", "2025-11-24T15:04:05+00:00")),
        ('{"id": "1", "content_html": "<img src=\\"https://novinar.example/1.jpg\\">"}',
         ("https://novinar.example/1.jpg", None, None)),
        ('{"id": "1", "attachments": [{"url": "https://novinar.example/1.mp3"}]}',
         ("https://novinar.example/1.mp3", None, None)),
    ],
)  # fmt: skip
def test_what_an_item_is_told_by(item: str, line: tuple[str, str | None, str | None]) -> None:
    text, path, moment = line
    page = feed(item)
    assert lines(page) == [(text, path and f"https://novinar.example{path}", moment)]
    assert not isinstance(page.faults, FeedFaults)


@pytest.mark.parametrize(
    "text",
    [
        f'{{{VERSION}, "items": [{{"id": "1", "url": "/1", "title": "Most",}},]}}',
        f'{{{VERSION}, "items": [{{"id": "1", "url": "/1", "title": "M\\ost"}}]}}',
        "<br />\n<b>Notice</b>: Undefined index in <b>/srv/f.php</b>\n"
        f'{{{VERSION}, "items": [{{"id": "1", "url": "/1", "title": "Most"}}]}}',
        '{"title": "Novinar", "items": [{"id": "1", "url": "/1", "title": "Most"}, {"id": "2", "ur',
    ],
)  # fmt: skip
def test_small_mistakes_are_mended(text: str) -> None:
    page = read(text)
    assert [line[:2] for line in lines(page)] == [("Most", "https://novinar.example/1")]
    assert isinstance(page.faults, FeedFaults)
    assert page.faults.fault == "broken JSON"


def test_one_broken_item_does_not_hide_those_behind_it() -> None:
    broken = '{"id": "2", "title": "Rekao: "ne" i otišao", "attachments": [{"url": "/a"}, {"url": "/b"}]},'
    page = feed(f'{{"id": "1", "title": "Prvi"}},\n{broken}\n{{"id": "3", "title": "Treći"}}')
    assert [line[0] for line in lines(page)] == ["Prvi", "Treći"]
    assert isinstance(page.faults, FeedFaults)
    assert (page.faults.line, page.faults.passed_over, page.faults.stopped_at) == (4, 1, None)


def test_items_that_php_has_numbered() -> None:
    page = read(
        f'{{{VERSION}, "items": {{"0": {{"id": "1", "title": "Prvi"}}, "2": {{"id": "3", "title": "Treći"}}}}}}'
    )
    assert [line[0] for line in lines(page)] == ["Prvi", "Treći"]
