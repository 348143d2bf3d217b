"""Which of the addresses that an <img> or <source> names is that of its picture, as large as it comes?

A page names small, large and lazily loaded forms of one picture, and an empty one that stands in its place meanwhile.
"""

import re

from services.parser.outline.outline import Attributes

# Longer sets of sources and numbers are no page's own.
LONGEST_SET, LONGEST_NUMBER = 20_000, 8

_SETS = ("srcset", "data-srcset", "data-lazy-srcset", "lazy-srcset", "data-original-set")
_LAZY = (
    *("data-src", "data-original", "data-lazy-src", "data-lazy", "data-hi-res-src", "data-full-src", "data-image-src"),
    *("data-original-src", "data-img-src", "data-echo", "data-url", "data-image", "data-actualsrc", "data-src-large"),
    *("data-li-src", "data-td-src-property", "data-ezsrc", "data-cfsrc", "lazy-src", "lazyload"),
)
_EMPTY = re.compile(
    r"(?<![a-z0-9])(?:1x1|1px|blank|spacer|placeholder|pixel|transparent|transp|trans|loading|loader|lazy|empty|clear"
    r"|gr[ae]y|dummy|default-?image|no-?image)[0-9x_-]*\.(?:gif|png|svg|jpe?g|webp)(?:$|[?#])",
    re.I,
)
_ADDRESS = re.compile(r"[\s,]*(\S+)\s*")
_DESCRIPTORS = re.compile(r"((?:[^,(]|\([^)]*\))*),?")
_SIZE = re.compile(r"(?<![^\s])(\d+(?:\.\d+)?)([wx])(?![^\s])")


def largest_source(attrs: Attributes) -> str | None:
    """Returns the address of the largest form of the picture; None if only an empty one is named."""
    found = [one for name in _SETS if (value := attrs.get(name)) for one in sources_of(value) if _is_picture(one[0])]
    if found:
        address, size = max(found, key=lambda one: one[1])
        if size > 1 or not _plain_source(attrs):
            return address
    return _plain_source(attrs)


def _plain_source(attrs: Attributes) -> str | None:
    lazy = ((attrs[name] or "").strip() for name in _LAZY if name in attrs)
    address = next((value for value in lazy if _is_picture(value) and ("/" in value or "." in value)), None)
    own = (attrs.get("src") or "").strip()
    return address or (own if _is_picture(own) else None)


def sources_of(srcset: str) -> list[tuple[str, float]]:
    """Returns the addresses of a set with their widths or densities, by the algorithm of the HTML standard.

    An address may have commas in it; one that ends with a comma has no descriptor, and counts as 1.
    """
    found: list[tuple[str, float]] = []
    at, srcset = 0, srcset[:LONGEST_SET]
    while match := _ADDRESS.match(srcset, at):
        address, at = match[1], match.end()
        size = 1.0
        if not address.endswith(","):
            descriptors = _DESCRIPTORS.match(srcset, at)
            if descriptors is not None:
                at = descriptors.end()
                sizes = [float(number) for number, _ in _SIZE.findall(descriptors[1])]
                size = sizes[0] if sizes else 1.0
        if address := address.strip(","):
            found.append((address, size))
    return found


def _is_picture(address: str) -> bool:
    if not address or address[0] in "[{" or address.lower().startswith(("data:", "blob:", "about:", "javascript:")):
        return False
    return not _EMPTY.search(address.rsplit("/", 1)[-1])
