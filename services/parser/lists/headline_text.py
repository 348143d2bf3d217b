"""What is the headline in an anchor, without the time, category, rank and teaser that share it?"""

import re
from functools import lru_cache

from services.parser.outline.outline import EDGE, Element, Outline

# A shorter part of an anchor is a category or a label, not its title. A block with at least so many characters and
# spaces is a headline even where a longer teaser follows it.
FEWEST_TITLE_CHARS = 13
LONGEST_RANK = 2
# Beside a short heading, a text up to this length is the headline below its kicker; a longer one is a teaser.
LONGEST_BESIDE_KICKER = 100
FEWEST_BLOCK_CHARS, FEWEST_BLOCK_SPACES = 22, 3

HEADING_TAGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_STRAY = " \t:;,.|/\\>»›·•–—-+*"
_SPACE = re.compile(r"\s+")
_CLOCK = re.compile(
    r"^[\W_]*\d{1,2}(?:\s?[:hH٫]\s?|\s?\.)\d{2}(?::\d{2})?(?![./-]\d)\s?(?:[ap]\.?\s?m\.?|uhr|gmt|utc|cet|est|ist)?(?:[\W_]+|$)",
    re.I,
)
_MORE = re.compile(r"\s*\|\s*\w{0,8}$")
_SEPARATOR_BEHIND = re.compile(r"\s*(?:\+{2,}|\*{2,}|/{2,}|[•●■♦·|])\s*$")
_TITLE_HINT = re.compile(
    r"(?<!sub)(?<!sub[-_])(?:titl|headline|titre|titul|titol|titel|heading)|caption(?!s)|baslik|zagolovok|otsikko|rubrik",
    re.I,
)
_ASIDE_HINT = re.compile(
    r"(?<!up)(?<!can)dat(?:e|um|a\b)|time(?!line)|hour|heure|hora\b|clock|ago\b|categor|kicker|eyebrow|overline|label"
    r"|badge|\btags?\b|rubri|section-?name|rank|num(?:ber|ero)?\b|count|index|author|byline|source|icon|views|comment"
    r"|summary|excerpt|teaser|desc|abstract|intro|\blead\b|dek\b|standfirst|chapo|sub-?tit|sub-?head|premium|sr-?only"
    r"|visually-?hidden|screen-?reader",
    re.I,
)


def headline_of(outline: Outline, anchor: Element) -> str:
    """Returns the headline alone: the heading or title in the anchor, else its first block of several words."""
    if anchor.end - anchor.index == 1:
        return without_clock(outline.text_of(anchor))
    best: Element | None = None
    short: Element | None = None
    for element in outline.elements[anchor.index + 1 : anchor.end]:
        if element.chars < FEWEST_TITLE_CHARS:
            if short is None and element.chars and element.tag in HEADING_TAGS and not _is_aside_hint(element.hint):
                short = element
            continue
        # A wrapper of kicker and title is called "title" as well; the title is the longest part inside it.
        inner = best is None or (element.inside(best) and 2 * element.chars > best.chars)
        if element.tag in HEADING_TAGS or (inner and element.hint and is_title_hint(element.hint)):
            best = element
    if best is None and short is not None and not _is_kicker(anchor, short):
        best = short
    return without_clock(_main_text(outline, best or anchor))


def _is_kicker(anchor: Element, short: Element) -> bool:
    """Whether a short heading stands beside a text as long as a headline; beside a longer one it is a card's title."""
    return FEWEST_TITLE_CHARS <= anchor.chars - short.chars <= LONGEST_BESIDE_KICKER


def text_of_attributes(outline: Outline, anchor: Element) -> str:
    """Returns what the attributes of a link without text say (a picture or an overlay); "" if they say nothing."""
    text = anchor.attrs.get("aria-label") or anchor.attrs.get("title")
    if not text:
        images = (e for e in outline.elements[anchor.index + 1 : min(anchor.end, anchor.index + 8)] if e.tag == "img")
        image = next(images, None)
        text = image.attrs.get("alt") if image else ""
    return _SPACE.sub(" ", text).strip() if text else ""


def without_clock(text: str) -> str:
    """Returns the text without a clock time and stray punctuation in front, and without a "| more" at the end."""
    if text and not text[0].isalpha():
        text = _CLOCK.sub("", text, count=1).lstrip(_STRAY).strip()
    if text and not text[-1].isalpha():
        text = _SEPARATOR_BEHIND.sub("", text)
    return _MORE.sub("", text) if "|" in text[-20:] else text


def _main_text(outline: Outline, element: Element) -> str:
    """Returns the first block of text that is long enough, else the longest.

    Parts that are no headline are left out.
    """
    runs, at = outline.runs, element.first_run
    pieces: list[str] = []
    for child in outline.elements[element.index + 1 : element.end]:
        if child.first_run < at or not child.chars:
            continue
        aside = child.tag == "time" or (child.hint and child.chars < element.chars and _is_aside(outline, child))
        if aside or (not pieces and _is_rank(outline, child, at)):
            pieces.extend(runs[at : child.first_run])
            pieces.append(EDGE)
            at = child.last_run
    pieces.extend(runs[at : element.last_run])
    blocks = [block for block in (" ".join(b.split()) for b in "".join(pieces).split(EDGE)) if block]
    if len(blocks) == 1:
        return blocks[0]
    if not blocks:
        return outline.text_of(element)
    long_enough = (b for b in blocks if len(b) >= FEWEST_BLOCK_CHARS and b.count(" ") >= FEWEST_BLOCK_SPACES)
    return next(long_enough, None) or max(blocks, key=len)


def _is_rank(outline: Outline, child: Element, start: int) -> bool:
    """Whether the text from `start` begins with a number in an element of its own, with no space after it."""
    if child.chars > LONGEST_RANK:
        return False
    before, after = "".join(outline.runs[start : child.first_run]), outline.runs[child.last_run : child.last_run + 1]
    return not before.strip() and outline.text_of(child).isdigit() and not (after and after[0][:1].isspace())


def _is_aside(outline: Outline, child: Element) -> bool:
    """Whether a part is no headline by its class name, nor its first half ("Storm hits the islands: ferries stay")."""
    if not _is_aside_hint(child.hint):
        return False
    text = outline.text_of(child)
    return not (text.endswith(":") and text.count(" ") >= FEWEST_BLOCK_SPACES)


@lru_cache(maxsize=8192)
def is_title_hint(hint: str) -> bool:
    """Whether a class name or id speaks of a title. Cached, because the cards of a list share their class names."""
    return _TITLE_HINT.search(hint) is not None


@lru_cache(maxsize=8192)
def _is_aside_hint(hint: str) -> bool:
    return _ASIDE_HINT.search(hint) is not None
