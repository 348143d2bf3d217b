"""Which pictures and embeds does an article have: with which URL, which caption, and whose credit?"""

import re
from functools import lru_cache

from services.parser.body.sources import LONGEST_NUMBER, largest_source
from services.parser.outline.outline import Element, Outline
from shared.parsed_page import Block

# Narrower pictures are icons, portraits of authors and counting pixels.
LEAST_WIDTH = 120
# A caption is at most this long; a figure with more text wraps an article's text or a table.
CAPTION_CHARS = 700

PICTURE_TAGS = frozenset(["figure", "img", "picture", "amp-img"])

# A picture of at least this declared width is no icon, whatever it is called.
WIDE = 400

_NAMES = r"icon|logo|avatar|emoji|pixel|spacer|blank|sprite|badge|gravatar|author|placeholder"
_ICON_NAME = re.compile(rf"(?<![a-z])(?:{_NAMES})s?(?![a-z])|(?:icon|logo)s?\.(?:gif|png|svg)", re.I)
_ICON_HINT = re.compile(_NAMES)
_CREDIT_HINT = re.compile(r"credit|copyright|source|photographer|agency|attribution|auteur|quelle|byline|author")
_CREDIT_TEXT = re.compile(
    r"[(\[]?\s*(?:©|\(c\)|photo(?:graph)?(?: by| credit)?\s*:|foto\s*:|bild\s*:|image(?: credit| source)?s?\s*:"
    r"|crédits?\s*(?:photo)?\s*:"
    r"|credit\s*:|source\s*:|quelle\s*:|créditos?\s*:|fuente\s*:)\s*[^\n]{2,100}$",
    re.I,
)
_EMBED_HINT = re.compile(
    r"twitter-tweet|twitter-video|instagram-media|tiktok-embed|fb-post|fb-video|bluesky-embed|reddit-embed|telegram-post|flourish-embed"
)
EMBED_TAGS = frozenset(["iframe", "video", "audio", "embed", "object", "amp-iframe", "amp-youtube", "amp-twitter"])


def is_embed(element: Element) -> bool:
    """Whether the element shows content from another site: a player, a post, a chart."""
    tag = element.tag
    return tag in EMBED_TAGS or (tag in {"div", "blockquote"} and _is_embed_hint(element.hint))


@lru_cache(maxsize=8192)
def _is_embed_hint(hint: str) -> bool:
    return bool(_EMBED_HINT.search(hint))


def image_of(outline: Outline, element: Element) -> Block | None:
    """Returns the picture that a <figure>, <picture> or <img> shows; None for icons and for figures that hold text."""
    if element.tag == "figure" and _holds_text(outline, element):
        return None
    picture = _picture_in(outline, element)
    if picture is None:
        return None
    attrs = picture.attrs
    url = _source_of(outline, element, picture)
    if url is None:
        return None
    caption, credit = _caption_of(outline, element)
    alt = (attrs.get("alt") or "").strip() or None
    return Block(type="image", text="", url=url, caption=caption, credit=credit, alt=alt)


def _holds_text(outline: Outline, figure: Element) -> bool:
    if figure.chars > CAPTION_CHARS:
        return True
    return any(e.tag in {"table", "blockquote", "pre"} for e in outline.subtree(figure))


def _picture_in(outline: Outline, element: Element) -> Element | None:
    if element.tag in {"img", "amp-img"}:
        return element
    return next((e for e in outline.subtree(element) if e.tag in {"img", "amp-img"}), None)


def _source_of(outline: Outline, element: Element, picture: Element) -> str | None:
    """Returns the largest address of the picture; None for an icon."""
    attrs = picture.attrs
    width = attrs.get("width") or ""
    pixels = int(width) if width.isdigit() and width.isascii() and len(width) < LONGEST_NUMBER else None
    if pixels is not None and pixels < LEAST_WIDTH:
        return None
    address = largest_source(attrs)
    if address is None:
        around = picture.parent if element is picture else element
        sources = outline.subtree(around) if around is not None and around.tag in {"picture", "figure"} else []
        found = (largest_source(e.attrs) for e in sources if e.tag == "source")
        address = next(filter(None, found), None)
    if address is None or _ICON_HINT.search(picture.hint):
        return None
    named_icon = (pixels or 0) < WIDE and element.tag != "figure" and _ICON_NAME.search(address.rsplit("/", 1)[-1])
    return None if named_icon else address


def _caption_of(outline: Outline, element: Element) -> tuple[str | None, str | None]:
    if element.tag != "figure":
        return None, None
    caption, credit = outline.text_of(element) or None, None
    for part in outline.subtree(element):
        if part.chars and _CREDIT_HINT.search(part.hint) and part.chars < 150:
            credit = outline.text_of(part)
            if caption and caption.endswith(credit):
                caption = caption[: -len(credit)].rstrip(" |-–—/()") or None
            break
    if caption and credit is None:
        found = _CREDIT_TEXT.search(caption)
        if found:
            credit, caption = found[0].strip(" ()[]"), caption[: found.start()].rstrip() or None
    return caption, credit
