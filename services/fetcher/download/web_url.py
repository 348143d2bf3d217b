"""Which URLs may be fetched at all: absolute http and https URLs."""

import httpx

from services.fetcher.errors import Refused
from shared.urls import MAX_URL_CHARS

SHOWN_URL_CHARS = 200


def web_url(text: str, *, base: httpx.URL | None = None) -> httpx.URL:
    """Returns an absolute http or https URL; `text` may be relative to `base`. Raises Refused for all other URLs.

    The fragment is removed, since servers do not get it, and so are credentials, since the URL is stored and logged.
    """
    shown = repr(text[:SHOWN_URL_CHARS]) + ("" if base is None else f", to which {base} redirects,")
    try:
        url = httpx.URL(text.strip()) if base is None else base.join(text.strip())
        if url.scheme not in ("http", "https"):
            raise Refused("scheme_unsupported", f"{shown} is not an http or https URL.")
        if "#" in text or "@" in text:
            url = url.copy_with(fragment=None, userinfo=b"")
        host = url.host  # This decodes the host, and raises where "xn--" is followed by an invalid name.
    except (httpx.InvalidURL, UnicodeError) as exc:
        raise Refused("invalid_url", f"{shown} is not a URL ({exc}).") from exc
    if not host or not (url.port is None or 0 < url.port < 65_536):
        raise Refused("invalid_url", f"{shown} has no host, or no possible port.")
    if len(str(url)) > MAX_URL_CHARS:
        raise Refused("invalid_url", f"{shown} goes on for more than {MAX_URL_CHARS:,} characters.")
    return url
