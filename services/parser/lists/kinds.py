"""Is a list one of headlines at all, and of which kind?"""

import re
from itertools import pairwise

import msgspec

from services.parser.lists.class_zones import DOUBTFUL, MENU
from services.parser.lists.labels import ROOTS, is_side_column
from services.parser.lists.readings import are_readings
from services.parser.lists.story_links import FEWEST_CHARS, StoryLink, is_heading
from services.parser.lists.story_lists import Item, StoryList
from services.parser.lists.words import ListKind, fold_words
from services.parser.lists.zones import FEWEST_STORY_URLS_DOUBTFUL, Page, reads_clearly
from services.parser.outline.outline import EDGE, Element, Outline
from shared.parsed_page import HeadlineKind

# A list of headlines has enough words per line, and most of its URLs are those of stories. Menus, topics, shops and
# legal notices fail one or the other. A list that the page names as one of stories needs less.
FEWEST_STORIES, FEWEST_WORDS, FEWEST_STORY_URLS = 3, 4.0, 0.5
FEWEST_WORDS_NAMED, FEWEST_WORDS_SURE, FEWEST_STORY_URLS_NAMED = 3.5, 3.0, 0.3
FEWEST_WORDS_TICKER, FEWEST_WORDS_ABOVE = 3.0, 4.0
# Headings on a front are headlines even if they have few words, as in languages that build long ones.
FEWEST_WORDS_HEADED, HEADED_SHARE = 2.0, 0.8
# At least this share of the links of a list without a name leads to the same site.
FEWEST_OWN = 0.5
# Clock times or ranks mark a list if they stand on most of its items; on a pair they may stand by chance.
MARKED_SHARE, FEWEST_MARKED = 0.6, 3
# A label counts before the class name if it stands at most this many levels farther above the list.
LABEL_LEVELS_MORE = 2
# In a menu or an advertisement by its class name alone, a bare link with a text of so many characters is a story.
FEWEST_CHARS_OF_CARD = 40
# A side column stands at most this many levels above its lists.
COLUMN_LEVELS = 30
# A list is part of an article if paragraphs of prose stand beside it within so many levels, or if its items and
# the text between them have so many times the text of the items alone.
PROSE_LEVELS, MOST_TEXT_BETWEEN = 3, 2.5

_CLOCK = re.compile(r"(?<![\d:.])([01]?\d|2[0-3])\s?[:.hH٫]\s?([0-5]\d)(?![\d:.]*\d)")
_DATE = re.compile(r"\d[./年-]\d\d?[./月-]|\b20\d\d\b")
# A lone link after one of these labels leads to a source or a shop as often as to a story.
_MERELY_MORE = {("more",), ("read", "more"), ("learn", "more"), ("leer", "mas"), ("leia", "mais"), ("mehr",)}
_SEPARATORS = " \t\r\n\v\u00a0+|•●■♦·*/–—-"
_KINDS: dict[ListKind, HeadlineKind] = {
    "breaking": "latest",
    "front": "front",
    "latest": "latest",
    "most_read": "most_read",
    "related": "related",
    "ticker": "ticker",
    "trending": "trending",
}
_NEWS = frozenset({"breaking", "latest", "ticker"})
_ARROWS = "←→«»‹›"
_KINDS_OF_STRIPS = frozenset({"latest", "trending", None})
_PICTURES_AND_TIMES = frozenset({"figure", "img", "picture", "time"})


class _Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A list in numbers: stories whose text reads like a headline, words per link, and the share of story URLs."""

    links: list[StoryLink]
    stories: int
    words: float
    story_urls: float
    named: bool


def is_headlines(found: StoryList, page: Page) -> bool:
    """Whether the list is one of headlines: several texts of several words with URLs of stories, outside menus."""
    seen = _see(found)
    if found.hint.kind == "ticker":
        return _is_ticker(found, seen, page)
    if _is_unwanted(found) or not _says_enough(seen, page):
        return False
    zone = page.zone_of(found.box)
    if zone == DOUBTFUL or (zone == MENU and page.front):
        if not _are_cards(found, page) or _is_foreign(seen.links, page):
            return False
    elif zone:
        # The foot of an article is often called a footer, and has two stories under a label.
        enough = seen.stories >= FEWEST_STORIES or (zone == "footer" and seen.stories > 1 and found.label is not None)
        return zone != "never" and seen.named and enough and reads_clearly(seen.links)
    if seen.stories == 1:
        return _may_be_alone(found, page, clear=reads_clearly(seen.links))
    return seen.named or page.front or not (_is_foreign(seen.links, page) or _is_content(found, page))


def _are_cards(found: StoryList, page: Page) -> bool:
    """Whether most items have a heading, a picture, a time or a long text, as cards of stories do and menus do not."""
    outline, items = page.outline, found.items
    if sum([item.link.story_url for item in items]) < FEWEST_STORY_URLS_DOUBTFUL * len(items):
        return False
    cards = sum(
        len(item.link.text) >= FEWEST_CHARS_OF_CARD
        or is_heading(outline, item.link)
        or any(e.tag in _PICTURES_AND_TIMES for e in outline.elements[item.element.index : item.element.end])
        for item in items
    )
    return 2 * cards > len(items)


def _see(found: StoryList) -> _Seen:
    links = [item.link for item in found.items]
    return _Seen(
        links=links,
        stories=len({link.key for link in links if link.strong}),
        words=sum([link.words for link in links]) / len(links),
        story_urls=sum([link.story_url for link in links]) / len(links),
        named=found.hint.kind is not None or (found.label is not None and found.label.kind not in {None, "service"}),
    )


def _is_ticker(found: StoryList, seen: _Seen, page: Page) -> bool:
    """Whether a box called a ticker holds headlines: of the paper, or several that a label announces as news.

    A single headline must be one beyond doubt.
    """
    if not seen.stories or seen.words < FEWEST_WORDS_TICKER or are_readings([link.text for link in seen.links]):
        return False
    announced = seen.stories > 1 and found.label is not None and found.label.kind in _NEWS
    if not announced and _is_foreign(seen.links, page):
        return False
    return seen.stories > 1 or reads_clearly(seen.links)


def _is_unwanted(found: StoryList) -> bool:
    """Whether the label announces an advertiser's list, or a service above links that do not read like news."""
    if found.label is None:
        return False
    return found.label.kind == "unwanted" or (
        found.label.kind == "service" and not reads_clearly([item.link for item in found.items])
    )


def _says_enough(seen: _Seen, page: Page) -> bool:
    """Whether the list has enough stories, words and story URLs; a list that the page names needs less of each."""
    if seen.named:
        words = FEWEST_WORDS_SURE if _has_long_words(seen) else FEWEST_WORDS_NAMED
        return seen.stories >= 1 and seen.words >= words and seen.story_urls >= FEWEST_STORY_URLS_NAMED
    several = page.front or seen.stories >= FEWEST_STORIES
    if page.front and seen.story_urls >= FEWEST_STORY_URLS_DOUBTFUL and seen.words >= FEWEST_WORDS_HEADED:
        headed = sum([is_heading(page.outline, link) or not link.element.chars for link in seen.links])
        if headed >= HEADED_SHARE * len(seen.links):
            return seen.stories >= 1
    return several and seen.words >= FEWEST_WORDS and seen.story_urls >= FEWEST_STORY_URLS


def _has_long_words(seen: _Seen) -> bool:
    """Whether headlines of few words say as much as others; topics and the names of shares say less."""
    if seen.words >= FEWEST_WORDS_NAMED or seen.story_urls < 1:
        return False
    return sum([len(link.text) for link in seen.links]) >= FEWEST_CHARS * len(seen.links)


def _is_foreign(links: list[StoryLink], page: Page) -> bool:
    """Whether most links leave the paper's site, as in an advertiser's list or a list of sources."""
    site = page.site
    return bool(site) and sum(site in link.url for link in links) < FEWEST_OWN * len(links)


def _may_be_alone(found: StoryList, page: Page, *, clear: bool) -> bool:
    """Whether the only link is a heading on a front, or is announced ("Lire aussi :") and not part of a sentence.

    `clear` says that its text and address are a headline's beyond doubt.
    """
    link = found.items[0].link
    if page.front and (clear or link.story_url) and is_heading(page.outline, link):
        return True
    label = found.label
    if (
        not clear
        or label is None
        or label.kind != "related"
        or label.levels > 1
        or fold_words(label.text)[:2] in _MERELY_MORE
    ):
        return False
    return label.element is not found.box or label.text.endswith((":", "»", ">", "|", "–"))


def _is_content(found: StoryList, page: Page) -> bool:
    """Whether a list without a name is part of an article: sources, steps, products with text between the links."""
    outline, items = page.outline, found.items
    shown = sum(item.element.chars for item in items)
    runs = outline.runs[items[0].element.first_run : items[-1].element.last_run]
    if len(" ".join("".join(runs).split())) > MOST_TEXT_BETWEEN * max(shown, 1):
        return True
    box: Element | None = found.box
    for _ in range(PROSE_LEVELS):
        if box is None or box.tag in ROOTS:
            return False
        if page.has_prose(box):
            home = page.home
            own = sum(item.link.url.startswith(home) for item in items)
            return not home or own < len(items) or any(not item.link.story_url for item in items)
        box = box.parent
    return False


def kind_of(found: StoryList, page: Page) -> HeadlineKind:
    """Returns the kind by label and class name, else by times and ranks. A bare line above the article is a ticker.

    Beside an article, a list under a section's name is related, and one without any name shows what the paper's front
    does, unless it stands amid the article.
    """
    kind = _kind_by_name(found)
    if page.front and kind == "related":
        kind = "front"  # On a front, "More news" is one of its sections.
    if page.front and kind == "latest" and _is_called_as_page(found, page):
        kind = "front"  # What a page called "Latest news" is made of.
    if (
        (kind in _KINDS_OF_STRIPS or (kind == "front" and not page.front))
        and _is_above(found, page)
        and _is_strip(page.outline, found, kind)
    ):
        return "ticker"
    if kind is None and not page.front:
        kind = _kind_by_marks(page.outline, found)
    if kind is None:
        nameless = found.label is None and not page.is_amid_article(found.box)
        kind = "front" if page.front or nameless else "related"
    return kind


def _is_called_as_page(found: StoryList, page: Page) -> bool:
    """Whether the label of the list is the page's own heading, and its class name says nothing of it.

    The first heading of a home may be that of its strip of the latest news.
    """
    label, title = found.label, page.title
    if page.is_home or label is None or title is None or title.tag != "h1" or found.hint.kind is not None:
        return False
    return title.inside(label.element) or label.element.inside(title)


def _kind_by_name(found: StoryList) -> HeadlineKind | None:
    """Returns the kind by name.

    Readers see the label, so it counts before the class name unless it stands far above.
    """
    kind = found.hint.kind
    label = found.label
    if label is not None and label.kind and kind != "ticker" and label.levels <= found.hint.levels + LABEL_LEVELS_MORE:
        kind = label.kind
    return _KINDS.get(kind) if kind else None


def _is_above(found: StoryList, page: Page) -> bool:
    """Whether a list of whole headlines stands above the page's title, but not in a menu."""
    if page.title is None or found.box.index >= page.title.index or page.zone_of(found.box):
        return False
    if page.is_below_prose(found.box):
        return False
    words = sum([item.link.words for item in found.items]) / len(found.items)
    return words >= FEWEST_WORDS_ABOVE


def _is_strip(outline: Outline, found: StoryList, kind: HeadlineKind | None) -> bool:
    """Whether the list is one moving line: bare lines without pictures or times, outside any side column."""
    at: Element | None = found.box
    for _ in range(COLUMN_LEVELS):
        if at is None:
            break
        if at.tag in {"aside", "nav"} or (at.hint and is_side_column(at.hint)):
            return False
        at = at.parent
    if any(
        e.tag in _PICTURES_AND_TIMES
        for item in found.items
        for e in outline.elements[item.element.index : item.element.end]
    ):
        return False
    if any(item.link.text[0] in _ARROWS or item.link.text[-1] in _ARROWS for item in found.items if item.link.text):
        return False  # The story before this one and the next.
    return kind is not None or _is_separated(outline, found)


def _is_separated(outline: Outline, found: StoryList) -> bool:
    """Whether the items stand in one line, with nothing but white space, "|", "+++" or a bullet between them."""
    pairs = zip(found.items, found.items[1:], strict=False)
    gaps = ["".join(outline.runs[a.element.last_run : b.element.first_run]) for a, b in pairs]
    return len(gaps) > 1 and all(EDGE not in gap and not gap.strip(_SEPARATORS) for gap in gaps)


def _kind_by_marks(outline: Outline, found: StoryList) -> HeadlineKind | None:
    """Returns "latest" for a list with clock times, "most_read" for one with ranks from 1 upwards, else None."""
    items = found.items
    if len(items) < FEWEST_MARKED:
        return None
    beside = [text_beside(outline, item) for item in items]
    clocks = [clock for text in beside if (clock := _CLOCK.search(text))]
    if len(clocks) >= MARKED_SHARE * len(items) and (
        any(_DATE.search(text) for text in beside) or _run_in_order([60 * int(c[1]) + int(c[2]) for c in clocks])
    ):
        return "latest"
    # "1 hour ago" stands after a headline, where nothing but a rank is one.
    firsts = [text.split()[:1] if text[:1] != " " else [text.strip()] for text in beside]
    ranks = sum(first in ([str(at)], [f"{at}."], [f"0{at}"]) for at, first in enumerate(firsts, 1))
    return "most_read" if ranks >= MARKED_SHARE * len(items) else None


def _run_in_order(minutes: list[int]) -> bool:
    """Whether clock times rise or fall throughout, with one midnight at the most; the lengths of videos do neither."""
    rises = sum(one < other for one, other in pairwise(minutes))
    falls = sum(one > other for one, other in pairwise(minutes))
    return min(rises, falls) <= 1


def text_beside(outline: Outline, item: Item) -> str:
    """Returns the item's text before its headline and right after it, which is where times and ranks stand."""
    text = outline.text_of(item.element)
    headline = item.link.text
    before, _, after = text.partition(headline) if headline else (text, "", "")
    return f"{before} {after[:20]}"
