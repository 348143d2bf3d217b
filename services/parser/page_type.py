"""Is this page a list of headlines although it has some prose? If so, it gets no article made up of that prose."""

from collections import defaultdict

from services.parser.body.article import Body
from services.parser.fields.metadata import Metadata
from services.parser.language.folding import bare
from services.parser.language.scripts import count_said, count_words
from services.parser.lists.story_urls import is_home, is_story_url, leads_elsewhere, story_key
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
# A link like "Continue reading" has no more letters.
LONGEST_MORE = 30

_HEADINGS = frozenset({"h2", "h3", "h4", "h5"})
_ARTICLE_TYPES = frozenset(
    [
        *("article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle", "blogposting"),
        *("liveblogposting", "reviewnewsarticle", "backgroundnewsarticle", "review", "interview", "report", "recipe"),
    ]
)

# The body of an article that only the page's head describes.
NO_TEXT = Body(region=Region(title_element=None, first=0, last=0), lead=None, blocks=[], text="", truncated=True)


def is_listing(found: Body, metadata: Metadata, headlines: list[Headline], outline: Outline) -> bool:
    """Whether the page is a listing despite the prose found, judged by URL, declared types, lists and links."""
    if is_declared_article(metadata):
        return False
    if is_home(metadata.url) and len(headlines) >= LEAST_FRONT:
        return True
    said = count_said(found.text)
    fronts = sum(line.kind == "front" for line in headlines)
    crowded = fronts * SAID_A_LINE > said
    headed = _has_own_headline(found, outline)
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
    metadata: Metadata, outline: Outline, title: str | None, published_at: str | None, *, has_lists: bool
) -> bool:
    """Whether the head describes an article and its date although the page has no text: a video, a page of scripts.

    A date that only the visible page shows counts if the page shows its title as a headline and its URL is that of a
    story. A page that does not declare itself an article is one only if it has no headline lists.
    """
    declared = is_declared_article(metadata)
    if is_home(metadata.url) or not published_at or not title or (has_lists and not declared):
        return False
    if declared and _published(metadata):
        return True
    heading = find_title_element(outline, title)
    return (
        heading is not None
        and 2 * heading.link_chars <= heading.chars
        and bare(title) in bare(outline.text_of(heading))
        and is_story_url(metadata.url or "")
    )


def is_declared_article(metadata: Metadata) -> bool:
    """Whether the page says of itself that it is an article."""
    return metadata.og_type == "article" or any(kind.lower() in _ARTICLE_TYPES for kind in metadata.json_ld_types)


def _published(metadata: Metadata) -> str | None:
    return metadata.json_ld_published or metadata.meta_published


def _has_own_headline(found: Body, outline: Outline) -> bool:
    """Whether a heading shows the page's title, is not a link, and has more words than the name of a section."""
    heading = found.region.title_element
    if heading is None or 2 * heading.link_chars > heading.chars:
        return False
    said = outline.text_of(heading)
    return count_words(said) > WORDS_OF_SECTION and bare(said) in bare(outline.title)


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
