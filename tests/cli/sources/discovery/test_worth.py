"""What is worth naming: the front page, then what brings most that nothing before it brings."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from cli.sources.discovery.find import Find, How
from cli.sources.discovery.worth import Worth, judged
from shared.urls import url_key

NOW = datetime(2026, 5, 8, 12, tzinfo=UTC)
AT = "https://news.example"


def find(path: str, stories: Iterable[int] = (), *, how: How = "declared", kind: str = "feed", dated: bool = True,
         names: Iterable[str] = ()) -> Find:  # fmt: skip
    """A find with these stories, each as many hours old as its number says."""
    return Find(
        url=AT + path,
        how=how,
        kind=kind,
        stories={str(n): NOW - timedelta(hours=n) if dated else None for n in stories},
        names=frozenset(url_key(AT + name) for name in names),
    )


def named(*finds: Find) -> list[str]:
    return [worth.find.url.removeprefix(AT) for worth in judged(finds, NOW) if worth.named]


def worth(path: str, *finds: Find) -> Worth:
    return next(worth for worth in judged(finds, NOW) if worth.find.url == AT + path)


FRONT = find("/", range(20), how="given", kind="page", dated=False)


def test_a_feed_that_the_front_page_names_is_read_with_it() -> None:
    front = find("/", range(20), how="given", kind="page", dated=False, names=["/feed"])
    feed = find("/feed", range(60))
    assert named(front, feed) == ["/"]
    assert worth("/feed", front, feed).why == f"read with {AT}/, which names it"


def test_of_two_feeds_the_larger_and_a_third_only_if_it_adds_something() -> None:
    small, large, other = find("/small", range(30)), find("/large", range(50)), find("/other", range(48, 60))
    assert named(FRONT, small, large, other) == ["/", "/large", "/other"]
    assert worth("/small", FRONT, small, large, other).why == "nearly all of it comes from those that are named"
    assert named(FRONT, large, find("/one", [*range(20), 99])) == ["/", "/large"]


def test_beside_a_fresh_sitemap_old_stories_are_no_gain() -> None:
    sitemap = find("/news.xml", range(40), how="robots.txt", kind="sitemap")
    section = find("/sport/", range(30, 80), how="menu", kind="page", dated=False)
    assert named(FRONT, sitemap, section) == ["/", "/news.xml"]
    assert named(FRONT, section) == ["/", "/sport/"]
    stale = find("/news.xml", range(30, 40), how="robots.txt", kind="sitemap")
    assert named(FRONT, stale, section) == ["/", "/news.xml", "/sport/"]


def test_of_an_index_the_sitemap_for_news_is_named_unless_its_name_will_change() -> None:
    for within, expected in (("/news.xml", "/news.xml"), ("/news-2026-05.xml", "/index.xml")):
        index = find("/index.xml", how="robots.txt", kind="sitemap", names=[within])
        assert named(FRONT, index, find(within, range(40), how="index", kind="sitemap")) == ["/", expected]


def test_overlaps_and_dates_that_others_know() -> None:
    feed = find("/feed", range(10, 30))
    front, other = (worth(path, FRONT, feed) for path in ("/", "/feed"))
    assert (front.in_front, front.in_other, front.other) == (None, 0.5, f"{AT}/feed")
    assert (other.in_front, other.in_other, other.other) == (0.5, 0.5, f"{AT}/")
    assert front.find.last_day(NOW) == 10  # those that the feed dates
    assert FRONT.last_day(NOW) is None


def test_twins_are_told_and_only_one_is_named() -> None:
    one, two = find("/rss", range(40)), find("/feed/", range(40))
    assert named(FRONT, one, two) == ["/", "/rss"]
    assert worth("/feed/", FRONT, one, two).why == f"the same as {AT}/rss"


def test_without_a_front_page_the_rest_is_judged_alike() -> None:
    assert named(find("/", how="given"), find("/feed", range(20))) == ["/feed"]
    assert named() == []
