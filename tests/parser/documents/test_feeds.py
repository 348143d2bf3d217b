"""Feeds in every format, and what strangers put into them."""

import json

import pytest

from services.parser.documents.kinds import parse_feed
from shared.parsed_page import ParsedPage
from tests.support.steps import steps

RSS = """<?xml version="1.0" encoding="iso-8859-1"?>
<rss version="2.0"><channel><title>Der Bote</title><link>https://bote.example/</link><language>de-AT</language>
<item><title>Hafen &amp;amp; Kai werden größer</title><link>https://bote.example/hafen</link>
<pubDate>Fri, 03 May 2024 10:12:13 +0200</pubDate></item>
<item><title><![CDATA[Der <b>zweite</b> Titel für die Stadt]]></title><link>/zweiter</link></item>
<item><description>Eine Meldung ohne Titel, aber mit Text.</description><link>https://bote.example/3</link></item>
<item><link>https://bote.example/leer</link></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title>Le Phare</title>
<entry><title>Le port s'agrandit pour les pêcheurs</title><link href="https://phare.example/port"/>
<published>2024-05-03T10:12:13Z</published><updated>2024-05-04T00:00:00Z</updated></entry>
<entry><title>The harbour grows for the fishermen</title><link href="https://phare.example/harbour"/></entry></feed>"""
RDF = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://x.example/"><title>X</title></channel>
<item rdf:about="https://x.example/1"><title>An item of an old format</title><link>https://x.example/1</link>
<dc:date>2024-05-03T10:00:00+02:00</dc:date></item></rdf:RDF>"""
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "The Beacon",
    "language": "en-GB",
    "items": [
        {"id": "1", "title": "The harbour grows", "url": "/harbour", "date_published": "2024-05-03T10:12:13Z"},
        {"id": "2", "content_text": "A note without a title for the readers"},
        {"id": "3"},
        "junk",
    ],
}


def feed(text: str, url: str | None = "https://bote.example/feed") -> ParsedPage:
    page = parse_feed(text, url)
    assert page is not None
    return page


def test_rss() -> None:
    page = feed(RSS)
    assert (page.page_type, page.language) == ("feed", "de")
    assert [(h.text, h.url) for h in page.headlines] == [
        ("Hafen & Kai werden größer", "https://bote.example/hafen"),
        ("Der zweite Titel für die Stadt", "https://bote.example/zweiter"),
        ("Eine Meldung ohne Titel, aber mit Text.", "https://bote.example/3"),
        ("https://bote.example/leer", "https://bote.example/leer"),
    ]
    assert [h.published_at for h in page.headlines] == ["2024-05-03T10:12:13+02:00", None, None, None]
    assert {(h.kind, h.label) for h in page.headlines} == {("feed", "Der Bote")}
    assert [h.position for h in page.headlines] == [1, 2, 3, 4]


def test_atom_with_headlines_in_two_languages() -> None:
    page = feed(ATOM)
    assert [h.language for h in page.headlines] == ["fr", "en"]
    assert page.headlines[0].published_at == "2024-05-03T10:12:13+00:00"


def test_rdf() -> None:
    page = feed(RDF)
    assert [(h.text, h.published_at) for h in page.headlines] == [
        ("An item of an old format", "2024-05-03T10:00:00+02:00")
    ]


def test_json_feed() -> None:
    page = feed(json.dumps(JSON_FEED))
    assert page.page_type == "feed"
    assert [(h.text, h.url, h.published_at) for h in page.headlines] == [
        ("The harbour grows", "https://bote.example/harbour", "2024-05-03T10:12:13+00:00"),
        ("A note without a title for the readers", None, None),
    ]


@pytest.mark.parametrize(
    "root",
    [
        "<rss version='2.0'><channel><title>&i;</title><item><title>&i;</title></item></channel></rss>",
        "<urlset><url><loc>&i;</loc></url></urlset>",
    ],
)
def test_entities_are_not_expanded(root: str) -> None:
    def read(levels: str) -> ParsedPage:
        bomb = ["<!ENTITY a 'ha'>"] + [
            f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip(levels, levels[1:] + "i", strict=True)
        ]
        return feed(f"<?xml version='1.0'?><!DOCTYPE x [{''.join(bomb)}]>{root}")

    assert not any("haha" in h.text for h in read("abcdefgh").headlines)
    # A hundred million more of them cost less than twice as much.
    assert steps(lambda: read("abcdefgh")) < 2 * steps(lambda: read("a"))


def test_external_entities_are_not_read() -> None:
    page = feed(
        "<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/hostname'>]>"
        "<rss version='2.0'><channel><item><title>a &f; b</title></item></channel></rss>"
    )
    hostname = open("/etc/hostname").read().strip()  # noqa: PTH123, SIM115
    assert not any(hostname in h.text for h in page.headlines)


@pytest.mark.parametrize(
    "text",
    [
        "", "https://bote.example/feed", "<html><body><p>x</p></body></html>", "<!doctype html><title>x</title>",
        "plain text", "<!--", "<?xml", "[Agence] Le port reste fermé.", "{{ page.title }}",
    ],
)  # fmt: skip
def test_what_is_no_feed(text: str) -> None:
    assert parse_feed(text, None) is None


def test_an_empty_feed_is_a_feed() -> None:
    assert feed("<rss version='2.0'><channel></channel></rss>").headlines == []
    assert feed("<urlset></urlset>").headlines == []
