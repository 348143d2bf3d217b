"""Limits the attributes of absurd tags before they are parsed.

The HTML standard lets an attribute count once, so a parser compares each with all others of its tag: 20,000 of them
take 1.3 s, 100,000 more than a minute and a half.
"""

import re

# A tag with so many attributes that it matters is longer than this (bytes). Elsewhere a page goes on for so long
# without a "<" only in scripts and in pictures that are written into it.
LONGEST_TAG = 60_000

_LONG_TAG = re.compile(rb"<[a-zA-Z][^<>]{%d}[^<>]*" % LONGEST_TAG)
# So many attributes cost nothing; a picture is one long attribute.
FEW_ATTRIBUTES = 2_000


def limit_attributes(html: bytes) -> bytes:
    """Returns the page with the tags cut that have many thousand attributes; nearly every page is unchanged."""
    step = LONGEST_TAG // 2
    if all(html.find(b"<", at, at + step) >= 0 for at in range(0, len(html) - step, step)):
        return html
    return _LONG_TAG.sub(_cut, html)


def _cut(found: re.Match[bytes]) -> bytes:
    tag, before = found[0], found.string[: found.start()].lower()
    if before.rfind(b"<script") > before.rfind(b"</script") or len(tag.split()) < FEW_ATTRIBUTES:
        return tag
    return b" ".join(tag.split()[:FEW_ATTRIBUTES])
