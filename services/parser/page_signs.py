"""What speaks for a list of headlines, or for a story, on a page as a whole: its address, head, lines and text.

page_type.py weighs these signs. All that a text says is measured in letters of an alphabet (scripts.py), whatever its
script.
"""

from bisect import bisect_left
from collections import defaultdict
from typing import Literal

from services.parser.body.article import Body
from services.parser.fields.metadata import Metadata
from services.parser.language.folding import bare
from services.parser.language.scripts import count_said, count_words, is_unspaced
from services.parser.lists.headlines import HeadlineLists
from services.parser.lists.labels import ROOTS
from services.parser.lists.page_address import address_tells
from services.parser.lists.story_lists import MOST_ITEM_CHARS
from services.parser.lists.story_urls import is_story_url, leads_elsewhere, story_key
from services.parser.lists.words import kind_of_label
from services.parser.lists.zones import find_title
from services.parser.outline.addresses import Resolver
from services.parser.outline.outline import Element, Outline
from services.parser.outline.region import Region
from shared.parsed_page import Headline

# Less than this is no story beside many lines of headlines: what a front says of itself (137 to 296 on five of them),
# where the shortest of 59 stories said 417.
LEAST_STORY = 350
# A page with fewer lines than this in its own lists of stories is no front page.
LEAST_FRONT = 8
# A section's name has no more words.
WORDS_OF_SECTION = 3
# The first heading may stand this many elements before the text, and the last "Read more" as many after it.
NEAR_TEXT = 6
# If a link holds a heading, the heading is among its first elements.
MOST_INSIDE = 6
# A card stands at most so many levels above its text, and says at least so much beside it, as its title.
CARD_LEVELS, LEAST_BESIDE = 6, 12
# So many boxes with a player and a text make a list of films; a player stands at most so many levels above its text.
FEWEST_FILMS, FILM_LEVELS = 2, 4
# A link like "Continue reading" has no more letters.
LONGEST_MORE = 30

# Lists that stand beside articles as often as on fronts say nothing of the page.
_RAILS = frozenset({"most_read", "ticker", "trending"})
# A heading that begins with the label of such a list is none of a story; in scripts without spaces, so many characters.
_CALLED_LISTS, CHARS_OF_LABEL = frozenset({"breaking", "latest", "most_read", "trending"}), 4
# Types of JSON-LD that only lists have, and among how many types of the page one is looked for.
_LIST_TYPES, MOST_OWN_TYPES = frozenset({"collectionpage", "searchresultspage"}), 4
_PLAYERS = ("audio", "iframe", "video")
_HEADINGS = frozenset({"h2", "h3", "h4", "h5"})
_ARTICLE_TYPES = frozenset(
    [
        *("article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle", "blogposting"),
        *("liveblogposting", "reviewnewsarticle", "backgroundnewsarticle", "review", "interview", "report", "recipe"),
    ]
)


def is_declared_article(metadata: Metadata) -> bool:
    """Whether the page says of itself that it is an article."""
    return metadata.og_type == "article" or any(kind.lower() in _ARTICLE_TYPES for kind in metadata.json_ld_types)


def published_by_head(metadata: Metadata) -> str | None:
    """Returns the moment of publication that the head says."""
    return metadata.json_ld_published or metadata.meta_published


def address_of(metadata: Metadata) -> Literal["list", "story"] | None:
    """What the address says that the page is, or the head by a type that only lists have."""
    if any(kind.lower() in _LIST_TYPES for kind in metadata.json_ld_types[:MOST_OWN_TYPES]):
        return "list"
    return address_tells(metadata.url)


def lines_of(headlines: list[Headline]) -> int:
    """Returns the number of stories in lists that may be the page's own, and not rails beside it."""
    return len({line.url or line.text for line in headlines if line.kind not in _RAILS})


def heads_lists(found: Body, lists: HeadlineLists, outline: Outline) -> bool:
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
    said = sum(count_said(outline.text_of(element)) for element in before)
    return said < LEAST_STORY and 2 * said < count_said(found.text)


def said_in_cards(found: Body, outline: Outline) -> int:
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
    told = {index for row in cards for index in row} | _beside_players(found, outline)
    return sum(count_said(outline.text_of(outline.elements[index])) for index in told)


def _beside_players(found: Body, outline: Outline) -> set[int]:
    """Returns the text blocks that stand in two or more boxes with a player each: what a list of films says of them."""
    players = sorted(element.index for tag in _PLAYERS for element in outline.tagged(tag))
    if len(players) < FEWEST_FILMS:
        return set()
    films: defaultdict[int, list[int]] = defaultdict(list)
    for index, score in found.scores.items():
        box = outline.elements[index].parent
        for _ in range(FILM_LEVELS if score > 0 else 0):
            if box is None or box.tag in ROOTS:
                break
            if bisect_left(players, box.index) < bisect_left(players, box.end):
                films[box.index].append(index)
                break
            box = box.parent
    return {index for film in films.values() for index in film} if len(films) >= FEWEST_FILMS else set()


def has_own_headline(found: Body, outline: Outline) -> bool:
    """Whether the text stands below a headline of its own."""
    return _is_own_headline(found.region.title_element, outline)


def _is_own_headline(heading: Element | None, outline: Outline) -> bool:
    """Whether a heading shows the page's title, is not a link, and has more words than the name of a section."""
    if heading is None or 2 * heading.link_chars > heading.chars:
        return False
    said = outline.text_of(heading)
    return count_words(said) > WORDS_OF_SECTION and bare(said) in bare(outline.title)


def names_story(heading: Element | None, outline: Outline) -> bool:
    """Whether it is the headline of a story, and does not begin as lists are called: "Latest news from the coast"."""
    if heading is None or not _is_own_headline(heading, outline):
        return False
    said = outline.text_of(heading)
    words = [said[:CHARS_OF_LABEL]] if is_unspaced(said) else said.split()
    return _CALLED_LISTS.isdisjoint({kind_of_label(" ".join(words[:count])) for count in (1, 2)})


def teasers_in(outline: Outline, region: Region, url: str | None) -> int:
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
