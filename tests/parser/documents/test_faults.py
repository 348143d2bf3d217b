"""Broken feeds and sitemaps: what can be read is read, the rest is counted, and the result says where."""

import pytest

from services.parser.documents.kinds import parse_feed
from shared.parsed_page import FeedFaults, ParsedPage

RSS = "<?xml version='1.0'?>\n<rss version='2.0'><channel><title>Gazeta</title>\n{}\n</channel></rss>"
ONE = "<item><title>Jeden</title><link>https://gazeta.example/1</link></item>"
TWO = "<item><title>Dwa</title><link>https://gazeta.example/2</link></item>"
SITEMAP = "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>\n{}\n</urlset>"


def read(text: str, url: str = "https://gazeta.example/feed") -> ParsedPage:
    page = parse_feed(text, url)
    assert page is not None
    return page


def faults_of(page: ParsedPage) -> FeedFaults:
    assert isinstance(page.faults, FeedFaults)
    return page.faults


def lines(page: ParsedPage) -> list[tuple[str, str | None]]:
    return [(line.text, line.url) for line in page.headlines]


def test_a_sound_feed_has_no_faults() -> None:
    assert not isinstance(read(RSS.format(ONE + TWO)).faults, FeedFaults)


@pytest.mark.parametrize(
    ("item", "text", "fault"),
    [
        ("<item><title>Kawa & herbata</title><link>L</link></item>", "Kawa & herbata", "a bare &"),
        ("<item><title>&Zdot;ó&lstrok;w</title><link>L</link></item>", "Żółw", "the undeclared entity &Zdot;"),
        ("<item><title>Mróz < -5</title><link>L</link></item>", "Mróz < -5", "a bare <"),
        ("<item><title>Most</title><link>L</link><media:x y='1'/></item>", "Most", "the undeclared prefix media"),
        ("<item><title>Most<link>L</link></item>", "Most", "an element that is not closed"),
        ("<item><title>Most</title><link>L</link></guid></item>", "Most", "an end tag without its start"),
        ("<item><title>Most</title><link>L</link>", "Most", "a record that is not closed"),
        ("<item><title>Most</title><link>L</link><x a=\"5\" b\">c \"d\" </x></item>", "Most", "a stray quote in a tag"),
        ("<item><title>Most</title><link>L</link><![CDATA[ x</item>", "Most", "a <![CDATA[ that is not closed"),
        ("<item><title>Most</title><link>L</link><b><![CDATA[ x</b></item>\n<item><![CDATA[y]]></item>", "Most",
         "a <![CDATA[ that is not closed"),
        ("<item><title><![cdata[Most]]></title><link>L</link></item>", "Most", "a <![cdata["),
        ("<item><title>Most</ title><link>L< /link></item>", "Most", "a space in an end tag"),
        ("<item><title>Mo&#11;st</title><link>L</link></item>", "Most", "a reference to no character &#11;"),
    ],
)  # fmt: skip
def test_what_is_broken_is_mended(item: str, text: str, fault: str) -> None:
    page = read(RSS.format(ONE + "\n" + item.replace("L", "https://gazeta.example/x?a=1&amp;copy=2") + "\n" + TWO))
    assert lines(page)[1:] == [(text, "https://gazeta.example/x?a=1&copy=2"), ("Dwa", "https://gazeta.example/2")]
    assert (faults_of(page).fault, faults_of(page).entries) == (fault, 3)
    assert faults_of(page).line in {4, 5}
    assert faults_of(page).stopped_at is None


@pytest.mark.parametrize("broken", [ONE + "\n<item><title>Dw", ONE + "\n<item><title>Dwa</title><link>https://gaz"])
def test_a_feed_that_is_cut_gives_its_whole_entries(broken: str) -> None:
    page = read(RSS.partition("{}")[0] + broken)
    assert lines(page) == [("Jeden", "https://gazeta.example/1")]
    assert (faults_of(page).stopped_at, faults_of(page).passed_over) == (4, 1)
    assert page.headlines[0].label == "Gazeta"


def test_an_entry_that_is_cut_behind_its_address_counts() -> None:
    page = read(RSS.partition("{}")[0] + ONE.replace("</item>", "<description>Ale"))
    assert lines(page) == [("Jeden", "https://gazeta.example/1")]


@pytest.mark.parametrize(
    "junk",
    [
        "<br />\n<b>Notice</b>: Undefined index in <b>/srv/x.php</b><br />\n",
        "\n\n  ",
        "<!-- 0,2 s -->\n",
        "Deprecated: strlen() expects a string\n",
        "<div id='error'><p class='wpdberror'>Błąd bazy danych</p></div>",
        "\ufeff\ufeff",
        "1f40\r\n",
        "<?xml version='1.0'?>\n",
    ],
)
def test_what_a_script_wrote_before_the_feed(junk: str) -> None:
    page = read(junk + RSS.format(ONE))
    assert lines(page) == [("Jeden", "https://gazeta.example/1")]
    assert isinstance(page.faults, FeedFaults) == any(map(junk.count, ("Notice", "Depr", "error", "1f40")))


def test_a_warning_before_a_feed_that_is_cut() -> None:
    page = read("Notice: Undefined variable\n" + RSS.partition("{}")[0] + ONE + "\n<item><title>Dw")
    assert lines(page) == [("Jeden", "https://gazeta.example/1")]
    assert str(faults_of(page)) == (
        "read 1 entries, passed over 1, mended 1 from line 1 on (text before the root element), stopped at line 5"
    )


def test_entities_and_halves_of_characters() -> None:
    title = "&#147;Tak&#148; &#55357;&#56832; &#128512;&#xD83D; x&#0;y"
    assert lines(read(RSS.format(ONE.replace("Jeden", title))))[0][0] == "“Tak” 😀 😀\ufffd xy"


def test_a_page_that_shows_a_feed_is_no_feed() -> None:
    shown = RSS.format(ONE)
    assert parse_feed(f"<!doctype html><title>RSS</title><pre>{shown}</pre>", None) is None
    assert parse_feed(f"<div><h1>RSS</h1></div><script>x = `{shown}`</script>", None) is None
    assert parse_feed(f"So sieht ein Feed aus: {shown} Das war es.", None) is None


def test_a_sitemap_with_an_undeclared_prefix_and_bare_ampersands() -> None:
    page = read(
        SITEMAP.format(
            "<url><loc>https://ef.example/nea?a=1&b=2</loc><news:news><news:publication><news:language>el</news:language>"
            "</news:publication><news:publication_date>2025-11-24</news:publication_date>"
            "<news:title>Το λιμάνι &nbsp;κλείνει</news:title></news:news></url>\n"
            "<url><lastmod>2025-11-24</lastmod></url>"
        )
    )
    assert lines(page) == [("Το λιμάνι κλείνει", "https://ef.example/nea?a=1&b=2")]
    assert (page.headlines[0].published_at, page.headlines[0].language) == ("2025-11-24", "el")
    assert (faults_of(page).entries, faults_of(page).passed_over, faults_of(page).line) == (1, 1, 2)


def test_more_entries_than_the_protocol_allows() -> None:
    page = read(SITEMAP.format("<url><loc>https://ef.example/1</loc></url>\n" * 50_010))
    assert (len(page.headlines), faults_of(page).stopped_at) == (50_000, 50_001)


def test_a_json_feed_that_is_cut() -> None:
    items = '{"id": "1", "title": "Erste", "url": "https:\\/\\/x.example\\/1"},\n{"id": "2", "title": "Zwe'
    page = read('{"version": "https:\\/\\/jsonfeed.org\\/version\\/1", "items": [\n' + items)
    assert lines(page) == [("Erste", "https://x.example/1")]
    assert (faults_of(page).stopped_at, faults_of(page).passed_over) == (3, 1)
