"""Where does an address in a page lead, written out in full?"""

from urllib.parse import urljoin

from services.parser.outline.outline import Outline


class Resolver:
    """Absolute addresses of a page's links; most of them need no parsing."""

    def __init__(self, outline: Outline, url: str | None) -> None:
        # As in browsers, the first <base> with an address counts.
        bases = [href for e in outline.tagged("base") if (href := e.attrs.get("href"))]
        base = absolute_url(bases[0], url) or "" if bases else url or ""
        self.base = base
        scheme, slashes, rest = base.partition("://")
        self.origin = f"{scheme}://{rest.partition('/')[0]}" if slashes else ""
        self.scheme = scheme or "https"

    def __call__(self, href: str) -> str | None:
        """Without the fragment; None for what is no address of a page."""
        href = (href[: href.index("#")] if "#" in href else href).strip()
        if href.startswith("http") or not href:
            return href or None
        if href.startswith("//"):
            return f"{self.scheme}:{href}"
        if href[0] == "/" and self.origin:
            return self.origin + href
        if ":" in href.partition("/")[0]:
            return None
        return absolute_url(href, self.base)


def absolute_url(address: str | None, base: str | None) -> str | None:
    """The address as seen from `base`; None where there is none, or junk such as "http://[x", which fails no page."""
    if not address:
        return None
    try:
        return urljoin(base or "", address.strip()) or None
    except ValueError:
        return None
