"""Does a path match a pattern, as in robots.txt (RFC 9309)? TDMRep and Content-Signal use the same patterns."""

import re
from urllib.parse import quote, urlsplit

ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# What `quote` leaves as it is: all that may stand in a path, a query or a pattern.
AS_IT_IS = "%/?:@!$&'()*+,;=[]"


def path_of(url: str) -> str:
    """Returns the path of a URL with its query, as patterns see it."""
    parts = urlsplit(url)
    return _normal((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def matches(pattern: str, path: str) -> bool:
    """Returns whether a path from `path_of` begins as the pattern says; `*` is any text, and `$` the path's end.

    It takes time in proportion to the two lengths, whatever the pattern is.
    """
    pattern = _normal(pattern)
    ends = pattern.endswith("$")
    first, *others = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    last = others.pop() if ends and others else None
    for piece in others:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    if last is not None:
        return path.endswith(last) and len(path) - len(last) >= at
    return not ends or at == len(path)


def _normal(text: str) -> str:
    """Returns the text with the characters encoded that have to be, and those decoded that need not be."""

    def decoded(found: re.Match[str]) -> str:
        character = chr(int(found[1], 16))
        return character if character in UNRESERVED else found[0].upper()

    return ENCODED.sub(decoded, quote(text, safe=AS_IT_IS))
