"""Feeds in every format, and what strangers put into them."""

import json
import re

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


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<title>L&amp;#8217;île</title>", "L’île"),
        ("<title><![CDATA[Prix&nbsp;: 5 &lt; 7]]></title>", "Prix : 5 < 7"),
        ("<title>La balise &lt;main&gt; expliquée</title>", "La balise <main> expliquée"),
        ("<title><![CDATA[Vent < 20 et pluie > 3]]></title>", "Vent < 20 et pluie > 3"),
        ("<title>Un&lt;sup&gt;er&lt;/sup&gt; port&lt;br/&gt;ouvert</title>", "Uner port ouvert"),
        ("<title type='xhtml'><div>Le <i>port</i> &lt;b&gt;</div></title>", "Le port <b>"),
        ("<title type='text'>Le &lt;b&gt;gras&lt;/b&gt;</title>", "Le <b>gras</b>"),
        ("<title mode='base64'>TGUgcG9ydA==</title>", "Le port"),
        ("<title/><dc:title>Le port</dc:title>", "Le port"),
        ("<media:group><media:title>Le port</media:title></media:group>", "Le port"),
        ("<title>&lt;![CDATA[Le port]]&gt;</title>", "Le port"),
        ("<title><![CDATA[<![CDATA[Le port]]>]]></title>", "Le port"),
        ("<title>L&amp;amp;#8217;île &amp;amp;amp; le port</title>", "L’île & le port"),
        ("<title>&lt;span lang='fr'&gt;Le port</title>", "Le port"),
        ("<title type='xhtml'><div>Le port<script>x()</script></div></title>", "Le port"),
        ("<title type='application/octet-stream'>TGUgcG9ydA==</title>", "Le port"),
        ("<title> </title><description>&lt;img src='q.jpg' alt='Le quai'&gt;</description>", "Le quai"),
        ("<content:encoded><![CDATA[<style>p {}</style><p>Un</p><p>deux</p>]]></content:encoded>", "Un deux"),
        ("<enclosure url='/q.jpg' type='image/jpeg'/>", "https://bote.example/q.jpg"),
        ("<description>&lt;p&gt;&lt;img src='/q.jpg?a=1&amp;amp;b=2'/&gt;</description>", "https://bote.example/q.jpg?a=1&b=2"),
    ],
)  # fmt: skip
def test_what_an_entry_is_told_by(written: str, shown: str) -> None:
    namespaces = "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:content='http://purl.org/rss/1.0/modules/content/'"
    page = feed(f"<rss {namespaces}><channel><item>{written}</item></channel></rss>")
    assert [h.text for h in page.headlines] == [shown]


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("<link>https://x.example/1</link><guid>https://x.example/2</guid>", "https://x.example/1"),
        ("<link></link><guid>https://x.example/2</guid>", "https://x.example/2"),
        ("<link></link><guid isPermaLink='false'>3</guid>", None),
        ("<link>mailto:a@x.example</link>", None),
        ("<link rel='alternate' href='at://did:plc:abc/app.post/1'/><link href='https://x.example/1'/>", "https://x.example/1"),
        ("<link rel='self' href='https://x.example/atom/1'/><link rel='alternate' href='/1'/>", "https://bote.example/1"),
        ("<link rel='replies' href='/1#c'/><id>tag:x.example,2025:1</id>", None),
        ("<link rel='alternate' type='application/pdf' href='/1.pdf'/><link type='text/html' href='/1'/>", "https://bote.example/1"),
        ("<link>\n  https://x.example/a\n  </link>", "https://x.example/a"),
        ("<link xml:base='https://y.example/b/' href='c'/>", "https://y.example/b/c"),
        ("<id>https://x.example/id</id>", "https://x.example/id"),
        ("<id>/breves/1</id>", "https://bote.example/breves/1"),
        ("<id>breves 1</id>", None),
        ("<link rel='self' href='https://x.example/1'/>", "https://x.example/1"),
        ("<link rel='self' type='application/atom+xml' href='https://x.example/1'/>", None),
        ("<link rel='related' href='https://x.example/2'/><link rel='self' href='https://x.example/1'/>", "https://x.example/1"),
        ("<link rel='enclosure' href='https://x.example/1.mp3'/>", None),
        ("<link>www.x.example/1</link>", "https://www.x.example/1"),
        ("<link>bote.example/1</link>", "https://bote.example/1"),
        ("<link>https:/x.example/1</link>", "https://x.example/1"),
        ("<link>http://https://x.example/1</link>", "https://x.example/1"),
        ("<link>&lt;a href='https://x.example/1'&gt;ici&lt;/a&gt;</link>", "https://x.example/1"),
        ("<link>https://proxy.example/1</link><pheedo:origLink>https://x.example/1</pheedo:origLink>", "https://x.example/1"),
        ("<description>https://x.example/1</description>", "https://x.example/1"),
    ],
)  # fmt: skip
def test_where_an_entry_stands(written: str, address: str | None) -> None:
    page = feed(f"<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>Le port</title>{written}</entry></feed>")
    assert [h.url for h in page.headlines] == [address]


def test_the_first_time_that_can_be_read_counts() -> None:
    page = feed(
        "<feed xmlns='http://purl.org/atom/ns#' version='0.3'><entry><title>Le port</title><issued>hier</issued>"
        "<created>2024-05-03T10:12:13Z</created><modified>2024-05-04T10:12:13Z</modified></entry></feed>"
    )
    assert [h.published_at for h in page.headlines] == ["2024-05-03T10:12:13+00:00"]


def test_other_prefixes_and_old_formats() -> None:
    rdf = re.sub(r"<(/?)(channel|item|title|link)\b", r"<\1r:\2", RDF.replace("xmlns=", "xmlns:r="))
    assert [(h.text, h.url) for h in feed(rdf).headlines] == [("An item of an old format", "https://x.example/1")]
    cdf = "<CHANNEL><ITEM HREF='https://x.example/c' LASTMOD='1998-11-05'><TITLE>Eins</TITLE></ITEM></CHANNEL>"
    assert [(h.text, h.url, h.published_at) for h in feed(cdf).headlines] == [
        ("Eins", "https://x.example/c", "1998-11-05")
    ]
    cdf = "<CHANNEL BASE='https://x.example/a/'><ITEM HREF='c'><TITLE>Eins</TITLE></ITEM></CHANNEL>"
    assert [h.url for h in feed(cdf).headlines] == ["https://x.example/a/c"]


def test_json_that_is_a_feed_and_json_that_is_none() -> None:
    page = feed(
        '{"title": "Notes", "items": [{"id": "https://x.example/1", "content_html": "<p>Une &amp; une</p>",'
        ' "date_modified": "2024-05-03T10:00:00Z"}], "version": "https:\\/\\/jsonfeed.org\\/version\\/1.1"}'
    )
    assert [(h.text, h.url, h.published_at) for h in page.headlines] == [
        ("Une & une", "https://x.example/1", "2024-05-03T10:00:00+00:00")
    ]
    for other in ('{"version": "1"}', '[{"title": "a", "content": "<p>b</p>"}]', '{"a": "<p>cut', "[1, 2]"):
        assert (feed(other).page_type, feed(other).headlines) == ("other", [])
