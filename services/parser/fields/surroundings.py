"""Where on the page do byline and dates of the article stand: around its headline, before and behind its text.

Headers with clocks, rails with other stories' dates and comments with other people's names lie outside.
"""

import re
from functools import lru_cache

import msgspec

from services.parser.outline.outline import Element, Outline
from services.parser.outline.region import IN_WORDS, Apart, Region

# Elements before the headline that may hold kicker, date or byline; on the tuning pages 95 % of those stand within.
ABOVE_TITLE = 30
# Elements between headline and text; more is another part of the page.
MOST_BETWEEN = 220
# A byline may open the text or close it.
INTO_BODY = 15
BEHIND_BODY = 45
# The first line of the text is among so many elements, and the last.
CLOSING = 12

# <header> of the site stands at most this deep; one of an article stands deeper.
DEEPEST_SITE_HEADER = 3
# Class names come back on every page of a site, so what they mean is remembered.
REMEMBERED_HINTS = 16384
_SITE_HEAD = re.compile(
    r"masthead|top-?bar|site-?header|nav-?bar|\bnav\b|main-?menu|clock|weather|today|ticker|breaking"
)

# A link of so many letters is a headline, in a box of at most so many with what stands beside it.
LEAST_HEADLINE = 25
LARGEST_TEASER = 300
# A larger box is the page's frame, whatever it is called.
LARGEST_LIST = 2_000
# A neighbour's date stands so deep in its box at most.
MOST_LEVELS = 4
_NEIGHBOURS = re.compile(
    r"related|recommend|read-?(?:more|also|next)|more-(?:from|news|stories)|latest|popular|trending|most-|"
    r"\bteaser|suggest|copyright|outbrain|taboola|up-?next|recent-"
)

# A short line has few runs of text; a hundred thousand nested elements around two words are an attack.
MOST_RUNS = 300


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """Elements in document order: above the headline, from there into the text, and from its last line on.

    `opening` and `closing` are the first and last elements of the text itself. `apart` is that of the region.
    """

    above: list[Element]
    between: list[Element]
    behind: list[Element]
    opening: list[Element] = []
    closing: list[Element] = []
    apart: bytearray | None = None

    def why_apart(self, element: Element) -> str:
        """Returns in words what part the element is in that is not the article's; "" for none."""
        return IN_WORDS[Apart(self.apart[element.index])] if self.apart is not None and self.is_apart(element) else ""

    def is_apart(self, element: Element) -> bool:
        """Whether the element is in comments, another story, or another part that is surely not the article's."""
        return self.apart is not None and self.apart[element.index] > 0


def is_neighbours(outline: Outline, places: Surroundings, element: Element) -> bool:
    """Whether an element behind the text belongs to another story: in a box with its headline, or in a list of them.

    What holds the text as well is no box of others, whatever it is called.
    """
    first = places.opening[0].index if places.opening else len(outline.elements)
    is_behind = bool(places.closing) and element.index > places.closing[-1].index
    box, levels = element, 0
    while box.parent is not None and box.index > first and levels < MOST_LEVELS:
        if _is_of_others(box) or (is_behind and box is not element and _has_headline(outline, box, element)):
            return True
        box, levels = box.parent, levels + 1
    return False


def _is_of_others(box: Element) -> bool:
    if box.tag in ("aside", "nav") or (box.tag == "footer" and box.depth <= DEEPEST_SITE_HEADER):
        return True
    return box.chars <= LARGEST_LIST and _names_neighbours(box.hint)


def _has_headline(outline: Outline, box: Element, element: Element) -> bool:
    """Whether a small box holds a link as long as a headline; apart from the element."""
    if box.link_chars < LEAST_HEADLINE or box.chars > LARGEST_TEASER:
        return False
    inside = outline.elements[box.index + 1 : min(box.end, box.index + MOST_RUNS)]
    return any(
        link.tag == "a" and link.chars >= LEAST_HEADLINE and (link.end <= element.index or link.index >= element.end)
        for link in inside
    )


@lru_cache(maxsize=REMEMBERED_HINTS)
def _names_neighbours(hint: str) -> bool:
    return bool(_NEIGHBOURS.search(hint))


def is_short(element: Element, most_chars: int) -> bool:
    """Whether an element holds some text, and so little that reading it costs next to nothing."""
    return 0 < element.chars <= most_chars and element.last_run - element.first_run <= MOST_RUNS


def surroundings_of(outline: Outline, region: Region | None) -> Surroundings:
    """The places to look at; without an article, what follows the first heading."""
    elements = outline.elements
    if region is None:
        at = next((h.index for tag in ("h1", "h2") for h in outline.tagged(tag)), 0)
        return Surroundings(above=_above(elements, at), between=elements[at : at + 2 * ABOVE_TITLE], behind=[])
    title = region.title_element
    at = title.index if title is not None and title.index <= region.first else max(0, region.first - ABOVE_TITLE)
    into_body = _into_body(elements, region)
    between = elements[at : min(at + MOST_BETWEEN, into_body)]
    if region.first - at > MOST_BETWEEN:
        between += elements[region.first - ABOVE_TITLE : into_body]
    return Surroundings(
        above=_above(elements, at),
        between=_without_apart(between, region),
        behind=_behind(elements, region),
        opening=elements[region.first : min(region.first + CLOSING, region.last + 1)],
        closing=elements[max(region.last + 1 - CLOSING, region.first + 1) : region.last + 1],
        apart=region.apart,
    )


def _into_body(elements: list[Element], region: Region) -> int:
    """Where the opening of the text ends; a short text is all opening."""
    return min(region.first + INTO_BODY, elements[region.last].end)


def _behind(elements: list[Element], region: Region) -> list[Element]:
    """The elements from the last lines of the text on."""
    return _without_apart(
        elements[max(region.last - INTO_BODY, _into_body(elements, region)) : region.last + BEHIND_BODY], region
    )


def _without_apart(elements: list[Element], region: Region) -> list[Element]:
    """The elements without those of comments and other parts that are apart."""
    apart = region.apart
    return elements if apart is None else [element for element in elements if not apart[element.index]]


def _above(elements: list[Element], at: int) -> list[Element]:
    """The elements before the headline, without the site's header and menus: their date is today's."""
    start = max(0, at - ABOVE_TITLE)
    end = (
        max((a.end for a in elements[start].ancestors() if _is_site_head(a) and a.end <= at), default=start)
        if at
        else 0
    )
    kept: list[Element] = []
    for element in elements[start:at]:
        if element.index >= end:
            if _is_site_head(element) and element.end <= at:
                end = element.end
            else:
                kept.append(element)
    return kept


def _is_site_head(element: Element) -> bool:
    if element.tag == "nav" or (element.tag == "header" and element.depth <= DEEPEST_SITE_HEADER):
        return True
    return _names_site_head(element.hint)


@lru_cache(maxsize=REMEMBERED_HINTS)
def _names_site_head(hint: str) -> bool:
    return bool(_SITE_HEAD.search(hint))
