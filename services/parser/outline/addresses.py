"""Which absolute URL does an address in a page stand for?"""

from urllib.parse import urljoin

from services.parser.outline.outline import Outline

_LINE_BREAKS = {ord(character): None for character in "\t\n\r"}


class Resolver:
    """Makes the addresses of a page's links absolute, most of them without parsing the URL."""

    def __init__(self, outline: Outline, url: str | None) -> None:
        base = base_of(outline, url) or ""
        self.base = base
        scheme, slashes, rest = base.partition("://")
        self.origin = f"{scheme}://{rest.partition('/')[0]}" if slashes else ""
        self.scheme = scheme or "https"

    def __call__(self, href: str) -> str | None:
        """Returns the absolute URL without its fragment; None if `href` is empty or `mailto:` and the like."""
        href = (href[: href.index("#")] if "#" in href else href).strip()
        if not href.isprintable():
            href = href.translate(_LINE_BREAKS)  # As browsers do.
        if href.startswith(("http://", "https://")) or not href:
            return href or None
        if href.startswith("//"):
            return f"{self.scheme}:{href}"
        if href[0] == "/" and self.origin and "/." not in href:
            return self.origin + href
        if ":" in href.partition("/")[0]:
            return href if href[:4].lower() == "http" and "://" in href[:8] else None
        return absolute_url(href, self.base)


def base_of(outline: Outline, url: str | None) -> str | None:
    """Returns the URL that the page's relative addresses go by: that of its <base>, or its own."""
    # As in browsers, the first <base> with an address counts, if it is one that pages can be fetched from.
    bases = [href for e in outline.tagged("base") if (href := e.attrs.get("href"))]
    base = absolute_url(bases[0], url) if bases else None
    if base is not None and not base.lower().startswith(("data:", "javascript:", "about:", "blob:")):
        return base
    return url


def absolute_url(address: str | None, base: str | None) -> str | None:
    """Returns the address resolved against `base`; None if it is missing or junk such as "http://[x". Never raises."""
    if not address:
        return None
    try:
        return urljoin(base or "", address.strip()) or None
    except ValueError:
        return None
