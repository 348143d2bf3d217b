"""Which links name a part of the site (a section, a subsection, a category above a headline) rather than a story?

No words tell that in every language. But a section stands in the site's menu, and the names of subsections are bare,
short and side by side, unlike the page's headlines.
"""

import re
from collections import Counter
from functools import lru_cache

from services.parser.language.scripts import count_said
from services.parser.lists.class_zones import MENU
from services.parser.lists.headline_text import is_title_hint
from services.parser.lists.story_links import LinkScan, StoryLink, is_heading, shape_of
from services.parser.lists.zones import Page
from services.parser.outline.outline import Element

# The name of a section has at most so many letters. A bare link with such a text is one if
# no link of its shape has a text of as many letters as a headline.
LONGEST_NAME, SHORTEST_HEADLINE, LETTERS_A_DENSE_CHARACTER = 36, 42, 5
# The name of a subsection has no more words between spaces.
MOST_WORDS_OF_NAME = 6
# A story has no more places on a front than this; a category stands above each of its stories.
FEWEST_OF_CATEGORY = 4
# Footers, and menus beside articles, hold stories too; those have more words than a section's name.
FEWEST_WORDS_OF_STORY = 4
# Marks and digits that a name rarely has.
_MARKS = frozenset(":?!\"“”„«»‘’'…0123456789")
_CATEGORY_HINT = re.compile(
    r"categor|kicker|eyebrow|overline|\bslug|rubri(?:que|ca\b|c\b)|section-?name|byline"
    r"|(?:^|[\s_-])(?:cat|tag|topic|channel|author|autor|auteur)(?:$|\s)"
)
_MENUS = frozenset({"nav", "footer", MENU})
_CARD_TAGS = frozenset({"article", "figure", "img", "picture", "time", "h1", "h2", "h3", "h4", "h5", "h6"})


def drop_sections(page: Page, scan: LinkScan) -> None:
    """Take short links out of the scan that lead where the menu leads, or are names above or beside stories."""
    short = [link for link in scan.links if link.text and _letters(link.text) <= LONGEST_NAME]
    if not short:
        return
    sections = _sections(page, scan, {link.key for link in short})
    if page.front:
        times = Counter((link.key, link.text) for link in short)
        sections |= {key for (key, _), number in times.items() if number >= FEWEST_OF_CATEGORY}
    names = {id(link) for link in short if _is_category(link) or (link.key in sections and _may_name(page, link))}
    if page.front:
        names |= _subsections(page, scan, short)
    scan.links = [link for link in scan.links if id(link) not in names]


def _letters(text: str) -> int:
    """Returns how long a text is; a name in Han, kana or hangul has few characters, each worth five letters."""
    characters = len(text) - text.count(" ")
    return LETTERS_A_DENSE_CHARACTER * characters if count_said(text) >= 2 * characters else len(text)


def _may_name(page: Page, link: StoryLink) -> bool:
    """Whether a link to a page of the menu may name a section; beside an article, a menu may be a ticker of stories."""
    if page.front:
        return True
    few = link.words < FEWEST_WORDS_OF_STORY or not link.story_url
    return few and page.zone_of(link.element) not in _MENUS


def _is_category(link: StoryLink) -> bool:
    """Whether the class name of the link, or of the element around it alone, says kicker or author."""
    parent = link.element.parent
    hint = link.element.hint
    if parent is not None and parent.chars == link.element.chars and parent.tag not in {"article", "li"}:
        hint = f"{hint} {parent.hint}"
    return bool(hint) and _is_category_hint(hint)


@lru_cache(maxsize=8192)
def _is_category_hint(hint: str) -> bool:
    return _CATEGORY_HINT.search(hint) is not None and not is_title_hint(hint)


def _sections(page: Page, scan: LinkScan, keys: set[str]) -> set[str]:
    """Returns which of the keys the page's menus lead to, by bare links of short text."""
    found = set()
    for anchor in page.outline.tagged("a"):
        if not 0 < anchor.chars <= LONGEST_NAME:
            continue
        address = scan.addresses.get(anchor.attrs.get("href") or "")
        if address is None or address.key not in keys or address.key in found:
            continue
        zone = page.zone_of(anchor)
        if zone == "footer" and page.outline.text_of(anchor).count(" ") + 1 >= FEWEST_WORDS_OF_STORY:
            continue
        if zone in _MENUS and not _is_card(page, anchor):
            found.add(address.key)
    return found


def _is_card(page: Page, anchor: Element) -> bool:
    """Whether the anchor is or holds a heading, or stands in an entry with a picture or a time."""
    box = anchor
    while box.parent is not None and box.parent.chars == anchor.chars:
        box = box.parent
    return any(e.tag in _CARD_TAGS for e in page.outline.elements[box.index : box.end])


def _subsections(page: Page, scan: LinkScan, short: list[StoryLink]) -> set[int]:
    """Returns the identities of short links that are bare, stand among links alone, and look like no headline."""
    headlines = {shape_of(link) for link in scan.links if _letters(link.text) >= SHORTEST_HEADLINE}
    found = set()
    for link in short:
        if link.text.count(" ") >= MOST_WORDS_OF_NAME:
            continue
        if shape_of(link) not in headlines and _MARKS.isdisjoint(link.text) and not is_heading(page.outline, link):
            box = link.element.parent
            while box is not None and box.chars == link.element.chars:
                box = box.parent
            if box is not None and box.link_chars == box.chars and not _is_card(page, link.element):
                found.add(id(link))
    return found
