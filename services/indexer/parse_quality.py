"""How well pages are read, for Prometheus: what articles lack, which pages have lost theirs, how long lists are.

`news.source_health` says the same of each source, by its own past. These numbers are of all pages together, so that a
parser that reads worse than the one before is seen within the hour, whichever sources it was wrong about.
"""

from collections.abc import Iterable

from prometheus_client import Counter, Histogram

from services.indexer.store.pages import StoredPage
from shared.metrics import kind_of
from shared.parsed_page import Article

PAGES_READ = Counter("depeche_pages_read", "Parsed pages that are stored, by what they are.", ["page_type", "kind"])
FIELDS_MISSING = Counter("depeche_article_fields_missing", "Articles without this field.", ["field", "kind"])
ARTICLES_AGAIN = Counter(
    "depeche_articles_read_again",
    "Pages that were an article when they were read before, by whether they are one now: kept or lost.",
    ["result", "kind"],
)
LIST_HEADLINES = Histogram(
    "depeche_list_headlines",
    "Headlines of a page that is a list: a listing, a feed or a sitemap.",
    ["page_type"],
    buckets=(0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
)
LISTS = ("listing", "feed", "sitemap")


def count_quality(rows: Iterable[StoredPage]) -> None:
    """Count how well the pages of these rows were read."""
    for row in rows:
        page, kind = row.landing.page, kind_of(row.landing.record.origin)
        if page is None:
            continue
        PAGES_READ.labels(page.page_type, kind).inc()
        for field in missing(page.article) if page.article else ():
            FIELDS_MISSING.labels(field, kind).inc()
        if row.article_before is not None:
            ARTICLES_AGAIN.labels("kept" if page.article else "lost", kind).inc()
        if page.page_type in LISTS:
            LIST_HEADLINES.labels(page.page_type).observe(len(page.headlines))


def missing(article: Article) -> list[str]:
    """Returns the names of the fields that every story should have, and this one has not."""
    there = {
        "title": article.title,
        "author": article.authors,
        "date": article.published_at,
        "language": article.language,
        "text": article.text,
    }
    return [field for field, value in there.items() if not value]
