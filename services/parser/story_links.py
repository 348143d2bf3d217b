"""Which anchors of a page lead to other stories, and what is the headline in each?"""

import re
from urllib.parse import urljoin

import msgspec

from services.parser.list_words import is_unspaced, kind_of_label
from services.parser.segments import EDGE, Element, Outline

# A headline has several words; a section's name in a menu has one to three. A link whose address looks like a story's
# may be one word shorter. Scripts without spaces need fewer characters.
FEWEST_WORDS, FEWEST_CHARS = 4, 22
FEWEST_WORDS_OF_STORY_URL, FEWEST_CHARS_OF_STORY_URL = 3, 13
FEWEST_UNSPACED_CHARS, FEWEST_UNSPACED_CHARS_OF_STORY_URL = 14, 8
MOST_CHARS = 300
# Shorter texts still count where their neighbours are headlines ("Palabras claves"), never on their own.
FEWEST_CHARS_OF_WEAK = 6

_STORY_URL = re.compile(r"\d{4}|(?:[^/-]+-){3}|(?:[^/_]+_){3}|\.s?html?\b|[?&](?:\w*id|no|p)=\d", re.I)
_NOT_A_STORY = re.compile(
    r"/(?:tags?|topics?|etiquet\w*|temas?|authors?|auteurs?|autor(?:es?|as)?|categor(?:y|ies|ia|ias|ie)|kategorie|users?|profil\w*|login"
    r"|sign-?in|sign-?up|regist\w*|account|subscri\w*|abonn\w*|newsletters?|search|recherche|buscar|privacy[\w-]*|cookies?[\w-]*|terms[\w-]*"
    r"|contact[\w-]*|about[\w-]*|shop|store|shar(?:e|er|ing))(?:/|$|\?|\.)"
    r"|\.(?:jpe?g|png|gif|webp|pdf|mp3|mp4|xml|rss)$"
    r"|//(?:[\w-]+\.)?(?:facebook|twitter|x|instagram|youtube|linkedin|pinterest|whatsapp|telegram|t|wa|reddit|flipboard|google|apple|doubleclick|outbrain|taboola|addtoany)"
    r"\.(?:com|me|co|org|net)(?:/|$)",
    re.I,
)
_CLOCK = re.compile(
    r"^[\W_]*\d{1,2}\s?[:.hH٫]\s?\d{2}(?::\d{2})?\s?(?:[ap]\.?\s?m\.?|uhr|gmt|utc|cet|est|ist)?(?:[\W_]+|$)", re.I
)
_TITLE_HINT = re.compile(
    r"(?:titl|headline|titre|titul|titol|titel|heading|caption(?!s)|baslik|zagolovok|otsikko|rubrik)", re.I
)
_ASIDE_HINT = re.compile(
    r"(?<!up)(?<!can)dat(?:e|um|a\b)|time(?!line)|hour|heure|hora\b|clock|ago\b|categor|kicker|eyebrow|overline|label|badge|\btags?\b|rubri|section-?name|rank|num(?:ber|ero)?\b"
    r"|count|index|author|byline|source|icon|views|comment|summary|excerpt|teaser|desc|abstract|intro|\blead\b|dek\b|standfirst|chapo|sub-?tit|premium|sr-only|visually-hidden|screen-reader",
    re.I,
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_SPACE = re.compile(r"[\s\u00a0]+")


class StoryLink(msgspec.Struct):
    """One anchor that leads to another story. `strong`: its own text reads like a headline; `rank`: how good that is."""

    element: Element
    url: str
    key: str
    text: str
    strong: bool
    rank: int


class LinkScan(msgspec.Struct):
    """The story links in document order, and what the anchors to parts of this page call those parts (tabs)."""

    links: list[StoryLink]
    tabs: dict[str, str]


def scan_links(outline: Outline, url: str | None) -> LinkScan:
    """One pass over the anchors; pictures and empty overlays are kept where another anchor tells their story."""
    resolve = Resolver(outline, url)
    links: list[StoryLink] = []
    tabs: dict[str, str] = {}
    strong: set[str] = set()
    for anchor in outline.tagged("a"):
        href = anchor.attrs.get("href")
        if not href:
            continue
        if href[0] == "#" or href[:11].lower() == "javascript:":
            if len(href) > 1 and 0 < anchor.chars <= 40:
                tabs.setdefault(href[1:], outline.text_of(anchor))
            continue
        link = _read(outline, anchor, href, resolve)
        if link is not None:
            links.append(link)
            if link.strong:
                strong.add(link.key)
    return LinkScan(links=[link for link in links if link.key in strong or link.text], tabs=tabs)


class Resolver:
    """Absolute addresses; most of them need no parsing."""

    def __init__(self, outline: Outline, url: str | None) -> None:
        base = url or ""
        for element in outline.tagged("base"):
            base = urljoin(base, element.attrs.get("href") or "")
        self.base = base
        scheme, slashes, rest = base.partition("://")
        self.origin = f"{scheme}://{rest.partition('/')[0]}" if slashes else ""
        self.scheme = scheme or "https"

    def __call__(self, href: str) -> str | None:
        if href.startswith(("https://", "http://")):
            return href
        if href.startswith("//"):
            return f"{self.scheme}:{href}"
        if href[0] == "/" and self.origin:
            return self.origin + href
        if ":" in href.partition("/")[0]:
            return None
        try:
            return urljoin(self.base, href)
        except ValueError:
            return None


def _read(outline: Outline, anchor: Element, href: str, resolve: Resolver) -> StoryLink | None:
    url = resolve(href.strip())
    if url is None:
        return None
    url = url.partition("#")[0]
    chars = anchor.chars
    rank = 2
    if chars < FEWEST_CHARS_OF_WEAK:
        text, rank = _text_of_attributes(outline, anchor), 0
    else:
        text = headline_of(outline, anchor)
        if anchor.parent is not None and anchor.parent.tag in _HEADINGS:
            rank = 3
    size = len(text)
    if size > MOST_CHARS:
        return None
    if size < FEWEST_CHARS_OF_WEAK:
        return StoryLink(anchor, url, url.rstrip("/"), "", False, 0) if chars == 0 else None
    if _NOT_A_STORY.search(url):
        return None
    story_url = _STORY_URL.search(url, 10) is not None
    words = text.count(" ") + 1
    strong = (
        (words >= FEWEST_WORDS and size >= FEWEST_CHARS)
        or (story_url and words >= FEWEST_WORDS_OF_STORY_URL and size >= FEWEST_CHARS_OF_STORY_URL)
        or (size >= (FEWEST_UNSPACED_CHARS_OF_STORY_URL if story_url else FEWEST_UNSPACED_CHARS) and is_unspaced(text))
    )
    if rank == 0:
        strong = strong and story_url
    if not strong and (not story_url or kind_of_label(text) is not None):
        return None
    return StoryLink(anchor, url, url.rstrip("/"), text, strong, rank)


def _text_of_attributes(outline: Outline, anchor: Element) -> str:
    """What a picture link or an overlay says of itself, for want of text."""
    text = anchor.attrs.get("aria-label") or anchor.attrs.get("title")
    if not text:
        images = [e for e in outline.subtree(anchor)[:6] if e.tag == "img"]
        text = images[0].attrs.get("alt") if images else ""
    return _SPACE.sub(" ", text).strip() if text else ""


def headline_of(outline: Outline, anchor: Element) -> str:
    """The headline alone: not the time, the category, the rank or the teaser that share its anchor."""
    if anchor.end - anchor.index == 1:
        return without_clock(outline.text_of(anchor))
    inner = outline.elements[anchor.index + 1 : anchor.end]
    best: Element | None = None
    for element in inner:
        if element.chars >= FEWEST_CHARS_OF_WEAK and element.tag in _HEADINGS:
            best = element
            break
        if (
            best is None
            and element.chars >= FEWEST_CHARS_OF_STORY_URL
            and element.hint
            and _TITLE_HINT.search(element.hint)
        ):
            best = element
    text = _main_text(outline, best or anchor)
    return without_clock(text)


def _main_text(outline: Outline, element: Element) -> str:
    """The text of its first block that is long enough, passing over the parts that are no headline."""
    runs, at, pieces = outline.runs, element.first_run, []
    for child in outline.elements[element.index + 1 : element.end]:
        if child.first_run < at or not child.chars:
            continue
        if child.tag == "time" or (child.hint and child.chars < element.chars and _ASIDE_HINT.search(child.hint)):
            pieces.extend(runs[at : child.first_run])
            pieces.append(EDGE)
            at = child.last_run
    pieces.extend(runs[at : element.last_run])
    blocks = [" ".join(block.split()) for block in "".join(pieces).split(EDGE)]
    blocks = [block for block in blocks if block]
    if not blocks:
        return outline.text_of(element)
    if len(blocks) == 1:
        return blocks[0]
    return next(
        (b for b in blocks if len(b) >= FEWEST_CHARS and b.count(" ") >= FEWEST_WORDS - 1), max(blocks, key=len)
    )


def without_clock(text: str) -> str:
    """Drop the clock time in front."""
    if text and (text[0].isdigit() or not text[0].isalpha()):
        return _CLOCK.sub("", text, count=1).strip()
    return text
