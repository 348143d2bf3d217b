"""By which names does a site add itself to its titles, and what is a title without them?"""

import re
from functools import cached_property
from urllib.parse import urlsplit

from services.parser.fields.metadata import Metadata
from services.parser.fields.surroundings import is_short
from services.parser.fields.title_text import MOST_HEADINGS, bare, clean_title, is_long_enough
from services.parser.lists.story_urls import is_home
from services.parser.outline.outline import Element, Outline

# Elements of a heading in which its link is looked for.
MOST_INSIDE = 10
# No title is longer (characters): an element that was never closed is, and looking for names at each of its edges took
# 15 s for a page of 500 KB. The longest title of the benchmarks' pages has 175 characters.
LONGEST_TITLE = 1_000

# Characters of a site's name in its header.
LONGEST_NAME = 60

# What stands between a title and the name of its site.
_BARS = "|｜│┃︱ㅣ¦"
_EDGE = re.compile(
    rf"(\s+[|–—\-:•·»›«~/]{{1,2}}\s+|\s*[{_BARS}]\s*|\s*(?:--+|::)\s*|：|"
    r"(?<=[\u3000-\ud7ff\uff00-\uffef])\s*[_\-–—·・]+\s*(?=[\u3000-\ud7ff]))"
)
_HOMES = frozenset({"", "/", "./", "index.html", "/index.html", "index.php", "/index.php"})


class SiteName:
    """The names by which a site may add itself to its titles: what it calls itself, and its host."""

    def __init__(self, outline: Outline, metadata: Metadata) -> None:
        host = (urlsplit(metadata.url or "").hostname or "").removeprefix("www.")
        labels = [label for label in host.split(".")[:-1] if len(label) > 2]
        named = [name for name in (metadata.site_name, metadata.publisher) if name]
        self._logos = {bare(logo) for logo in _logos(outline, metadata.url)} - {""}
        self._outline, self._url = outline, metadata.url
        self._names = {bare(name) for name in (*named, host, *labels)} | self._logos - {""}
        self._others = {bare(clean_title(title)) for title in metadata.titles}

    def is_named_by(self, text: str) -> bool:
        """Whether the text is the site's name, perhaps with a word or a domain added."""
        folded = bare(text)
        if folded in self._names:
            return True
        return len(folded) > 3 and any(
            len(name) > 3
            and (folded.startswith(name) or name.startswith(folded))
            and abs(len(name) - len(folded)) <= 12
            for name in self._names
        )

    @cached_property
    def _home_links(self) -> set[str]:
        return {bare(text) for text in _home_links(self._outline, self._url)} - {""}

    def _is_name(self, part: str) -> bool:
        """Whether a part between edges is the site's name, or what its links to the front say."""
        return self.is_named_by(part) or (len(part) <= LONGEST_NAME and bare(part) in self._home_links)

    def begins(self, title: str) -> bool:
        """Whether a title is the site's name, or begins with it: `The Beacon - News from the bay`."""
        return len(title) <= LONGEST_TITLE and self._is_name(_EDGE.split(title)[0])

    def cut_from(self, title: str) -> str:
        """The title without the site's name at its end or start."""
        if len(title) > LONGEST_TITLE:
            return title
        parts = _EDGE.split(title)  # text, edge, text, edge, text
        for at in range(2, len(parts), 2):
            if bare("".join(parts[at:])) in self._logos:
                return "".join(parts[: at - 1]).strip()
            if bare("".join(parts[: at - 1])) in self._logos:
                return "".join(parts[at:]).strip()
        if len(parts) > 2 and self._is_name(parts[0]) and not self._is_name(parts[-1]):
            parts = parts[2:]
        while len(parts) > 2 and is_long_enough("".join(parts[:-2])) and self._is_added(parts):
            parts = parts[:-2]
        if len(parts) > 2 and self._is_name(parts[0]):
            parts = parts[2:]
        elif len(parts) > 2 and self._is_name(parts[-1]):
            parts = parts[:-2]
        return "".join(parts).strip()

    def cut_name_from(self, heading: str) -> str:
        """A heading without the site's name at its end; other parts of it stay."""
        if len(heading) > LONGEST_TITLE:
            return heading
        parts = _EDGE.split(heading)
        return "".join(parts[:-2]).strip() if len(parts) > 2 and self.is_named_by(parts[-1]) else heading

    def _is_added(self, parts: list[str]) -> bool:
        """A bar always ends the title; after a dash it takes the site's name, or another claim that ends there."""
        if self._is_name(parts[-1]) or not set(_BARS).isdisjoint(parts[-2]):
            return True
        return bare("".join(parts[:-2])) in self._others


def _logos(outline: Outline, url: str | None) -> list[str]:
    """First-level headings that are the site's name, because they lead to its home page."""
    if is_home(url):
        return []
    host = urlsplit(url or "").hostname
    return [
        clean_title(outline.text_of(heading))
        for heading in outline.tagged("h1")[:MOST_HEADINGS]
        if any(_leads_home(link, host) for link in _links_around(outline, heading))
    ]


def _home_links(outline: Outline, url: str | None) -> list[str]:
    """What the page's first links to its front say: the name in its header, beside words like Home."""
    if is_home(url):
        return []
    host = urlsplit(url or "").hostname
    longest = len(f"https://www.{host}/index.html")
    links = (
        link
        for link in outline.tagged("a")[:MOST_HEADINGS]
        if len(link.attrs.get("href") or "") <= longest and is_short(link, LONGEST_NAME)
    )
    return [clean_title(outline.text_of(link)) for link in links if _leads_home(link, host)]


def _links_around(outline: Outline, heading: Element) -> list[Element]:
    """The links in a heading, and the one that it stands in."""
    inside = [
        element
        for element in outline.elements[heading.index + 1 : min(heading.end, heading.index + MOST_INSIDE)]
        if element.tag == "a"
    ]
    parent = heading.parent
    return [*inside, parent] if parent is not None and parent.tag == "a" else inside


def _leads_home(link: Element, host: str | None) -> bool:
    href = (link.attrs.get("href") or "").strip()
    if not href or href[0] in "#?":
        return False
    if href[0] == "/" and href[1:2] != "/":
        path, _, query = href.partition("#")[0].partition("?")
        return path in _HOMES and not query
    try:
        target = urlsplit(href)
    except ValueError:
        return False
    return target.hostname in (None, host) and target.path in _HOMES and not target.query
