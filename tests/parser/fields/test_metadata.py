"""The claims of a page's head."""

from msgspec import structs

from services.parser.fields.canonical import Canonical
from services.parser.fields.json_ld import JsonLd
from services.parser.fields.meta_elements import MetaElements
from services.parser.fields.metadata import Metadata, read_metadata
from services.parser.outline.outline import outline_of

URL = "https://www.beacon.example.com/news/harbour"


def read(head: str, html_attributes: str = "", url: str | None = URL) -> Metadata:
    return read_metadata(outline_of(f"<html {html_attributes}><head>{head}</head><body></body></html>"), url)


def test_open_graph_and_article_properties() -> None:
    found = read(
        """<title>The harbour grows | The Beacon</title>
        <meta property="og:title" content="The harbour grows"><meta property="og:site_name" content="The Beacon">
        <meta property="og:description" content="A longer quay."><meta property="og:type" content="article">
        <meta property="article:published_time" content="2024-05-03T10:12:13Z">
        <meta property="article:modified_time" content="2024-05-04"><meta property="article:section" content="Town">
        <meta property="article:tag" content="harbour"><meta property="article:tag" content="fishing">
        <meta name="author" content="Anne Larkin"><link rel="canonical" href="/news/harbour-grows">
        <meta property="og:image" content="/i.jpg"><meta property="og:image:alt" content="The quay">""",
        'lang="en-GB"',
    )
    assert found.titles == ["The harbour grows", "The harbour grows | The Beacon"]
    assert (found.site_name, found.publisher, found.section) == ("The Beacon", "The Beacon", "Town")
    assert (found.description, found.og_type) == ("A longer quay.", "article")
    assert (found.meta_published, found.modified_at) == ("2024-05-03T10:12:13+00:00", "2024-05-04")
    assert (found.tags, found.meta_authors) == (["harbour", "fishing"], ["Anne Larkin"])
    assert found.canonical_url == "https://www.beacon.example.com/news/harbour-grows"
    assert [(image.url, image.alt) for image in found.images] == [("https://www.beacon.example.com/i.jpg", "The quay")]
    assert found.language == "en"
    assert not found.habits.month_first


def test_other_vocabularies() -> None:
    for name, value in (
        ("parsely-pub-date", "2024-05-03"), ("sailthru.date", "2024-05-03"), ("DC.date.issued", "2024-05-03"),
        ("pubdate", "20240503"), ("citation_publication_date", "2024/05/03"), ("date", "3 May 2024"),
    ):  # fmt: skip
        assert read(f'<meta name="{name}" content="{value}">').meta_published == "2024-05-03", name
    for name in ("parsely-author", "sailthru.author", "dc.creator", "byl", "citation_author"):
        assert read(f'<meta name="{name}" content="Anne Larkin">').meta_authors == ["Anne Larkin"], name


def test_json_ld() -> None:
    found = read(
        """<script type="application/ld+json">{"@type": "NewsArticle", "headline": "The harbour grows",
        "datePublished": "2024-05-03T10:12:13+02:00", "dateModified": "2024-05-04T00:00:00+02:00",
        "author": [{"@type": "Person", "name": "Anne Larkin"}], "publisher": {"name": "The Beacon"},
        "isAccessibleForFree": "False", "articleBody": "Text.", "keywords": "harbour, fishing", "inLanguage": "fr",
        "image": {"url": "https://img.example/1.jpg"}, "isBasedOn": "https://agency.example/1"}</script>"""
    )
    assert (found.headline, found.json_ld_authors, found.publisher) == (
        "The harbour grows", ["Anne Larkin"], "The Beacon",
    )  # fmt: skip
    assert (found.json_ld_published, found.modified_at) == ("2024-05-03T10:12:13+02:00", "2024-05-04T00:00:00+02:00")
    assert found.paywalled
    assert (found.article_body, found.tags, found.language) == ("Text.", ["harbour", "fishing"], "fr")
    assert [image.url for image in found.images] == ["https://img.example/1.jpg"]
    assert (found.json_ld_types, found.original_url) == (["NewsArticle"], "https://agency.example/1")


def test_a_home_page_is_no_canonical_of_an_article() -> None:
    assert read('<link rel="canonical" href="https://www.beacon.example.com/">').canonical_url is None
    assert read('<link rel="canonical" href="/">', url="https://www.beacon.example.com/").canonical_url is not None
    assert (
        read('<link rel="canonical" href="/"><meta property="og:url" content="/news/harbour-2">').canonical_url
        == "https://www.beacon.example.com/news/harbour-2"
    )


def test_junk_does_not_fail() -> None:
    found = read(
        """<link rel="canonical" href="http://[bad"><meta property="og:image" content="javascript:x">
        <meta content="x"><meta name="author"><meta name="date" content="soon">
        <script type="application/ld+json">{</script>
        <script type="application/ld+json">{"@type":"NewsArticle","image":[7,{"url":null}],"author":{"name":{}},
        "datePublished":["x"],"keywords":{"a":1},"publisher":[],"headline":{"@value":[]}}</script>""",
        'lang=""',
        url=None,
    )
    assert found.json_ld_types == ["NewsArticle"]
    assert (found.headline, found.json_ld_authors, found.meta_authors, found.article_body) == (None, [], [], None)
    assert [claim.value for claim in found.canonical.passed_over] == ["http://[bad"]
    assert structs.replace(found, json_ld=JsonLd(), meta=MetaElements(), canonical=Canonical()) == Metadata()


def test_feeds_that_the_page_names() -> None:
    found = read(
        """<link rel="alternate" type="application/rss+xml" title="The  Beacon" href="/rss.xml">
        <link rel="ALTERNATE nofollow" type="application/atom+xml; charset=utf-8" href="atom.xml">
        <link rel="feed" type="application/feed+json" href="https://feeds.example.com/b.json">
        <link rel="alternate" type="application/rss+xml" href="/rss.xml">
        <link rel="alternate" type="application/rss+xml" title="The Beacon » Comments" href="/feed2/">
        <link rel="alternate" type="application/rss+xml" title="Harbour" href="/news/harbour/comments/feed">
        <link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/1">
        <link rel="alternate" type="application/json+oembed" href="/oembed">
        <link rel="alternate" hreflang="fr" href="/fr/">
        <link rel="stylesheet" type="application/rss+xml" href="/style.rss">
        <link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">
        <link rel="alternate" type="application/rss+xml">"""
    )
    assert [(feed.url, feed.title) for feed in found.feeds] == [
        ("https://www.beacon.example.com/rss.xml", "The Beacon"),
        ("https://www.beacon.example.com/news/atom.xml", None),
        ("https://feeds.example.com/b.json", None),
    ]
