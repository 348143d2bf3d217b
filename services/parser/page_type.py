"""Is this page a list of headlines although it has some prose? If so, it gets no article made up of that prose.

What the head declares decides only where the page looks like a story. page_signs.py reads what it looks like.
"""

from typing import Literal

import msgspec

from services.parser.body.article import Body
from services.parser.fields.metadata import Metadata
from services.parser.language.folding import bare
from services.parser.language.scripts import count_said, count_words
from services.parser.lists.headlines import HeadlineLists
from services.parser.lists.story_urls import is_home, is_story_url
from services.parser.lists.zones import find_title
from services.parser.outline.outline import Outline
from services.parser.outline.region import Region
from services.parser.outline.title_element import find_title_element
from services.parser.page_signs import (
    LEAST_FRONT,
    LEAST_STORY,
    WORDS_OF_SECTION,
    address_of,
    has_own_headline,
    heads_lists,
    is_declared_article,
    lines_of,
    names_story,
    published_by_head,
    said_in_cards,
    teasers_in,
)
from shared.parsed_page import Headline

# An article says more than this; the teasers, cookie notices and imprint of a front page say less.
SURE_ARTICLE = 1500
# A page without a date that has this many lines may be a section's page. With less prose per line than this, it is.
LEAST_SECTION, SAID_A_LINE = 3, 60
# What introduces a section whose address is like a story's; the shortest story of such a short name said 324.
MOST_INTRODUCTION = 200
# A text that leads on to another story at least once in so many letters is a row of teasers.
SAID_A_TEASER = 500

# The body of an article that only the page's head describes.
NO_TEXT = Body(region=Region(title_element=None, first=0, last=0), lead=None, blocks=[], text="", truncated=True)


def is_listing(found: Body, metadata: Metadata, lists: HeadlineLists, outline: Outline) -> bool:
    """Whether the page is a listing despite the prose found, judged by URL, declared types, lists and links.

    What the head declares decides only where the page looks like a story: many sites declare every page an article,
    their home and their sections included.
    """
    if is_home(metadata.url) and len(lists.headlines) >= LEAST_FRONT:
        return True
    if metadata.url and lines_of(lists.headlines) >= LEAST_FRONT and not found.live_blog:
        seen = _seen(found, metadata, lists, outline)
        if _is_section(seen) if seen.address != "story" else _is_numbered_section(seen):
            return True
    if is_declared_article(metadata):
        return False
    return _is_undeclared_listing(found, metadata, lists.headlines, outline)


class _Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a page with many lines of headlines shows.

    `said` is how much its text says, without what stands in cards where the page has no headline of its `own`; it is
    `crowded` if that is little for each line. Its text `follows` the lines or is a row of teasers. The `name` of a
    section is its heading.
    """

    address: Literal["list", "story"] | None
    declared: bool
    dated: bool
    said: int
    crowded: bool
    own: bool
    name: bool
    follows: bool


def _seen(found: Body, metadata: Metadata, lists: HeadlineLists, outline: Outline) -> _Seen:
    heading = found.region.title_element or find_title(outline)
    own = names_story(found.region.title_element, outline)
    said = count_said(found.text) - (0 if own else said_in_cards(found, outline))
    teasers = 0 if own else teasers_in(outline, found.region, metadata.url)
    teased = teasers >= LEAST_FRONT and said < teasers * SAID_A_TEASER
    return _Seen(
        address=address_of(metadata),
        declared=is_declared_article(metadata),
        dated=bool(published_by_head(metadata)),
        said=said,
        crowded=lines_of(lists.headlines) * SAID_A_LINE > said,
        own=own,
        name=not own and heading is not None and count_words(outline.text_of(heading)) <= WORDS_OF_SECTION,
        follows=not own and (teased or heads_lists(found, lists, outline)),
    )


def _is_section(seen: _Seen) -> bool:
    """Whether a page that need not be a story by its address is a list with an introduction, or a row of teasers."""
    if seen.follows:
        return True
    if not seen.crowded:
        return False
    if seen.said < LEAST_STORY or (not seen.own and (seen.address == "list" or not seen.declared)):
        return True
    return seen.said < SURE_ARTICLE and (seen.address == "list" or not (seen.declared or seen.dated))


def _is_numbered_section(seen: _Seen) -> bool:
    """Whether a page with an address like a story's is such a list: it is called as sections are and says little."""
    return seen.name and (seen.follows or (seen.crowded and seen.said < MOST_INTRODUCTION))


def _is_undeclared_listing(found: Body, metadata: Metadata, headlines: list[Headline], outline: Outline) -> bool:
    said, headed = count_said(found.text), has_own_headline(found, outline)
    fronts = sum(line.kind == "front" for line in headlines)
    crowded = fronts * SAID_A_LINE > said
    # Without an address, every list of links beside a story may be taken for one of a front.
    tells_story = said >= LEAST_STORY and (headed or not metadata.url)
    if fronts >= LEAST_FRONT and said < SURE_ARTICLE and crowded and not tells_story:
        return True
    if published_by_head(metadata) or headed:
        return False
    if fronts >= LEAST_SECTION and crowded and not tells_story:
        return True
    teasers = teasers_in(outline, found.region, metadata.url)
    return teasers >= LEAST_SECTION and said < teasers * SAID_A_TEASER


def describes_article(
    metadata: Metadata, outline: Outline, title: str | None, published_at: str | None, headlines: list[Headline]
) -> bool:
    """Whether the head describes an article and its date although the page has no text: a video, a page of scripts.

    A date that only the visible page shows counts if the page shows its title as a headline and its URL is that of a
    story. A page that does not declare itself an article is one only if it has no headline lists; one whose address
    is no story's, only if it has a headline of its own.
    """
    declared = is_declared_article(metadata)
    if is_home(metadata.url) or not published_at or not title or (headlines and not declared):
        return False
    heading = find_title_element(outline, title)
    if metadata.url and not _may_lack_text(metadata, outline, title, headlines):
        return False
    if declared and published_by_head(metadata):
        return True
    return (
        heading is not None
        and 2 * heading.link_chars <= heading.chars
        and bare(title) in bare(outline.text_of(heading))
        and is_story_url(metadata.url or "")
    )


def is_front(metadata: Metadata, headlines: list[Headline]) -> bool:
    """Whether a page without an article is a front or a section's page, not a story whose text is elsewhere."""
    lines = lines_of(headlines)
    return lines >= LEAST_FRONT or (lines >= LEAST_SECTION and address_of(metadata) != "story")


def _may_lack_text(metadata: Metadata, outline: Outline, title: str, headlines: list[Headline]) -> bool:
    """Whether a declared page without text may be a story: by its address, its headline and its lines of others."""
    lines = lines_of(headlines)
    heading = find_title_element(outline, title)
    address = address_of(metadata)
    if address == "story":
        named = heading is not None and count_words(outline.text_of(heading)) <= WORDS_OF_SECTION
        return not named or lines < LEAST_FRONT
    if lines >= LEAST_SECTION:
        return address is None and names_story(heading, outline)
    return address is None and count_words(title) >= WORDS_OF_SECTION
