"""The pages of the simulated press, as bytes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime

from benchmarks.sim.press import EVERY_ODDITY, EVERY_UNTITLED, Site, Story, words

PARAGRAPHS = 6
SENTENCE = (
    "Officials said on Tuesday that the {0} would be discussed with everybody who lives near the {1}, "
    "and that no decision on the {2} was to be expected before the end of the month. "
)


def front(site: Site, listed: Sequence[Story], base: str, began: float, at: float) -> bytes:
    """The page, feed or sitemap that lists stories, newest first."""
    make = {"page": _page, "feed": _feed, "sitemap": _sitemap}[site.kind]
    return make(site, listed, base, began, at).encode()


def _page(site: Site, listed: Sequence[Story], base: str, _began: float, at: float) -> str:
    items = "".join(f'<li><a href="{base}{story.path}">{story.title(at)}</a></li>' for story in listed)
    return (
        f"<!doctype html><html lang=en><head><title>Gazette {site.number}</title></head><body>"
        f"<header><a href='/'>Gazette {site.number}</a></header>"
        f"<main><section class=latest><h2>Latest news</h2><ul>{items}</ul></section></main>"
        f"<footer><p>Gazette {site.number}, an invented newspaper</p></footer></body></html>"
    )


def _feed(site: Site, listed: Sequence[Story], base: str, began: float, at: float) -> str:
    items = "".join(
        f"<item>{_feed_title(site, story, at)}<link>{base}{story.path}</link>"
        f"<pubDate>{format_datetime(_moment(began + story.published))}</pubDate></item>"
        for story in listed
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>Gazette {site.number}</title>'
        f"<link>{base}/</link>{items}</channel></rss>"
    )


def _feed_title(site: Site, story: Story, at: float) -> str:
    """Returns the item's title or, of an item without one, what it says instead: a few words, or only its link."""
    if site.oddity != "untitled" or story.number % EVERY_UNTITLED:
        return f"<title>{story.title(at)}</title>"
    return "" if story.number % 2 else f"<description>{story.title(at)}</description>"


def _sitemap(site: Site, listed: Sequence[Story], base: str, began: float, at: float) -> str:
    urls = "".join(
        f"<url><loc>{base}{story.path}</loc><news:news><news:publication><news:name>Gazette</news:name>"
        f"<news:language>en</news:language></news:publication>"
        f"<news:publication_date>{_moment(began + story.published).isoformat()}</news:publication_date>"
        f"<news:title>{story.title(at)}</news:title></news:news></url>"
        for story in listed
    )
    told = ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    notice = ""
    if site.oddity == "broken":
        fault = site.number // EVERY_ODDITY % 3
        notice = "<br /><b>Notice</b>: a plugin is out of date\n" if fault == 0 else ""
        told = "" if fault == 1 else told
        urls = urls.replace("<news:name>Gazette<", "<news:name>Gazette & Post&nbsp;<") if fault == 2 else urls
    return (
        f'{notice}<?xml version="1.0" encoding="UTF-8"?>'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"{told}>{urls}</urlset>'
    )


def article(story: Story, base: str, began: float, at: float) -> bytes:
    """The story's own page."""
    title = story.title(at)
    own = words(story, 6)
    body = "".join(
        f"<p>{''.join(SENTENCE.format(*(own[(n + k) % 6] for k in range(3))) for n in range(p, p + 3))}</p>"
        for p in range(PARAGRAPHS)
    )
    return (
        f"<!doctype html><html lang=en><head><title>{title} | Gazette {story.site}</title>"
        f'<link rel=canonical href="{base}{story.path}"><meta property="og:type" content="article"></head><body>'
        f"<header><a href='/'>Gazette {story.site}</a></header>"
        f"<article><h1>{title}</h1><p class=byline>By Ada Quill</p>"
        f'<time datetime="{_moment(began + story.published).isoformat()}">Today</time>{body}</article>'
        f"<footer><p>Gazette {story.site}, an invented newspaper</p></footer></body></html>"
    ).encode()


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
