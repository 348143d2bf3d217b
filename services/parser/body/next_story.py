"""Which other stories does an endless page show below its own? Each in a box of the same kind, with a headline."""

import re
from bisect import bisect
from collections.abc import Iterator
from urllib.parse import urlsplit

import msgspec
from msgspec import structs

from services.parser.body.stretch import Scored
from services.parser.language.folding import bare
from services.parser.lists.headlines import HeadlineLists
from services.parser.lists.story_urls import is_story_url
from services.parser.outline.addresses import Resolver
from services.parser.outline.outline import Element, Outline
from shared.parsed_page import Headline

# A block of this size bucket (over 45 characters outside links) is prose.
PROSE_SIZE = 4
# A headline is at least so long, and stands among so many first elements of its story.
LEAST_HEADLINE, NEAR_START = 8, 20
# A story has at least so many blocks of prose; a teaser has fewer.
LEAST_TOLD = 2
# Byline and date stand within so many elements behind a headline.
NEAR_HEADLINE = 15

_HEADINGS = frozenset(["h1", "h2", "h3"])
_OUTER_TAGS = frozenset(["html", "body", "main"])
_STORY_TYPE = re.compile(r"(?:Article|BlogPosting|Report)/?(?:\s|$)")
_BYLINE_OR_DATE = re.compile(r"(?<![a-z])(?:by-?line|author|autor|auteur|date|time|published|posted)")
# Where scripts of endless pages keep the address that they show for a story.
_ADDRESS_ATTRIBUTES = (
    *("data-url", "data-href", "data-permalink", "data-canonical", "data-canonical-url", "data-article-url", "itemid"),
    *("data-page-url", "data-link", "data-post-url", "data-story-url", "data-share-url", "data-path", "about"),
)


class NextStory(msgspec.Struct, frozen=True, kw_only=True):
    """Another story on the page: its headline, its address if it has one, and its elements from `first` to `end`."""

    text: str
    url: str | None
    first: int
    end: int


def next_stories(outline: Outline, title: Element | None, scored: Scored, url: str | None) -> list[NextStory]:
    """Returns the stories that stand whole behind the page's own, in the order of the page."""
    if title is None or 2 * title.link_chars > title.chars:
        return []
    heads = list(_later_heads(outline, title))
    if not heads:
        return []
    prose = [
        f.element.index for f, _ in scored if f.size >= PROSE_SIZE and f.linked < 2 and f.element.index > title.index
    ]
    heads = [head for head in heads if prose and prose[0] < head.index < prose[-1]]
    if not heads:
        return []
    finder = _Finder(outline, title, heads, prose, Resolver(outline, url))
    found: list[NextStory] = []
    for head in heads:
        if not found or head.index >= found[-1].end:
            story = finder.story_of(head)
            if story is not None:
                found.append(story)
    return found


def with_next_stories(lists: HeadlineLists, stories: list[NextStory]) -> HeadlineLists:
    """Returns the lists with those of the stories that have an address of their own and are in no list yet."""
    known = {line.url for line in lists.headlines}
    new = [story for story in stories if story.url is not None and story.url not in known]
    lines = [
        Headline(kind="related", position=position, text=story.text, url=story.url)
        for position, story in enumerate(new, 1)
    ]
    places = [*lists.places, *(story.first for story in new)] if lists.places or not lists.headlines else []
    return structs.replace(lists, headlines=[*lists.headlines, *lines], places=places)


def _later_heads(outline: Outline, title: Element) -> Iterator[Element]:
    """Yield headings behind the title: those like it, those that are links, and the first of each <article>."""
    heads = {head.index: head for head in outline.tagged(title.tag) if head.index > title.index}
    for tag in _HEADINGS - {title.tag}:
        heads |= {h.index: h for h in outline.tagged(tag) if h.index > title.index and 2 * h.link_chars > h.chars}
    for article in outline.tagged("article"):
        if article.index > title.index:
            within = outline.elements[article.index + 1 : min(article.end, article.index + NEAR_START)]
            first = next((element for element in within if element.tag in _HEADINGS), None)
            if first is not None:
                heads[first.index] = first
    for index in sorted(heads):
        if heads[index].chars >= LEAST_HEADLINE:
            yield heads[index]


class _Finder:
    """Judges the headings of one page."""

    def __init__(
        self, outline: Outline, title: Element, heads: list[Element], prose: list[int], resolve: Resolver
    ) -> None:
        self.outline, self.title, self.prose, self.resolve = outline, title, prose, resolve
        self.heads, self.named = heads, bare(outline.text_of(title))
        self.own_article = _article_around(title)
        self.own_looks = {(e.tag, e.hint) for e in title.ancestors() if e.hint and e.tag not in _OUTER_TAGS}
        self.path = _path(resolve.base)

    def story_of(self, head: Element) -> NextStory | None:
        """Returns the story that the heading opens; None if it stands in the page's own, or opens a mere teaser."""
        at = bisect(self.prose, head.index)
        if not at or at == len(self.prose):  # no prose stands before or behind it
            return None
        before = self.prose[at - 1]
        box = head
        while box.parent is not None and box.parent.index > before and box.parent.tag not in _OUTER_TAGS:
            box = box.parent
        end = box.end if box is not head or box.parent is None else box.parent.end
        told = bisect(self.prose, end - 1) - at
        if told <= 0 or bare(self.outline.text_of(head)) == self.named:
            return None
        address = self._address_of(head, box)
        if not self._is_another(head, box, address, told):
            return None
        return NextStory(text=self.outline.text_of(head), url=address, first=box.index, end=end)

    def _is_another(self, head: Element, box: Element, address: str | None, told: int) -> bool:
        """Whether the box is like the page's own story, or what it holds has an address, byline or date of its own."""
        if box is head:  # headline, byline and text stand behind those of the page's own story, in no box
            return head.tag == self.title.tag and address is not None and self._is_signed(head, box)
        article = _article_around(head)
        apart = article is not None and article is not self.own_article and article.index >= box.index
        beside = apart and self.own_article is not None and article is not None and not article.inside(self.own_article)
        if told < LEAST_TOLD and not (beside and head.tag == self.title.tag):
            return False
        if not beside and any(other.inside(box) for other in self.heads if other is not head):
            return False
        if beside and address is not None:
            return True
        if head.tag == self.title.tag and apart and self.own_article is not None:
            return True
        twin = any((e.tag, e.hint) in self.own_looks for e in head.ancestors() if e.index >= box.index)
        known = beside or address is not None or (head.tag == self.title.tag and (twin or apart))
        return known and self._is_signed(head, box)

    def _is_signed(self, head: Element, box: Element) -> bool:
        """Whether a byline or date stands behind the headline, or the markup says that this is an article."""
        if any(_STORY_TYPE.search(e.attrs.get("itemtype") or "") for e in head.ancestors() if e.index >= box.index):
            return True
        end = box.parent.end if box is head and box.parent is not None else box.end
        following = self.outline.elements[head.end : min(end, head.end + NEAR_HEADLINE)]
        return any(e.tag == "time" or _BYLINE_OR_DATE.search(e.hint) for e in following)

    def _address_of(self, head: Element, box: Element) -> str | None:
        """Returns the address of another page that the heading links to, or that the box is marked with."""
        links = [e for e in (*self.outline.subtree(head), *head.ancestors()) if e.tag == "a" and e.index >= box.index]
        said = [link.attrs.get("href") for link in links if 2 * head.link_chars > head.chars]
        for element in (*(e for e in head.ancestors() if e.index >= box.index), box):
            attrs = element.attrs
            said += [attrs[name] for name in _ADDRESS_ATTRIBUTES if attrs.get(name)]
        for address in said:
            whole = self.resolve(address or "")
            if (
                whole
                and whole.startswith(self.resolve.origin or "http")
                and _path(whole) != self.path
                and is_story_url(whole)
            ):
                return whole
        return None


def _path(address: str) -> str:
    try:
        return urlsplit(address).path.rstrip("/")
    except ValueError:
        return ""


def _article_around(element: Element) -> Element | None:
    return next((around for around in element.ancestors() if around.tag == "article"), None)
