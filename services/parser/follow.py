"""Which pages does a page lead to? The stories of its headline lists and the feeds that it names, and no others."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import msgspec

from shared.messages import FetchRequest, Follow, Origin, PageFetched, Visit
from shared.parsed_page import FeedLink, Headline, ParsedPage
from shared.urls import same_site, url_key

# News sitemaps have at most 1,000 entries. A longer list is an archive, of which the newest entries are followed.
MOST_STORIES = 1_000
# Many front pages name a feed for every section; the first ones cover the whole paper. A sitemap index names many
# sitemaps; the newest are taken.
MOST_FEEDS = 10
# A moment without an offset may be this much later than it looks; a date without a time may be a day later still.
WITHOUT_OFFSET = timedelta(hours=12)
WITHOUT_TIME = timedelta(hours=24)


def requests_found(page: ParsedPage, fetched: PageFetched) -> list[FetchRequest]:
    """Returns one request per feed and per story that the page leads to, as far as its `follow` asks for them."""
    follow = fetched.follow
    if follow is None or follow.depth < 1:
        return []
    found = {url_key(url): None for url in (fetched.origin.url, fetched.answer.final_url)}
    requests: list[FetchRequest] = []
    for request in (*_to_feeds(page, fetched, follow), *_to_stories(page, fetched, follow)):
        key = url_key(request.origin.url)
        if key not in found:
            found[key] = None
            requests.append(request)
    return requests


def other_addresses(page: ParsedPage, fetched: PageFetched) -> list[str]:
    """Returns further URLs by which headlines may lead to this article: where it redirected to, and its canonical URL.

    They are used only to leave URLs out of what is followed, so a wrong canonical URL hides no page but its own.
    """
    if page.article is None:
        return []
    addresses = [fetched.answer.final_url]
    if page.canonical_url and same_site(page.canonical_url, fetched.answer.final_url):
        addresses.append(page.canonical_url)
    own = url_key(fetched.origin.url)
    return [url for url in addresses if url_key(url) != own and _is_inner(url)]


def _to_feeds(page: ParsedPage, fetched: PageFetched, follow: Follow) -> list[FetchRequest]:
    """Returns one request per wanted feed, the newest first.

    Feeds are read again at each visit to the page that names them. An article's feeds are ignored, since they are those
    of its whole site.
    """
    if follow.feeds < 1 or page.article is not None or not ("*" in follow.kinds or "feed" in follow.kinds):
        return []
    feeds = [feed for feed in page.feeds if _is_wanted(feed.url, feed.modified_at, fetched, follow)]
    feeds.sort(key=lambda feed: feed.modified_at or "", reverse=True)
    further = msgspec.structs.replace(follow, feeds=follow.feeds - 1)
    return [FetchRequest(origin=_origin(feed, fetched, Visit()), follow=further) for feed in feeds[:MOST_FEEDS]]


def _to_stories(page: ParsedPage, fetched: PageFetched, follow: Follow) -> list[FetchRequest]:
    further = msgspec.structs.replace(follow, depth=follow.depth - 1, feeds=0) if follow.depth > 1 else None
    stories = [
        line
        for line in page.headlines
        if not line.is_self
        and ("*" in follow.kinds or line.kind in follow.kinds)
        and _is_wanted(line.url, line.published_at, fetched, follow)
    ]
    if len(stories) > MOST_STORIES:
        stories = sorted(stories, key=lambda line: line.published_at or "", reverse=True)[:MOST_STORIES]
    visit = Visit(revisit=follow.revisit)
    return [FetchRequest(origin=_origin(line, fetched, visit), follow=further, only_new=True) for line in stories]


def _origin(link: FeedLink | Headline, fetched: PageFetched, visit: Visit) -> Origin:
    return fetched.origin.leading_to(link.url or "", visit)


def _is_wanted(url: str | None, at: str | None, fetched: PageFetched, follow: Follow) -> bool:
    if not url or (follow.same_site and not same_site(fetched.answer.final_url, url)):
        return False
    return follow.max_age_s is None or at is None or not _is_older(at, follow.max_age_s, fetched.answer.fetched_at)


def _is_older(at: str, seconds: int, than: str) -> bool:
    """Whether `at`, a moment or day (ISO 8601), is surely more than `seconds` before `than`; False if unreadable."""
    try:
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC) + WITHOUT_OFFSET + (WITHOUT_TIME if len(at) <= 10 else timedelta())
        return datetime.fromisoformat(than) - moment > timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return False


def _is_inner(url: str) -> bool:
    parts = urlsplit(url)
    return bool(parts.path.strip("/") or parts.query)
