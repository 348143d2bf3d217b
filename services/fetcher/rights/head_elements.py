"""The <meta> and <link> elements of a page's head, read from its bytes without parsing the page.

The fetcher needs them before a page is archived, and the parser comes after that. Comments, scripts and other raw text
are skipped, so that an element that is only quoted there does not count.
"""

import html
import re
from collections.abc import Iterator, Sequence

import msgspec

# A head is searched this far (bytes), where no <body> ends it before. Of 800 fronts of news sites, two have a longer
# one, of 800 KB; their elements stand before their styles.
SEARCHED_BYTES = 524_288
MOST_ELEMENTS = 1_000


def _in_any_case(*names: str) -> bytes:
    """Returns a pattern for names in any case. Unlike IGNORECASE, it lets `re` look for the "<" before them first."""
    return "|".join("".join(f"[{c}{c.upper()}]" for c in name) for name in names).encode()


RAW = ("script", "style", "template", "title", "textarea")
MARK = re.compile(
    rb"<(?:(!--)|(%b)[\s/]|(%b)[\s>]|(%b)[\s/>])"
    % (_in_any_case("meta", "link"), _in_any_case("body"), _in_any_case(*RAW))
)
ENDS = {name.encode(): re.compile(rb"</%b[\s/>]" % _in_any_case(name)) for name in RAW}
MOST_ATTRIBUTES = 50
LONGEST_TAG = 10_000
# A quoted value ends here at the latest (bytes), so that one without its closing quote costs little.
ATTRIBUTE = re.compile(
    rb"""[\s/]{0,200}([^\s=<>"'/]{1,100})\s{0,200}(?:=\s{0,200}(?:"([^"]{0,5000})"|'([^']{0,5000})'|([^\s>"']{1,5000})))?"""
)
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class HeadElement(msgspec.Struct, frozen=True, kw_only=True):
    """A <meta> or <link>; attributes by their names in lower case, the first of a name counts."""

    tag: str
    attributes: dict[str, str]


def head_elements(body: bytes, wanted: Sequence[bytes]) -> Iterator[HeadElement]:
    """Yields the elements in their order in whose tags a `wanted` text (lower case) stands; a head has forty others."""
    text = body[:SEARCHED_BYTES]
    if text.startswith(UTF_16):
        text = text.decode("utf-16", "replace").encode()
    at, found = 0, 0
    while found < MOST_ELEMENTS and (mark := MARK.search(text, at)) is not None:
        comment, element, is_body, raw = mark.groups()
        if is_body:
            return
        if element:
            found += 1
            at = mark.end()
            tag_end = text.find(b">", at, at + LONGEST_TAG)
            tag = text[at : tag_end if tag_end >= 0 else at + LONGEST_TAG].lower()
            if any(one in tag for one in wanted):
                attributes, at = _attributes(text, at)
                yield HeadElement(tag=element.decode().lower(), attributes=attributes)
        else:
            end = _end_of_comment(text, mark.end()) if comment else _end_of_raw(text, mark.end(), raw)
            if end is None:
                return
            at = end


def _end_of_comment(text: bytes, at: int) -> int | None:
    end = text.find(b"-->", at - 2)  # "<!-->" is a whole comment.
    return None if end < 0 else end + 3


def _end_of_raw(text: bytes, at: int, name: bytes) -> int | None:
    end = ENDS[name.lower()].search(text, at - 1)
    return None if end is None else end.end()


def _attributes(text: bytes, at: int) -> tuple[dict[str, str], int]:
    """Returns the attributes of the tag whose name ends here, and where they end."""
    found: dict[str, str] = {}
    for _ in range(MOST_ATTRIBUTES):
        attribute = ATTRIBUTE.match(text, at)
        if attribute is None:
            break
        value = attribute[2] or attribute[3] or attribute[4] or b""
        name = attribute[1].decode("utf-8", "replace").lower()
        found.setdefault(name, html.unescape(value.decode("utf-8", "replace")).strip())
        at = attribute.end()
    return found, at
