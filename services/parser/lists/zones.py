"""What kind of page is it, where is its title, and which of its parts are menus, footers and the like?"""

from services.parser.lists.class_zones import DOUBTFUL, MENU, zone_of_hint
from services.parser.lists.story_links import MOST_CARD_CHARS, StoryLink
from services.parser.lists.story_urls import is_home, is_story_url
from services.parser.outline.outline import Element, Outline
from shared.sites import site_of
from shared.urls import host_of

# In menus and footers, and for a story that stands alone, the case must be clear: at least so many words per link, and
# at least this share of story URLs.
FEWEST_WORDS_DOUBTFUL, FEWEST_STORY_URLS_DOUBTFUL = 5.0, 0.6
# A paragraph of so many characters is prose; two of them beside a list mean that the list stands in the article.
PROSE_CHARS = 100
# A page with an unclear URL and more prose than this in its paragraphs is an article.
MOST_PROSE_OF_FRONT, FEWEST_CHARS_OF_PROSE = 1_500, 80
TEASER_LEVELS = 2
FEWEST_CHARS_OF_TITLE = 15

_BANNERS = frozenset({"banner", "banners"})
_ZONE_TAGS = {"nav": "nav", "footer": "footer"}


class Page:
    """What the lists of a page are judged by: where its title stands, its zones, and whether it is a front."""

    def __init__(self, outline: Outline, url: str | None, *, front: bool = False) -> None:
        self.outline = outline
        self.title = find_title(outline)
        self.front = front or _is_front(outline, url)
        self.is_home = bool(url) and is_home(url)
        self.home = "/".join(url.split("/")[:3]) if url else ""
        host = host_of(url or "").rpartition(":")[0]
        # The paper's own URLs contain the site, others rarely do.
        self.site = site_of(host) or host
        self._prose: dict[int, bool] = {}
        self._article: range | None = None
        self._first_prose: int | None = None
        self._zones: dict[int, str] = {}
        self._largest = outline.elements[0].chars // 2 if outline.elements else 0

    def has_prose(self, box: Element) -> bool:
        """Whether two paragraphs of prose stand directly in the box."""
        if box.index not in self._prose:
            paragraphs = [c for c in self.outline.children(box) if c.tag == "p"]
            self._prose[box.index] = sum(p.chars - p.link_chars >= PROSE_CHARS for p in paragraphs) >= 2
        return self._prose[box.index]

    def is_amid_article(self, box: Element) -> bool:
        """Whether the box stands between the title and the last paragraph of prose that has another beside it."""
        if self._article is None:
            paragraphs = reversed(self.outline.tagged("p"))
            long = (p for p in paragraphs if p.chars - p.link_chars >= PROSE_CHARS and p.parent is not None)
            last = next((p for p in long if p.parent is not None and self.has_prose(p.parent)), None)
            start = self.title.index if self.title is not None else 0
            self._article = range(start, last.index if last is not None else 0)
        return box.index in self._article

    def is_below_prose(self, box: Element) -> bool:
        """Whether paragraphs of prose stand above the box, as above a list in or after an article."""
        if self._first_prose is None:
            long = (p for p in self.outline.tagged("p") if p.chars - p.link_chars >= PROSE_CHARS)
            first = next((p for p in long if p.parent is not None and self.has_prose(p.parent)), None)
            self._first_prose = first.index if first is not None else len(self.outline.elements)
        return self._first_prose < box.index

    def is_menu(self, box: Element, links: list[StoryLink]) -> bool:
        """Whether the links stand in a menu, a footer or the like, and are not headlines beyond doubt."""
        zone = self.zone_of(box)
        return zone == "never" or (zone != "" and not reads_clearly(links))

    def zone_of(self, element: Element) -> str:
        """Returns an element's zone ("" for content) by its nearest telling ancestor of at most half the page."""
        path: list[Element] = []
        at: Element | None = element
        zone = ""
        while at is not None:
            if at.index in self._zones:
                zone = self._zones[at.index]
                break
            path.append(at)
            at = at.parent
        title = self.title.index if self.title else -1
        for at in reversed(path):
            if at.tag in _ZONE_TAGS:
                zone = _ZONE_TAGS[at.tag]
            elif at.hint and at.chars <= self._largest and not at.index < title < at.end:
                named = zone_of_hint(at.hint)
                if named and not (zone and named in {DOUBTFUL, MENU}):
                    zone = named
                zone = zone or self._zone_of_banner(at)
            self._zones[at.index] = zone
        return zone

    def _zone_of_banner(self, box: Element) -> str:
        """Returns "never" for a box called banner right above a menu, which holds advertisements."""
        if "banner" not in box.hint or _BANNERS.isdisjoint(box.hint.split()) or box.attrs.get("role") == "banner":
            return ""
        after = self.outline.elements[box.end] if box.end < len(self.outline.elements) else None
        if after is None or after.parent is not box.parent:
            return ""
        return "never" if (_ZONE_TAGS.get(after.tag) or zone_of_hint(after.hint)) in {"nav", MENU} else ""


def reads_clearly(links: list[StoryLink]) -> bool:
    """Whether the texts are long enough, and enough URLs are those of stories, to be headlines beyond doubt."""
    words = sum([link.words for link in links])
    stories = sum([link.story_url for link in links])
    return words >= FEWEST_WORDS_DOUBTFUL * len(links) and stories >= FEWEST_STORY_URLS_DOUBTFUL * len(links)


def find_title(outline: Outline) -> Element | None:
    """Returns the article's heading: the longest <h1>, since the paper may be one, else an <h2> that <title> holds."""
    h1 = max(outline.tagged("h1"), key=lambda heading: heading.chars, default=None)
    if h1 is not None and h1.chars:
        return h1
    headings = (e for e in outline.tagged("h2") if e.chars >= FEWEST_CHARS_OF_TITLE)
    return next((e for e in headings if outline.text_of(e) in outline.title), None)


def _is_front(outline: Outline, url: str | None) -> bool:
    """Whether the page is a front or a section's page, not an article: by its URL, its metadata and its prose."""
    if url and is_home(url):
        return True
    if _says_article(outline) or (url and is_story_url(url)):
        return False
    paragraphs = [p for p in outline.tagged("p") if p.chars > FEWEST_CHARS_OF_PROSE]
    if _unlinked_chars(paragraphs) <= MOST_PROSE_OF_FRONT:
        return True
    return _unlinked_chars([p for p in paragraphs if not _is_teaser(p)]) <= MOST_PROSE_OF_FRONT


def _says_article(outline: Outline) -> bool:
    """Whether the page's metadata call it an article, or give a moment of publication."""
    for meta in outline.metas:
        name = meta.get("property")
        if name == "article:published_time" or (name == "og:type" and "article" in (meta.get("content") or "")):
            return True
    return False


def _unlinked_chars(paragraphs: list[Element]) -> int:
    return sum([p.chars - p.link_chars for p in paragraphs])


def _is_teaser(paragraph: Element) -> bool:
    """Whether the paragraph stands beside a link in a box as small as a card."""
    box = paragraph.parent
    for _ in range(TEASER_LEVELS):
        if box is None or box.chars > paragraph.chars + MOST_CARD_CHARS:
            return False
        if box.link_chars > paragraph.link_chars:
            return True
        box = box.parent
    return False
