"""What lies more than two days after the visit is no date of publication or change, whatever said it."""

from datetime import UTC, datetime

import pytest

from services.parser.page import parse_page
from shared.parsed_page import Article

VISITED = datetime(2025, 8, 9, 12, tzinfo=UTC)
STORY = (
    "<p>The harbour town has turned its old pilot station into a museum after four years of work, and on Saturday it "
    "opened the doors to everybody who had helped.</p>"
) * 4
SOON, LATE = "2025-08-11T10:00:00+00:00", "2025-08-12T10:00:00+00:00"


def article_of(head: str = "", line: str = "", url: str = "https://quay-courier.example/story") -> Article:
    html = (
        f'<html lang="en"><head><title>Pilot station opens as a museum</title>{head}</head><body><article>'
        f'<h1>Pilot station opens as a museum</h1><div class="date">{line}</div>{STORY}</article></body></html>'
    )
    article = parse_page(html.encode(), url=url, visited_at=VISITED).article
    assert article is not None
    return article


@pytest.mark.parametrize("moment", [SOON, LATE])
@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:published_time" content="{}"><meta property="article:modified_time" content="{}">',
        '<script type="application/ld+json">'
        '{{"@type": "NewsArticle", "datePublished": "{}", "dateModified": "{}"}}</script>',
    ],
)
def test_the_head(head: str, moment: str) -> None:
    article = article_of(head.format(moment, moment))
    said = moment if moment == SOON else None
    assert (article.published_at, article.modified_at) == (said, said)


def test_the_page_and_its_address() -> None:
    assert article_of(line="11 August 2025").published_at == "2025-08-11"
    assert article_of(line="12 August 2025").published_at is None
    assert article_of(url="https://quay-courier.example/2025/08/11/story").published_at == "2025-08-11"
    assert article_of(url="https://quay-courier.example/2025/08/12/story").published_at is None


def test_a_later_source_that_is_in_time_counts() -> None:
    head = f'<meta property="article:published_time" content="{LATE}">'
    assert article_of(head, line="9 August 2025").published_at == "2025-08-09"


def test_feeds() -> None:
    item = "<item><title>A story of the harbour town</title><link>https://a.example/{0}</link><pubDate>{0}</pubDate></item>"
    body = f'<rss version="2.0"><channel><title>T</title>{item.format(SOON)}{item.format(LATE)}</channel></rss>'
    page = parse_page(body.encode(), url="https://a.example/feed", visited_at=VISITED)
    assert [line.published_at for line in page.headlines] == [SOON, None]


def test_plain_text() -> None:
    text = "Pilot station opens as a museum\n\n{} August 2025\n\n" + "The harbour town opened its museum at last. " * 30
    for day, said in ((9, "2025-08-09"), (12, None)):
        article = parse_page(text.format(day).encode(), url=None, content_type="text/plain", visited_at=VISITED).article
        assert article is not None
        assert article.published_at == said


def test_without_a_visit_everything_counts() -> None:
    html = f'<h1>Pilot station opens as a museum</h1><div class="date">12 August 2025</div>{STORY}'
    article = parse_page(html.encode(), url=None).article
    assert article is not None
    assert article.published_at == "2025-08-12"


def test_an_american_order_does_not_overrule_the_head() -> None:
    both = '<meta property="article:{}_time" content="2025-08-06T09:40:00">'
    article = article_of(both.format("published") + both.format("modified"), line="06/08/2025")
    assert article.published_at == "2025-08-06T09:40:00"
