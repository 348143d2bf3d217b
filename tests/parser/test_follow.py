"""Which headlines lead to further pages."""

import msgspec
import pytest

from services.parser.follow import other_addresses, requests_found
from shared.messages import Answer, FetchRequest, Follow, Origin, PageFetched, Visit
from shared.parsed_page import Article, FeedLink, Headline, PageType, ParsedPage
from tests.support.records import changed

FRONT = "https://www.news.example/"
FETCHED = PageFetched(
    flight_id="f",
    origin=Origin(url=FRONT, source="front", batch="b"),
    answer=Answer(final_url=FRONT, http_status=200, fetched_at="2025-05-08T12:00:00+00:00"),
    follow=Follow(),
)


def headline(url: str | None, **fields: object) -> Headline:
    given = {"kind": "ticker", "position": 1, "text": "Harbour opens", "url": url, **fields}
    return Headline(**given)  # type: ignore[arg-type]


def found(*headlines: Headline, follow: Follow | None = Follow()) -> list[FetchRequest]:  # noqa: B008 - frozen
    page = ParsedPage(url=FRONT, page_type="listing", headlines=list(headlines), parser_version="test")
    return requests_found(page, msgspec.structs.replace(FETCHED, follow=follow))


def test_a_request_says_where_it_comes_from_and_is_only_for_new_pages() -> None:
    assert found(headline("https://news.example/one")) == [
        FetchRequest(
            origin=Origin(url="https://news.example/one", source="front", batch="b", found_on=FRONT), only_new=True
        )
    ]


def test_nothing_is_followed_unless_it_was_asked_for() -> None:
    assert found(headline("https://news.example/one"), follow=None) == []
    assert found(headline("https://news.example/one"), follow=Follow(depth=0)) == []


def test_only_the_kinds_that_were_asked_for() -> None:
    lines = [headline(f"https://news.example/{kind}", kind=kind) for kind in ("ticker", "most_read", "feed")]
    assert [r.origin.url for r in found(*lines, follow=Follow(kinds=("ticker", "feed")))] == [
        "https://news.example/ticker",
        "https://news.example/feed",
    ]
    assert found(*lines, follow=Follow(kinds=())) == []


@pytest.mark.parametrize(
    ("url", "follows"),
    [
        ("https://news.example/one", True),
        ("http://sport.news.example/one", True),
        ("https://other.example/one", False),
        ("https://fakenews.example/one", False),
        ("mailto:desk@news.example", False),
        ("not a url", False),
    ],
)
def test_only_the_same_site_unless_told_otherwise(url: str, follows: bool) -> None:
    assert bool(found(headline(url))) is follows
    assert found(headline(url), follow=Follow(same_site=False)) != []


def test_a_story_is_followed_once_however_often_it_is_listed() -> None:
    urls = [f"https://news.example/one{end}" for end in ("", "#comments", "?utm_source=ticker")]
    assert [r.origin.url for r in found(*(headline(url) for url in urls))] == urls[:1]


def test_lines_without_link_and_the_page_itself_lead_nowhere() -> None:
    assert found(headline(None), headline("https://news.example/self", is_self=True)) == []


def test_what_is_left_of_the_depth_goes_with_the_request() -> None:
    (request,) = found(headline("https://news.example/one"), follow=Follow(kinds=("ticker",), depth=3))
    assert request.follow == Follow(kinds=("ticker",), depth=2, feeds=0)


NOON = "2025-05-08T12:00:00+00:00"  # when FETCHED was fetched


@pytest.mark.parametrize(
    ("published_at", "follows"),
    [
        (None, True),
        ("2025-05-08T11:00:00+00:00", True),
        ("2025-05-07T12:00:01+00:00", True),
        ("2025-05-07T11:59:59+00:00", False),
        ("2025-05-07T13:00:00+02:00", False),
        ("2025-05-09T12:00:00+00:00", True),
        ("2025-05-07", True),
        ("2025-05-06", True),  # it may have been that day until noon of the 7th, far in the west
        ("2025-05-05", False),
        ("2025-05-07T01:00:00", True),
        ("2025-05-06T23:00:00", False),
        ("lately", True),
    ],
)
def test_stories_that_the_list_dates_older_are_left_alone(published_at: str | None, follows: bool) -> None:
    line = headline("https://news.example/one", published_at=published_at)
    assert bool(found(line, follow=Follow(max_age_s=86_400))) is follows
    assert found(line) != []


def test_stories_carry_the_ages_at_which_they_are_fetched_again() -> None:
    (request,) = found(headline("https://news.example/one"), follow=Follow(revisit=(900, 3600)))
    assert request.origin.visit == Visit(revisit=(900, 3600))


def test_of_an_archive_the_newest_stories_are_followed() -> None:
    lines = [headline(f"https://news.example/{n}", published_at=f"20{n // 365:02}-01-01") for n in range(4 * 365)]
    requests = found(*lines)
    assert len(requests) == 1_000
    assert requests[0].origin.url == "https://news.example/1095"


RSS, ATOM = "https://news.example/rss.xml", "https://news.example/atom.xml"


def feeds_found(
    *feeds: FeedLink,
    follow: Follow = Follow(),  # noqa: B008 - frozen
    page_type: PageType = "listing",
    article: Article | None = None,
) -> list[FetchRequest]:
    page = ParsedPage(url=FRONT, page_type=page_type, article=article, feeds=list(feeds), parser_version="test")
    return requests_found(page, msgspec.structs.replace(FETCHED, follow=follow))


def test_a_feed_that_the_page_names_is_read_again_at_each_visit() -> None:
    follow = Follow(kinds=("front", "feed"), max_age_s=86_400, revisit=(900,))
    further = msgspec.structs.replace(follow, feeds=1)
    assert feeds_found(FeedLink(url=RSS), FeedLink(url=RSS), follow=follow) == [
        FetchRequest(origin=Origin(url=RSS, source="front", batch="b", found_on=FRONT), follow=further, only_new=False)
    ]


def test_feeds_are_for_those_who_follow_feeds() -> None:
    assert feeds_found(FeedLink(url=RSS), follow=Follow(kinds=("front", "ticker"))) == []
    assert feeds_found(FeedLink(url=RSS), follow=Follow(depth=0)) == []
    assert feeds_found(FeedLink(url=RSS), follow=Follow(feeds=0)) == []
    assert feeds_found(FeedLink(url="https://other.example/rss.xml")) == []
    assert feeds_found(FeedLink(url=FRONT)) == []
    assert feeds_found(FeedLink(url=RSS), page_type="article", article=Article(title="One")) == []


def test_stories_lead_to_no_feeds() -> None:
    (request,) = found(headline("https://news.example/one"), follow=Follow(depth=2))
    assert request.follow is not None
    assert request.follow.feeds == 0


def test_an_index_of_indexes_ends_after_two_steps() -> None:
    follow: Follow | None = Follow()
    steps = 0
    while follow is not None and steps < 9:
        requests = feeds_found(FeedLink(url=f"https://news.example/sitemap{steps}.xml"), follow=follow)
        follow = requests[0].follow if requests else None
        steps += bool(requests)
    assert steps == 2


def test_of_an_index_the_newest_sitemaps_are_read_and_no_old_ones() -> None:
    days = [f"2025-{month:02}-{day:02}" for month in (3, 4, 5) for day in range(1, 29)]
    index = [FeedLink(url=f"https://news.example/{day}.xml", modified_at=day) for day in days if day <= NOON]
    requests = feeds_found(*index, follow=Follow(max_age_s=86_400), page_type="sitemap")
    assert [request.origin.url[-14:-4] for request in requests] == ["2025-05-08", "2025-05-07", "2025-05-06"]
    assert len(feeds_found(*index, page_type="sitemap")) == 10


STORY = "https://news.example/2025/05/harbour"


@pytest.mark.parametrize(
    ("final_url", "canonical_url", "others"),
    [
        (STORY, None, []),
        (STORY, STORY, []),
        (STORY, f"{STORY}/amp", []),
        (STORY, "https://news.example/harbour-opens", ["https://news.example/harbour-opens"]),
        (STORY, "https://www.news.example/harbour", ["https://www.news.example/harbour"]),
        (STORY, "https://agency.example/harbour", []),
        (STORY, "https://news.example/", []),
        ("https://news.example/?p=12", "https://news.example/?p=12", ["https://news.example/?p=12"] * 2),
        ("https://www.news.example/harbour", None, ["https://www.news.example/harbour"]),
        ("https://news.example/", None, []),
    ],
)
def test_an_article_is_known_by_all_its_addresses(final_url: str, canonical_url: str | None, others: list[str]) -> None:
    fetched = changed(FETCHED, url=STORY, final_url=final_url)
    article = Article(title="Harbour opens")
    page = ParsedPage(
        url=final_url, canonical_url=canonical_url, page_type="article", article=article, parser_version="test"
    )
    assert other_addresses(page, fetched) == others
    assert other_addresses(msgspec.structs.replace(page, article=None), fetched) == []
