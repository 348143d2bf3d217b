"""Is this page a list of headlines although it has some prose? A front page gets no invented article."""

from urllib.parse import urlsplit

from services.parser.article import Body, Region
from services.parser.metadata import Metadata
from shared.parsed_page import Headline

# An article says more than this; teasers, cookie notices and the imprint of a front page say less.
SURE_ARTICLE_CHARS = 1500
# A page with fewer lines than this in its own lists of stories is no front page.
LEAST_FRONT = 8

_ARTICLE_TYPES = frozenset(
    [
        *("article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle", "blogposting"),
        *("liveblogposting", "reviewnewsarticle", "backgroundnewsarticle", "review", "interview", "report", "recipe"),
    ]
)

# An article of which only the head tells.
NO_TEXT = Body(region=Region(title_element=None, first=0, last=0), lead=None, blocks=[], text="", truncated=True)


def is_listing(found: Body, metadata: Metadata, headlines: list[Headline], url: str | None) -> bool:
    """Whether the prose found on the page is beside the point, judged by address, declared types and lists."""
    types = {kind.lower() for kind in metadata.json_ld_types}
    if types & _ARTICLE_TYPES or metadata.og_type == "article":
        return False
    fronts = sum(line.kind == "front" for line in headlines)
    if is_home(url) and len(headlines) >= LEAST_FRONT:
        return True
    return fronts >= LEAST_FRONT and len(found.text) < SURE_ARTICLE_CHARS and fronts * 60 > len(found.text)


def describes_article(metadata: Metadata, url: str | None) -> bool:
    """Whether the head describes an article and its date although the page has no text: a video, a page of scripts."""
    if is_home(url) or not (metadata.json_ld_published or metadata.meta_published):
        return False
    return metadata.og_type == "article" or any(kind.lower() in _ARTICLE_TYPES for kind in metadata.json_ld_types)


def is_home(url: str | None) -> bool:
    """Whether the address is that of a site or of one of its languages: /, /en/, /index.html."""
    path = urlsplit(url or "https://unknown.invalid/story").path.strip("/").lower()
    return len(path) <= 2 or path in {"index.html", "index.php", "home", "accueil", "startseite"}
