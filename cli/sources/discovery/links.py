"""Where may more of a site be? Addresses that its robots.txt and its pages name, and the usual ones."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import msgspec
from selectolax.lexbor import LexborHTMLParser

from services.fetcher.politeness.robots_groups import lines_of, sitemaps_in
from services.fetcher.sources.source import FEED_PATH
from services.parser.outline.decode import decode
from services.parser.outline.long_tags import limit_attributes
from services.parser.outline.nesting import limit_nesting
from shared.urls import host_of, same_site, url_key

_PLACES = tomllib.loads((Path(__file__).parent / "places.toml").read_text("utf-8"))
_NO_SECTIONS = frozenset(_PLACES["no_sections"])
_MENUS = (
    "nav a[href], [role=navigation] a[href], header a[href], [class*='menu' i] a[href], [class*='nav' i] a[href],"
    " [id*='menu' i] a[href], [id*='nav' i] a[href]"
)
# A section is named by a word or a few; a story by a sentence.
LONGEST_LABEL = 40
# A section's address has no more steps than these, and no step like that of a story: a number, or many words.
MOST_STEPS = 3
_STORY_STEP = re.compile(r"\d{4}|-[^-]+-[^-]+-|\d{3,}(?:\.\w+)?$")
NEWS = re.compile(r"news|nachricht|actu|notici|nyhet|novosti|aktuell|48h|latest|recent", re.IGNORECASE)


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """An address and the words by which it is called, if there are any."""

    url: str
    label: str = ""


def sitemaps_named(robots_txt: bytes, base: str) -> list[Link]:
    """Return the sitemaps of a robots.txt, those for news first."""
    named = sitemaps_in(lines_of(robots_txt))
    links = [Link(url=url) for url in (_joined(base, found) for found in named) if url]
    return sorted(links, key=lambda link: NEWS.search(urlsplit(link.url).path) is None)


def usual_feeds(front: str) -> list[Link]:
    """Return where the site of this page may have feeds."""
    return [Link(url=urljoin(front, path)) for path in _PLACES["feeds"]]


def usual_sitemaps(front: str) -> list[Link]:
    """Return where the site of this page may have sitemaps."""
    return [Link(url=urljoin(front, path)) for path in _PLACES["sitemaps"]]


def links_of(body: bytes, content_type: str | None, url: str) -> tuple[list[Link], list[Link]]:
    """Return the links of a page's menus that may be sections, and its links that look like feeds; of its own site."""
    tree = LexborHTMLParser(limit_nesting(limit_attributes(decode(body, content_type).utf8)))
    base = tree.css_first("base[href]")
    at = urljoin(url, (base.attributes.get("href") or "").strip()) if base is not None else url
    sections = [link for link in _links(tree, _MENUS, at, url) if _may_be_section(link, url)]
    feeds = [link for link in _links(tree, "a[href]", at, url) if FEED_PATH.search(urlsplit(link.url).path)]
    return sections, feeds


def _links(tree: LexborHTMLParser, selector: str, base: str, page: str) -> Iterator[Link]:
    """Yield each link to another page of the site once, in the order of the document."""
    seen = {url_key(page)}
    for anchor in tree.css(selector):
        url = _joined(base, anchor.attributes.get("href") or "")
        if url is None or not same_site(url, page) or url_key(url) in seen:
            continue
        seen.add(url_key(url))
        label = " ".join((anchor.text() or anchor.attributes.get("title") or "").split())
        yield Link(url=url, label=label)


def _may_be_section(link: Link, front: str) -> bool:
    host, path = urlsplit(link.url)[1:3]
    steps, of_front = _steps(path), _steps(urlsplit(front).path)
    is_elsewhere = host_of(link.url) != host_of(front)
    most = MOST_STEPS + max(0, len(of_front) - 1)  # `/zhongwen/simp` has its sections below `/zhongwen`
    if not link.label or len(link.label) > LONGEST_LABEL or len(steps) > most or not (steps or is_elsewhere):
        return False
    names = [*(step.partition(".")[0] for step in steps), *(host.split(".")[:-2] if is_elsewhere else [])]
    return _NO_SECTIONS.isdisjoint(names) and not FEED_PATH.search(path) and not any(map(_STORY_STEP.search, steps))


def _steps(path: str) -> list[str]:
    return [step for step in unquote(path).casefold().split("/") if step]


def _joined(base: str, written: str) -> str | None:
    try:
        url = urljoin(base, written.strip()).partition("#")[0].replace(" ", "%20")
    except ValueError:
        return None
    return url if host_of(url) else None


def newest_first(links: Sequence[tuple[Link, str | None]]) -> list[Link]:
    """Return the sitemaps of an index, those for news first, then by when they were changed."""
    ordered = sorted(links, key=lambda pair: pair[1] or "", reverse=True)
    return [link for link, _ in sorted(ordered, key=lambda pair: NEWS.search(urlsplit(pair[0].url).path) is None)]
