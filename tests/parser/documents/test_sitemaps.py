"""Sitemaps, with titles of news and without, and indexes of them."""

import pytest

from services.parser.documents.kinds import parse_feed
from shared.parsed_page import FeedLink, ParsedPage

NEWS_SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://phare.example/port</loc><lastmod>2024-05-04</lastmod><news:news>
<news:publication><news:name>Le Phare</news:name><news:language>fr</news:language></news:publication>
<news:publication_date>2024-05-03T10:12:13+02:00</news:publication_date>
<news:title>Le port s'agrandit</news:title></news:news></url>
<url><loc>https://phare.example/sans-titre</loc><lastmod>2024-05-04</lastmod>
<image:image xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><image:loc>https://phare.example/i.jpg</image:loc>
<image:title>Le quai</image:title></image:image></url>
</urlset>"""
SITEMAP_INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://phare.example/s1.xml</loc><lastmod>2024-05-04</lastmod></sitemap></sitemapindex>"""


def sitemap(text: str, url: str | None = "https://bote.example/feed") -> ParsedPage:
    page = parse_feed(text, url)
    assert page is not None
    return page


def test_news_sitemap() -> None:
    page = sitemap(NEWS_SITEMAP)
    assert page.page_type == "sitemap"
    titled, untitled = page.headlines
    assert (titled.text, titled.url, titled.language) == ("Le port s'agrandit", "https://phare.example/port", "fr")
    assert (titled.published_at, titled.label) == ("2024-05-03T10:12:13+02:00", "Le Phare")
    assert (untitled.text, untitled.published_at) == ("https://phare.example/sans-titre", "2024-05-04")


def test_sitemap_index() -> None:
    page = sitemap(SITEMAP_INDEX)
    assert page.page_type == "sitemap"
    assert page.feeds == [FeedLink(url="https://phare.example/s1.xml", modified_at="2024-05-04")]
    assert page.headlines == []


def test_a_sitemap_that_breaks_off_gives_what_it_has() -> None:
    page = sitemap(NEWS_SITEMAP[: NEWS_SITEMAP.index("sans-titre")])
    assert [h.text for h in page.headlines] == ["Le port s'agrandit"]


def test_a_sitemap_with_paths_instead_of_addresses() -> None:
    page = sitemap(NEWS_SITEMAP.replace("<loc>https://phare.example/", "<loc>/"), "https://phare.example/news.xml")
    assert [h.url for h in page.headlines] == [h.url for h in sitemap(NEWS_SITEMAP).headlines]


def test_the_plain_text_form() -> None:
    text = "\ufeffhttps://phare.example/un\r\n\r\n  https://phare.example/deux?a=1&b=2\r\n"
    page = sitemap(text, "https://phare.example/plan.txt")
    assert (page.page_type, [h.url for h in page.headlines]) == (
        "sitemap",
        ["https://phare.example/un", "https://phare.example/deux?a=1&b=2"],
    )


LOC = "<url><loc>https://varta.example/1</loc></url>"


@pytest.mark.parametrize(
    "text",
    [
        f"<urlset>{LOC}</urlset>",
        f"<?xml version='1.0'?>{LOC}",
        f"<n:urlset xmlns:n='https://varta.example/ns'>{LOC}</n:urlset>".replace("<url>", "<n:url>").replace(
            "loc>", "n:loc>"
        ),
        f"<ns0:urlset>{LOC}</ns0:urlset>".replace("url>", "ns0:url>").replace("loc>", "ns0:loc>"),
        f"<URLSET>{LOC.upper().replace('HTTPS://VARTA.EXAMPLE', 'https://varta.example')}</URLSET>",
        "<urlset><url><loc><![CDATA[\n https://varta.example/1 ]]></loc></url></urlset>",
        "<urlset><url><loc>&lt;![CDATA[https://varta.example/1]]&gt;</loc></url></urlset>",
        "<urlset><url><loc>\u00a0https://varta.example/1\u200b</loc></url></urlset>",
        "<urlset><url><loc>'https://varta.example/1'</loc></url></urlset>",
        "<urlset><url><loc><a href='x'>https://varta.example/1</a></loc></url></urlset>",
        f"<urlset>{LOC.replace('</url>', '<lastmod>2024-00-00</lastmod><url>')}</urlset>",
        "https://varta.example/1\t\n",
    ],
)
def test_where_a_page_stands(text: str) -> None:
    page = sitemap(text, "https://varta.example/sitemap.txt")
    assert [(h.text, h.url, h.published_at) for h in page.headlines] == [
        ("https://varta.example/1", "https://varta.example/1", None)
    ]


@pytest.mark.parametrize(
    ("language", "written", "shown"),
    [
        ("pt-BR", "24/11/2025 15:04 BRT", "2025-11-24T15:04:00-03:00"),
        ("zh-cn", "2025-11-24 15:04:05 CST", "2025-11-24T15:04:05+08:00"),
        ("th", "24 พ.ย. 2568 15:04 GMT+7", "2025-11-24T15:04:00+07:00"),
        ("en", "Mon, 24 Nov 2025 15:04:05 EST", "2025-11-24T15:04:05-05:00"),
    ],
)
def test_times_are_read_in_the_language_of_the_paper(language: str, written: str, shown: str) -> None:
    text = NEWS_SITEMAP.replace(">fr<", f">{language}<").replace("2024-05-03T10:12:13+02:00", written)
    assert sitemap(text).headlines[0].published_at == shown


def test_a_page_with_one_video_is_told_by_it() -> None:
    video = "<video:video><video:title>Ponte aberta</video:title></video:video>"
    one, two = (LOC.replace("</url>", f"{video * count}</url>") for count in (1, 2))
    assert [h.text for h in sitemap(f"<urlset>{one}{two}</urlset>").headlines] == [
        "Ponte aberta",
        "https://varta.example/1",
    ]


def test_a_text_with_addresses_is_no_sitemap() -> None:
    assert parse_feed("https://phare.example/un\nest une adresse.\nEt voilà une autre ligne.", None) is None
    assert parse_feed("https://phare.example/un", None) is None
