"""Where on the page do byline and dates of the article stand: around its headline, before and behind its text.

Headers with clocks, rails with other stories' dates and comments with other people's names lie outside.
"""

import msgspec

from services.parser.article import Region
from services.parser.segments import Element, Outline

# Elements before the headline that may hold kicker, date or byline; on the tuning pages 95 % of those stand within.
ABOVE_TITLE = 30
# Elements between headline and text; more is another part of the page.
MOST_BETWEEN = 220
# A byline may open the text or close it.
INTO_BODY = 15
BEHIND_BODY = 45


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """Elements in document order: above the headline, from there into the text, and from its last line on."""

    above: list[Element]
    between: list[Element]
    behind: list[Element]


def surroundings_of(outline: Outline, region: Region | None) -> Surroundings:
    """The places to look at; without an article, what follows the first heading."""
    elements = outline.elements
    if region is None:
        at = next((h.index for tag in ("h1", "h2") for h in outline.tagged(tag)), 0)
        return Surroundings(
            above=elements[max(0, at - ABOVE_TITLE) : at], between=elements[at : at + 2 * ABOVE_TITLE], behind=[]
        )
    title = region.title_element
    at = title.index if title is not None and title.index <= region.first else max(0, region.first - ABOVE_TITLE)
    between = elements[at : min(at + MOST_BETWEEN, region.first + INTO_BODY)]
    if region.first - at > MOST_BETWEEN:
        between += elements[region.first - ABOVE_TITLE : region.first + INTO_BODY]
    return Surroundings(
        above=elements[max(0, at - ABOVE_TITLE) : at],
        between=between,
        behind=elements[max(region.last - INTO_BODY, region.first + INTO_BODY) : region.last + BEHIND_BODY],
    )
