"""Which pictures and embeds does an article have: with which URL, which caption, and whose credit?"""

import re
from functools import lru_cache
from typing import Any

from services.parser.body.captions import caption_of
from services.parser.body.sources import LONGEST_NUMBER, largest_source
from services.parser.outline.outline import Attributes, Element, Outline
from shared.parsed_page import Block

# Narrower pictures are icons, portraits of authors and counting pixels.
LEAST_WIDTH, LEAST_HEIGHT = 120, 40
# A caption is at most this long; a figure with more text wraps an article's text or a table.
CAPTION_CHARS = 700

PICTURE_TAGS = frozenset(["figure", "img", "picture", "amp-img"])

# A picture of at least this declared width is no icon, whatever it is called.
WIDE = 400

_NAMES = r"icon|logo|avatar|emoji|pixel|spacer|blank|sprite|badge|gravatar|author|placeholder"
_ICON_NAME = re.compile(rf"(?<![a-z])(?:{_NAMES})s?(?![a-z])|(?:icon|logo)s?\.(?:gif|png|svg)", re.I)
_ICON_HINT = re.compile(_NAMES)
_UNSHOWN = re.compile(r"display\s*:\s*none", re.I)
_SHARING = re.compile(
    r"/sharer|[/?&]share(?:[.?/=]|$)|/share(?:article|offsite)|intent/(?:tweet|post)|^(?:mailto|whatsapp|viber|tg|sms):|://wa\.me/"
    r"|/pin/create|/submit\?url=",
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
    return picture_of(outline, element)


def picture_of(outline: Outline, element: Element) -> Block | None:
    """Returns the first picture in an element, or the element itself, with its caption; None for icons."""
    picture = _picture_in(outline, element)
    if picture is None:
        url = _hidden_source(element.node) if element.tag == "figure" else None
    else:
        url = _source_of(outline, element, picture)
    if url is None:
        return None
    caption = caption_of(outline, element)
    alt = (picture.attrs.get("alt") or "").strip() or None if picture is not None else None
    return Block(type="image", text="", url=url, caption=caption.text, credit=caption.credit, alt=alt)


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
    pixels = _pixels(attrs, "width")
    if (pixels is not None and pixels < LEAST_WIDTH) or (_pixels(attrs, "height") or LEAST_HEIGHT) < LEAST_HEIGHT:
        return None
    address = largest_source(attrs)
    if address is None:
        around = picture.parent if element is picture else element
        sources = outline.subtree(around) if around is not None and around.tag in {"picture", "figure"} else []
        found = (largest_source(e.attrs) for e in sources if e.tag == "source")
        address = next(filter(None, found), None) or _source_beside(picture.node)
    if address is None or _ICON_HINT.search(picture.hint) or _is_button(picture):
        return None
    named_icon = (pixels or 0) < WIDE and element.tag != "figure" and _ICON_NAME.search(address.rsplit("/", 1)[-1])
    return None if named_icon else address


def _pixels(attrs: Attributes, name: str) -> int | None:
    said = attrs.get(name) or ""
    return int(said) if said.isdigit() and said.isascii() and len(said) < LONGEST_NUMBER else None


def _is_button(picture: Element) -> bool:
    """Whether a picture is in a link that shares the page, or is itself never shown."""
    if _UNSHOWN.search(picture.attrs.get("style") or ""):
        return True
    around = picture.parent
    for _ in range(2):
        if around is None:
            return False
        if around.tag == "a":
            return bool(_SHARING.search(around.attrs.get("href") or ""))
        around = around.parent
    return False


def _source_beside(node: Any) -> str | None:
    """Returns the picture for browsers without scripts that stands right behind a placeholder."""
    beside = node.next
    for _ in range(2):
        if beside is None:
            return None
        if beside.tag == "noscript":
            return _hidden_source(beside)
        beside = beside.next
    return None


def _hidden_source(node: Any) -> str | None:
    """Returns the address of the first picture in a <noscript> at or below a node; None for a counting pixel."""
    found = node.css_first("noscript img" if node.tag != "noscript" else "img")
    if found is None:
        return None
    width = _pixels(found.attributes, "width")
    return None if width is not None and width < LEAST_WIDTH else largest_source(found.attributes)
