"""Is this page a list of headlines although it has some prose? If so, it gets no article made up of that prose."""

from collections import defaultdict
from typing import Literal

import msgspec

from services.parser.body.article import Body
from services.parser.fields.metadata import Metadata
from services.parser.language.folding import bare
from services.parser.language.scripts import count_said, count_words, is_unspaced
from services.parser.lists.headlines import HeadlineLists
from services.parser.lists.page_address import address_tells
from services.parser.lists.story_lists import MOST_ITEM_CHARS
from services.parser.lists.story_urls import is_home, is_story_url, leads_elsewhere, story_key
from services.parser.lists.words import kind_of_label
from services.parser.lists.zones import find_title
from services.parser.outline.addresses import Resolver
from services.parser.outline.outline import Element, Outline
from services.parser.outline.region import Region
from services.parser.outline.title_element import find_title_element
from shared.parsed_page import Headline

# All that a text says is measured in letters of an alphabet (scripts.py), whatever its script.
# An article says more than this; the teasers, cookie notices and imprint of a front page say less.
SURE_ARTICLE = 1500
# Less than this is no story beside many lines of headlines: what a front says of itself (137 to 296 on five of them),
# where the shortest of 59 stories said 417.
LEAST_STORY = 350
# A page with fewer lines than this in its own lists of stories is no front page.
LEAST_FRONT = 8
# A page without a date that has this many lines may be a section's page. With less prose per line than this, it is.
LEAST_SECTION, SAID_A_LINE = 3, 60
# A section's name has no more words.
WORDS_OF_SECTION = 3
# A text that leads on to another story at least once in so many letters is a row of teasers.
SAID_A_TEASER = 500
# The first heading may stand this many elements before the text, and the last "Read more" as many after it.
NEAR_TEXT = 6
# If a link holds a heading, the heading is among its first elements.
MOST_INSIDE = 6
# A card stands at most so many levels above its text, and says at least so much beside it, as its title.
CARD_LEVELS, LEAST_BESIDE = 6, 12
# A link like "Continue reading" has no more letters.
LONGEST_MORE = 30

# Lists that stand beside articles as often as on fronts say nothing of the page.
_RAILS = frozenset({"most_read", "ticker", "trending"})
# A heading that begins with the label of such a list is none of a story; in scripts without spaces, so many characters.
_CALLED_LISTS, CHARS_OF_LABEL = frozenset({"breaking", "latest", "most_read", "trending"}), 4
# Types of JSON-LD that only lists have, and among how many types of the page one is looked for.
_LIST_TYPES, MOST_OWN_TYPES = frozenset({"collectionpage", "searchresultspage"}), 4
_HEADINGS = frozenset({"h2", "h3", "h4", "h5"})
_ARTICLE_TYPES = frozenset(
    [
        *("article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle", "blogposting"),
        *("liveblogposting", "reviewnewsarticle", "backgroundnewsarticle", "review", "interview", "report", "recipe"),
    ]
)

# The body of an article that only the page's head describes.
NO_TEXT = Body(region=Region(title_element=None, first=0, last=0), lead=None, blocks=[], text="", truncated=True)


def is_listing(found: Body, metadata: Metadata, lists: HeadlineLists, outline: Outline) -> bool:
    """Whether the page is a listing despite the prose found, judged by URL, declared types, lists and links.

    What the head declares decides only where the address may be that of a story: many sites declare every page an
    article, their home and their sections included.
    """
    if is_home(metadata.url) and len(lists.headlines) >= LEAST_FRONT:
        return True
    lines = _lines_of(lists.headlines)
    address = _address_of(metadata)
    if metadata.url and address != "story":
        own = _names_story(found.region.title_element, outline)
        said = count_said(found.text)
        if not own and lines >= LEAST_FRONT and not found.live_blog:
            said -= _said_in_cards(found, outline)
        seen = _Seen(said=said, lines=lines, own=own)
        if _is_section(seen, found, metadata, lists, outline):
            return True
    if is_declared_article(metadata):
        return False
    return _is_undeclared_listing(found, metadata, lists.headlines, outline)


class _Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a page shows: how much its text says, its lines of headlines, and whether it has a headline of its own."""

    said: int
    lines: int
    own: bool

    @property
    def crowded(self) -> bool:
        """Whether the page has many lines of headlines and little text for each."""
        return self.lines >= LEAST_FRONT and self.lines * SAID_A_LINE > self.said


def _is_section(seen: _Seen, found: Body, metadata: Metadata, lists: HeadlineLists, outline: Outline) -> bool:
    """Whether a page that need not be a story by its address is a list with an introduction, or a row of teasers."""
    declared = is_declared_article(metadata)
    named = _address_of(metadata) == "list"
    if seen.crowded:
        little = seen.said < LEAST_STORY
        if little or (not seen.own and (named or not declared)):
            return True
        if seen.said < SURE_ARTICLE and (named or not (declared or _published(metadata))):
            return True
    if seen.own or seen.lines < LEAST_FRONT or found.live_blog:
        return False
    if _heads_lists(found, lists, outline):
        return True
    teasers = _teasers_in(outline, found.region, metadata.url)
    return teasers >= LEAST_FRONT and seen.said < teasers * SAID_A_TEASER


def _is_undeclared_listing(found: Body, metadata: Metadata, headlines: list[Headline], outline: Outline) -> bool:
    said, headed = count_said(found.text), _has_own_headline(found, outline)
    fronts = sum(line.kind == "front" for line in headlines)
    crowded = fronts * SAID_A_LINE > said
    # Without an address, every list of links beside a story may be taken for one of a front.
    tells_story = said >= LEAST_STORY and (headed or not metadata.url)
    if fronts >= LEAST_FRONT and said < SURE_ARTICLE and crowded and not tells_story:
        return True
    if _published(metadata) or headed:
        return False
    if fronts >= LEAST_SECTION and crowded and not tells_story:
        return True
    teasers = _teasers_in(outline, found.region, metadata.url)
    return teasers >= LEAST_SECTION and said < teasers * SAID_A_TEASER


def describes_article(
    metadata: Metadata, outline: Outline, title: str | None, published_at: str | None, headlines: list[Headline]
) -> bool:
    """Whether the head describes an article and its date although the page has no text: a video, a page of scripts.

    A date that only the visible page shows counts if the page shows its title as a headline and its URL is that of a
    story. A page that does not declare itself an article is one only if it has no headline lists; one whose address
    is no story's, only if it has a headline of its own or few lines of others.
    """
    declared = is_declared_article(metadata)
    if is_home(metadata.url) or not published_at or not title or (headlines and not declared):
        return False
    heading = find_title_element(outline, title)
    if _is_full(metadata, headlines) and not _names_story(heading, outline):
        return False
    if declared and _published(metadata):
        return True
    return (
        heading is not None
        and 2 * heading.link_chars <= heading.chars
        and bare(title) in bare(outline.text_of(heading))
        and is_story_url(metadata.url or "")
    )


def is_front(metadata: Metadata, headlines: list[Headline]) -> bool:
    """Whether a page without an article is a front or a section's page, not a story whose text is elsewhere."""
    lines = _lines_of(headlines)
    return lines >= LEAST_FRONT or (lines >= LEAST_SECTION and _address_of(metadata) != "story")


def _is_full(metadata: Metadata, headlines: list[Headline]) -> bool:
    """Whether a page that need not be a story by its address has as many lines as a front."""
    return bool(metadata.url) and _address_of(metadata) != "story" and _lines_of(headlines) >= LEAST_FRONT


def is_declared_article(metadata: Metadata) -> bool:
    """Whether the page says of itself that it is an article."""
    return metadata.og_type == "article" or any(kind.lower() in _ARTICLE_TYPES for kind in metadata.json_ld_types)


def _published(metadata: Metadata) -> str | None:
    return metadata.json_ld_published or metadata.meta_published


def _address_of(metadata: Metadata) -> Literal["list", "story"] | None:
    """What the address says that the page is, or the head by a type that only lists have."""
    if any(kind.lower() in _LIST_TYPES for kind in metadata.json_ld_types[:MOST_OWN_TYPES]):
        return "list"
    return address_tells(metadata.url)


def _lines_of(headlines: list[Headline]) -> int:
    """Returns the number of stories in lists that may be the page's own, and not rails beside it."""
    return len({line.url or line.text for line in headlines if line.kind not in _RAILS})


def _heads_lists(found: Body, lists: HeadlineLists, outline: Outline) -> bool:
    """Whether as many lines as a front has stand between the page's heading and all but an introduction of its text."""
    heading = find_title(outline)
    if heading is None:
        return False
    places = zip(lists.headlines, lists.places, strict=False)
    lines = {line.url or line.text: at for line, at in places if line.kind not in _RAILS and at > heading.index}
    if len(lines) < LEAST_FRONT:
        return False
    last = sorted(lines.values())[LEAST_FRONT - 1]
    before = [outline.elements[at] for at, score in found.scores.items() if score > 0 and heading.end <= at < last]
    return sum(count_said(outline.text_of(element)) for element in before) < LEAST_STORY


def _said_in_cards(found: Body, outline: Outline) -> int:
    """Returns how much of the text stands in a row of like boxes: what a player says of its films, standfirsts."""
    rows: defaultdict[tuple[int, str, str], list[int]] = defaultdict(list)
    for index, score in found.scores.items():
        box = outline.elements[index]
        least = box.chars + LEAST_BESIDE
        for _ in range(CARD_LEVELS):
            if box.parent is None or box.parent.chars > MOST_ITEM_CHARS:
                break
            box = box.parent
        if score > 0 and box.parent is not None and box.hint and box.chars >= least:
            rows[box.parent.index, box.tag, box.hint].append(index)
    cards = [row for row in rows.values() if len(row) >= LEAST_FRONT]
    return sum(count_said(outline.text_of(outline.elements[index])) for row in cards for index in row)


def _has_own_headline(found: Body, outline: Outline) -> bool:
    return _is_own_headline(found.region.title_element, outline)


def _is_own_headline(heading: Element | None, outline: Outline) -> bool:
    """Whether a heading shows the page's title, is not a link, and has more words than the name of a section."""
    if heading is None or 2 * heading.link_chars > heading.chars:
        return False
    said = outline.text_of(heading)
    return count_words(said) > WORDS_OF_SECTION and bare(said) in bare(outline.title)


def _names_story(heading: Element | None, outline: Outline) -> bool:
    """Whether it is the headline of a story, and does not begin as lists are called: "Latest news from the coast"."""
    if heading is None or not _is_own_headline(heading, outline):
        return False
    said = outline.text_of(heading)
    words = [said[:CHARS_OF_LABEL]] if is_unspaced(said) else said.split()
    return _CALLED_LISTS.isdisjoint({kind_of_label(" ".join(words[:count])) for count in (1, 2)})


def _teasers_in(outline: Outline, region: Region, url: str | None) -> int:
    """Returns the number of other stories of the site that the text leads on to.

    It is counted by headings that are links, and by links with the same text; the larger number is returned.
    """
    resolve = Resolver(outline, url)
    own = story_key(resolve(url or "") or "")
    headed: set[str] = set()
    named: defaultdict[str, set[str]] = defaultdict(set)
    for link in outline.tagged("a"):
        if not region.first - NEAR_TEXT <= link.index <= region.last + NEAR_TEXT or not link.chars:
            continue
        address = resolve(link.attrs.get("href") or "")
        if not address or not address.startswith(resolve.origin) or leads_elsewhere(address):
            continue
        key = story_key(address)
        if key == own or not is_story_url(key):
            continue
        if _heads(outline, link):
            headed.add(key)
        elif link.chars <= LONGEST_MORE:
            named[bare(outline.text_of(link))].add(key)
    return max(len(headed), max(map(len, named.values()), default=0))


def _heads(outline: Outline, link: Element) -> bool:
    """Whether a link is a heading or holds one."""
    parent = link.parent
    if parent is not None and parent.tag in _HEADINGS:
        return 2 * link.chars > parent.chars
    return any(
        element.tag in _HEADINGS
        for element in outline.elements[link.index + 1 : min(link.end, link.index + MOST_INSIDE)]
    )
