"""Is this page a list of headlines although it has some prose? A front page gets no invented article."""

from collections import defaultdict

from services.parser.body.article import Body
from services.parser.fields.metadata import Metadata
from services.parser.language.folding import bare
from services.parser.lists.story_urls import is_home, is_story_url, leads_elsewhere, story_key
from services.parser.outline.addresses import Resolver
from services.parser.outline.outline import Element, Outline
from services.parser.outline.region import Region
from services.parser.outline.title_element import find_title_element
from shared.parsed_page import Headline

# An article says more than this; teasers, cookie notices and the imprint of a front page say less.
SURE_ARTICLE_CHARS = 1500
# A page with fewer lines than this in its own lists of stories is no front page.
LEAST_FRONT = 8
# With so many a page without a date may be a section's, and with so many letters of prose a line it surely is.
LEAST_SECTION, CHARS_A_LINE = 3, 60
# A section's name has no more words.
WORDS_OF_SECTION = 3
# A text that leads on to another story at least every so many letters is a row of teasers.
CHARS_A_TEASER = 500
# The first heading stands before the text, the last "Read more" after it, not farther than so many elements.
NEAR_TEXT = 6
# A link that holds a heading holds it in its first elements.
MOST_INSIDE = 6
# "Continue reading".
LONGEST_MORE = 30

_HEADINGS = frozenset({"h2", "h3", "h4", "h5"})
_ARTICLE_TYPES = frozenset(
    [
        *("article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle", "blogposting"),
        *("liveblogposting", "reviewnewsarticle", "backgroundnewsarticle", "review", "interview", "report", "recipe"),
    ]
)

# An article of which only the head tells.
NO_TEXT = Body(region=Region(title_element=None, first=0, last=0), lead=None, blocks=[], text="", truncated=True)


def is_listing(found: Body, metadata: Metadata, headlines: list[Headline], outline: Outline) -> bool:
    """Whether the prose found on the page is beside the point, judged by address, declared types, lists and links."""
    if _is_declared_article(metadata):
        return False
    if is_home(metadata.url) and len(headlines) >= LEAST_FRONT:
        return True
    fronts = sum(line.kind == "front" for line in headlines)
    if fronts >= LEAST_FRONT and len(found.text) < SURE_ARTICLE_CHARS and fronts * CHARS_A_LINE > len(found.text):
        return True
    if _published(metadata) or _has_own_headline(found, outline):
        return False
    if fronts >= LEAST_SECTION and fronts * CHARS_A_LINE > len(found.text):
        return True
    teasers = _teasers_in(outline, found.region, metadata.url)
    return teasers >= LEAST_SECTION and len(found.text) < teasers * CHARS_A_TEASER


def describes_article(
    metadata: Metadata, outline: Outline, title: str | None, published_at: str | None, *, has_lists: bool
) -> bool:
    """Whether the head describes an article and its date although the page has no text: a video, a page of scripts.

    A date that only the page shows counts beside a headline of this page, at the address of a story; and a page that
    does not call itself an article is one only if it leads on to no other stories.
    """
    declared = _is_declared_article(metadata)
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


def _is_declared_article(metadata: Metadata) -> bool:
    return metadata.og_type == "article" or any(kind.lower() in _ARTICLE_TYPES for kind in metadata.json_ld_types)


def _published(metadata: Metadata) -> str | None:
    return metadata.json_ld_published or metadata.meta_published


def _has_own_headline(found: Body, outline: Outline) -> bool:
    """Whether the page's title is shown as a headline: no link, and more words than the name of a section has."""
    heading = found.region.title_element
    if heading is None or 2 * heading.link_chars > heading.chars:
        return False
    said = outline.text_of(heading)
    return len(said.split()) > WORDS_OF_SECTION and bare(said) in bare(outline.title)


def _teasers_in(outline: Outline, region: Region, url: str | None) -> int:
    """How many other stories of the site the text leads on to, by headings that are links, or by links named alike."""
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
