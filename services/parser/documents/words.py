"""The words of a feed's titles and texts: without tags, and without losing what only looks like one."""

import re

from services.parser.documents.references import decoded
from services.parser.fields.title_text import one_line

# An entry without a title is told by the beginning of its text.
LONGEST_SUBSTITUTE = 200
# The beginning of a text stands within so much markup.
ENOUGH_MARKUP = 4000

_TAG = re.compile(r"</?([a-zA-Z][\w:-]*)(?:\s[^<>]{0,1000})?/?>")
_END_TAG = re.compile(r"</([a-zA-Z][\w:-]*)\s*>")
BREAKS = frozenset(
    ("br", "p", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "td", "tr", "table", "blockquote")
)
_VOID = frozenset(("br", "hr", "img", "wbr", "input"))
_UNSEEN = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b[^>]*>.*?(?:</\1\s*>|\Z)", re.S | re.I)
_HALF_TAG = re.compile(r"<[^<>]*\Z")
_SRC = re.compile(r"""<img\b[^<>]*?\bsrc\s*=\s*(?:"([^"<>]+)"|'([^'<>]+)')""", re.I)
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>", re.I)
# A tag with attributes is meant as one, even where it is not closed.
_WITH_ATTRIBUTES = re.compile(r"<[a-zA-Z][\w:-]*\s[^<>]*=")
_ESCAPED = re.compile(r"&(?:#\d{1,6}|#[xX][0-9a-fA-F]{1,5}|amp|lt|gt|quot|apos|nbsp);")
_ALT = re.compile(r"""<img\b[^<>]*?\balt\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')""", re.I)


def title_words(text: str, *, plain: bool = False) -> str:
    """A title on one line. Tags go where they are some: "the <head> element" keeps its word.

    A plain text has no tags; characters written twice over or more often (`&amp;eacute;`) are meant in either, and so
    are the marks of a CDATA section within another.
    """
    if "]]>" in text or "<![" in text:
        text = _CDATA.sub("", text)
    if "<" in text and not plain:
        text = _without_tags(text) or _picture(text)
    text = decoded(text)
    return one_line(decoded(text) if "&" in text and _ESCAPED.search(text) else text)


def _without_tags(text: str) -> str:
    closed = {name.lower() for name in _END_TAG.findall(text)}

    def instead(tag: re.Match[str]) -> str:
        name = tag[1].lower()
        meant = name in closed or name in _VOID or (name in BREAKS and tag.start() == 0)
        if not meant and not _WITH_ATTRIBUTES.match(tag[0]):
            return tag[0]
        return " " if name in BREAKS else ""

    return _TAG.sub(instead, _UNSEEN.sub("", text)).strip()


def first_words(markup: str) -> str:
    """The beginning of a text in HTML, cut between words; of a picture, its description."""
    markup = markup[:ENOUGH_MARKUP]
    if "<" in markup:
        markup = _HALF_TAG.sub("", _UNSEEN.sub("", _CDATA.sub("", markup)))
    text = _TAG.sub(lambda tag: " " if tag[1].lower() in BREAKS else "", markup) if "<" in markup else markup
    words = one_line(decoded(text)) or one_line(decoded(_picture(markup)))
    if len(words) <= LONGEST_SUBSTITUTE:
        return words
    beginning, _, _ = words[: LONGEST_SUBSTITUTE + 1].rpartition(" ")
    return beginning if 2 * len(beginning) > LONGEST_SUBSTITUTE else words[:LONGEST_SUBSTITUTE]


def picture_in(markup: str) -> str:
    """The address of the first picture, as it is written there."""
    found = _SRC.search(markup[:ENOUGH_MARKUP])
    return decoded(found[1] or found[2]) if found else ""


def _picture(markup: str) -> str:
    found = _ALT.search(markup)
    return (found[1] or found[2] or "") if found else ""
