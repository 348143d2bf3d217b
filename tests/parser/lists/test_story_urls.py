"""Addresses: of stories, of everything else, made absolute."""

import pytest

from services.parser.lists.story_urls import Resolver, is_story_url, leads_elsewhere, story_key
from services.parser.outline.outline import outline_of


@pytest.mark.parametrize(
    "url",
    [
        "https://courrier.example/politique/deux-candidates-pour-une-mairie",
        "https://courrier.example/news/48213",
        "https://courrier.example/2026/03/06/port",
        "https://courrier.example/sport/port.html",
        "https://courrier.example/view.php?id=7",
        "https://courrier.example/news/port_rouvre_apres_tempete",
        "https://courrier.example/news/articles/c5yk7qxz4kgo",
        "https://courrier.example/zhongwen/articles/cx2epxl95v3o/trad",
        "https://courrier.example/videos/crrxpwzvd5vo",
        "https://courrier.example/p/AbC9x",
        "https://courrier.example/story/8f3c2d1e",
        "https://courrier.example/?p=123",
        "https://courrier.example/2026/03/06/politics/deux-candidates-pour-une-mairie/index.html",
        "https://courrier.example/she/deux-candidates-pour-une-mairie/2026/03/06/",
    ],
)
def test_story_addresses(url: str) -> None:
    assert is_story_url(url)
    assert not leads_elsewhere(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://courrier.example/",
        "https://courrier.example/sport/hand-ball",
        "/a-propos",
        "/travel/index.html",
        "/formula1",
        "/covid19vaccine",
        "/memory/?campaign=2025",
        "/tv2/b2b",
    ],
)
def test_other_addresses(url: str) -> None:
    assert not is_story_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://courrier.example/tag/le-port-de-la-ville",
        "https://courrier.example/author/marie-dupont-1234",
        "https://www.facebook.com/sharer.php?u=12345",
        "https://shop.courrier.example/livre-du-port-rouvert-48213",
        "https://x.com/courrier/status/1234567",
        "https://courrier.example/images/2026/port.jpg",
        "https://courrier.example/archive/2026-03-06/",
        "https://courrier.example/2026/03/",
        "https://courrier.example/sport/index.html",
        "https://courrier.example/guides-d-achat/les-meilleures-machines-a-cafe-6262976.html",
        "https://jeux.courrier.example/mots-croises/48213",
        "https://courrier.example/annonces?url=https://annonces.example/vente/48213/une-maison-au-bord-de-l-eau",
        "https://www.amazon.co.jp/gp/bestsellers/48213",
    ],
)
def test_addresses_that_lead_elsewhere(url: str) -> None:
    assert leads_elsewhere(url)


def test_a_host_that_only_ends_like_a_network_is_a_paper() -> None:
    assert not leads_elsewhere("https://courrier-x.com/le-port-rouvre-enfin-48213")


@pytest.mark.parametrize(
    ("href", "absolute"),
    [
        ("https://other.example/a#b", "https://other.example/a"),
        ("//other.example/a", "https://other.example/a"),
        ("/a?b=1", "https://courrier.example/a?b=1"),
        ("a", "https://courrier.example/fr/a"),
        (" /a\n", "https://courrier.example/a"),
        (" #a", None),
        ("../a", "https://courrier.example/a"),
        ("mailto:redaction@courrier.example", None),
        ("tel:123456", None),
    ],
)
def test_resolving(href: str, absolute: str | None) -> None:
    assert Resolver(outline_of("<p>"), "https://courrier.example/fr/page")(href) == absolute


def test_resolving_without_an_address_leaves_what_is_relative() -> None:
    assert Resolver(outline_of("<p>"), None)("https://other.example/a") == "https://other.example/a"
    assert Resolver(outline_of("<p>"), None)("/a") == "/a"


def test_broken_addresses_are_none() -> None:
    assert Resolver(outline_of("<p>"), "http://[")("a") is None
    assert (
        Resolver(outline_of("<base href='http://['>"), "https://courrier.example/fr/page")("/a")
        == "https://courrier.example/a"
    )


def test_a_story_is_one_whatever_box_it_was_clicked_in() -> None:
    one = "https://courrier.example/le-port-rouvre-48213"
    assert story_key(one + "?utm_source=ticker&utm_content=3") == story_key(one + "/") == one
    assert story_key("https://courrier.example/view?id=7") != story_key("https://courrier.example/view?id=8")
    assert story_key("https://courrier.example/view?id=7&fbclid=x") == story_key("https://courrier.example/view?id=7")
    assert story_key("https://courrier.example/v?ref_nr=7&id=1") != story_key(
        "https://courrier.example/v?ref_nr=7&id=2"
    )


def test_a_share_button_of_a_story_is_no_story() -> None:
    assert leads_elsewhere("https://courrier.example/2026/11/20/le-port-rouvre/?share=mastodon")
    assert not leads_elsewhere("https://courrier.example/2026/11/20/le-port-rouvre/?shared=1")


@pytest.mark.parametrize(
    "path",
    ["/dia/20-11-2026/", "/archiv/tag/1.11.2026", "/archive?date=2026-11-20", "/arkiv?dag=20.11.2026", "/2026/11/20/"],
)
def test_the_archive_of_a_day_is_no_story(path: str) -> None:
    assert leads_elsewhere("https://courrier.example" + path)


@pytest.mark.parametrize(
    "path",
    [
        "/le-port-rouvre-20-11-2026",
        "/2026/11/20/le-port-rouvre",
        "/view?id=2026",
        "/le-vieux-port-rouvre-48213?d=2026-11-20",
    ],
)
def test_a_story_with_a_day_in_its_address_is_one(path: str) -> None:
    assert not leads_elsewhere("https://courrier.example" + path)


def test_a_query_of_a_megabyte_is_read_in_no_time() -> None:
    """With a step for each pair of its characters it would take longer than a test may."""
    assert not is_story_url("https://news.example/?" + "%41" * 350_000)
