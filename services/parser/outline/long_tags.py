"""Limits the attributes of absurd tags before they are parsed.

The HTML standard lets an attribute count once, so a parser compares each with all others of its tag: 20,000 of them
take 1.3 s, 100,000 more than a minute and a half.
"""

# A tag with so many attributes that it matters is longer than this (bytes). Elsewhere a page goes on for so long
# without a "<" only in scripts and in pictures that are written into it.
LONGEST_TAG = 60_000

# So many attributes cost nothing; a picture is one long attribute.
FEW_ATTRIBUTES = 2_000


def limit_attributes(html: bytes) -> bytes:
    """Returns the page with the tags cut that have many thousand attributes; nearly every page is unchanged."""
    step = LONGEST_TAG // 2
    parts, done = [], 0
    for at in range(0, len(html) - step, step):
        start, end = _long_tag_around(html, at, at + step)
        if start >= done and start < end:
            parts += [html[done:start], _cut(html, start, end)]
            done = end
    return b"".join([*parts, html[done:]]) if parts else html


def _long_tag_around(html: bytes, first: int, last: int) -> tuple[int, int]:
    """Returns start and end of the long tag that these bytes are the middle of, else an empty range.

    Every long tag has a step of bytes in its middle.
    """
    if html.find(b"<", first, last) >= 0 or html.find(b">", first, last) >= 0:
        return 0, 0
    start = html.rfind(b"<", 0, first)
    ends = [at for sign in (b"<", b">") if (at := html.find(sign, last)) >= 0]
    end = min(ends, default=len(html))
    is_long_tag = end - start >= LONGEST_TAG + 2 and html[start + 1 : start + 2].isalpha() and start >= 0
    # A ">" after the "<" ends the tag before these bytes.
    return (start, end) if is_long_tag and html.find(b">", start, first) < 0 else (0, 0)


def _cut(html: bytes, start: int, end: int) -> bytes:
    words = html[start:end].split()
    before = html[:start].lower() if len(words) >= FEW_ATTRIBUTES else b""
    if len(words) < FEW_ATTRIBUTES or before.rfind(b"<script") > before.rfind(b"</script"):
        return html[start:end]
    return b" ".join(words[:FEW_ATTRIBUTES])
