"""What a page says of its use, in its headers and its head."""

import pytest

from services.fetcher.rights.page_statements import page_statements, still_said, words_to_us
from shared.rights import MAX_CHARS, MOST_STATEMENTS, Rights, Statement

HEAD = """<!doctype html><html lang="nb"><head><meta name="TDM-Reservation" content="0">
<meta name="tdm-policy" content="https://avisen.example/vilkår.json"><meta name="robots" content="max-snippet:50">
<meta name="depeche" content="noai"><meta name="otherbot" content="noarchive">
<link rel="license" type="application/rsl+xml" href="/lisens.xml"><link rel="license" href="https://cc.example/by">
<body><p>Havna er åpnet."""
HEADERS = (
    ("tdm-reservation", "1"),
    ("x-robots-tag", "noarchive"),
    ("x-robots-tag", "otherbot: noindex"),
    ("link", '</a.css>; rel=preload, <https://avisen.example/l,1.xml>; rel="license"; type="application/rsl+xml"'),
    ("link", '<https://cc.example/by>; rel="license"'),
)


def says(
    headers: tuple[tuple[str, str], ...] = (), body: str = "", content_type: str | None = "text/html; charset=utf-8"
) -> Rights:
    return page_statements(headers, body.encode(), content_type, "Depeche")


def test_the_head_says_it_before_the_headers_do() -> None:
    meta, header = {"where": "meta"}, {"where": "header"}
    assert says(HEADERS, HEAD) == Rights(
        tdm_reservation=(Statement(said="0", **meta), Statement(said="1", **header)),
        tdm_policy=(Statement(said="https://avisen.example/vilkår.json", **meta),),
        license=(
            Statement(said="/lisens.xml", where="link"),
            Statement(said="https://avisen.example/l,1.xml", **header),
        ),
        x_robots_tag=(Statement(said="noarchive", **header),),
        meta_robots=(Statement(said="max-snippet:50", **meta), Statement(said="noai", to="Depeche", **meta)),
    )


def test_only_html_has_a_head() -> None:
    assert says((), HEAD, "application/rss+xml") == Rights()
    assert says((), HEAD, "application/xhtml+xml") == says((), HEAD, None) != Rights()


def test_a_value_and_their_number_are_bounded() -> None:
    many = says((("tdm-policy", "x" * 5_000), *(("tdm-policy", str(n)) for n in range(100)))).tdm_policy
    assert (len(many), len(many[0].said)) == (MOST_STATEMENTS, MAX_CHARS)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("noindex, NoArchive", ["noindex", "noarchive"]),
        ("otherbot: noindex, noarchive", []),
        ("Depeche: noindex, otherbot: noarchive", ["noindex"]),
        ("noai, otherbot: noarchive, depeche: nocache", ["noai", "nocache"]),
        ("unavailable_after: 25 Jun 2030 15:00:00 PST, max-snippet: -1", None),
        ("max-image-preview:large", ["max-image-preview:large"]),
        (", ,", []),
    ],
)
def test_words_are_for_the_crawler_that_is_named_before_them(said: str, words: list[str] | None) -> None:
    found = words_to_us(said, "Depeche")
    assert found == words if words is not None else len(found) == 2


def test_an_answer_without_a_body_repeats_its_headers_or_leaves_them_out() -> None:
    before = says(HEADERS, HEAD)
    assert still_said(before, Rights()) == before
    now = still_said(before, says((("tdm-reservation", "0"),)))
    assert [(one.said, one.where) for one in now.tdm_reservation] == [("0", "meta"), ("0", "header")]
    assert now.x_robots_tag == before.x_robots_tag
