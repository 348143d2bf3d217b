"""What a source asks for, and what it becomes."""

from pathlib import Path
from typing import Any

import pytest

from services.fetcher.sources.file import read_sources
from services.fetcher.sources.options import SourceOptions
from services.fetcher.sources.source import Source
from shared.messages import FetchRequest, Follow, Origin, Visit
from shared.sources.interval import Bounds

EXAMPLE = Path(__file__).parents[3] / "sources.example.toml"
URL = "https://news.example/"


def source(**fields: Any) -> Source:
    return Source(**{"name": "a", "url": URL, **fields})


def test_the_example_file_is_right_and_shows_every_key() -> None:
    sources = read_sources(EXAMPLE)
    assert sources[0] == Source(name="example-front", url="https://news.example/")
    text = EXAMPLE.read_text("utf-8")
    assert [key for key in Source.model_fields if f"{key} =" not in text] == []


def test_defaults() -> None:
    assert source().request() == FetchRequest(
        origin=Origin(url=URL, source="a", visit=Visit(of_source=True, tags=())),
        follow=Follow(kinds=("*",), same_site=True, max_age_s=7 * 86_400, revisit=(900, 3600, 21_600, 86_400)),
    )
    assert source().bounds == Bounds(shortest=300, longest=3600)
    assert source().options == SourceOptions(url=URL)


def test_what_is_set_is_in_the_request() -> None:
    follow = source(follow="ticker", same_site=False, max_age="any", revisit=["15m", "2d"]).request().follow
    assert follow == Follow(kinds=("ticker",), same_site=False, max_age_s=None, revisit=(900, 172_800))
    assert source(revisit=[]).request().follow == Follow(max_age_s=7 * 86_400)
    assert source(follow=[]).request().follow is None


def test_how_it_is_fetched() -> None:
    options = {"user_agent": "Desk/1", "headers": {"X-Key": "k"}, "proxy": "http://p.example:3128", "verify_tls": False}
    assert source(**options, delay="5s").options == SourceOptions(url=URL, **options, delay=5)


@pytest.mark.parametrize(("every", "seconds"), [("90s", 90), ("15m", 900), ("6 h", 21_600), ("1d", 86_400)])
def test_a_fixed_interval(every: str, seconds: int) -> None:
    assert source(every=every).bounds == Bounds(shortest=seconds, longest=seconds)


def test_an_adaptive_interval_has_a_floor_and_a_ceiling() -> None:
    bounds = source(every="adaptive", every_min="1m", every_max="1d").bounds
    assert bounds == Bounds(shortest=60, longest=86_400)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("", "page"),
        ("politics/", "page"),
        ("live", "page"),
        ("feedback", "page"),
        ("rss.xml", "feed"),
        ("feed/", "feed"),
        ("politics/rss", "feed"),
        ("index.rdf", "feed"),
        ("feeds/politics.json", "feed"),
        ("feed.json", "feed"),
        ("sitemap.xml", "sitemap"),
        ("sitemap-news.xml", "sitemap"),
        ("news-sitemap.xml", "sitemap"),
        ("sitemaps/news.xml.gz", "sitemap"),
        ("sitemap_index.xml", "sitemap"),
    ],
)
def test_what_an_address_looks_like(path: str, kind: str) -> None:
    assert source(url=URL + path).expected_kind == kind


def test_a_sitemaps_stories_are_younger() -> None:
    assert source(kind="sitemap").oldest_story == 2 * 86_400
    assert source(kind="sitemap", max_age="7d").oldest_story == 7 * 86_400
    assert source(kind="sitemap", max_age="any").oldest_story is None
    assert source(url=URL + "sitemap.xml", kind="feed").oldest_story == 7 * 86_400


def test_tags_go_with_each_visit_of_the_source() -> None:
    assert source(tags=[" sport", "de"]).request().origin.visit.tags == ("sport", "de")
    assert source(tags="sport").tags == ["sport"]
    assert len(source(tags=[f"tag {number}" for number in range(20)]).tags) == 20


@pytest.mark.parametrize(
    "tags",
    [
        ["sport", "sport"],
        ["sport", "Sport "],
        [""],
        [" "],
        ["a\nb"],
        ["x" * 101],
        [str(n) for n in range(21)],
        [1],
        1,
        {},
    ],
)
def test_tags_that_nobody_could_mean(tags: object) -> None:
    with pytest.raises(ValueError, match=r"tag|word"):
        source(tags=tags)
