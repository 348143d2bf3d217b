"""When two addresses mean the same page."""

import hashlib
import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

# Query parameters that say where a reader came from, not which page it is.
TRACKING = re.compile(
    r"^(utm_\w+|mtm_\w+|pk_\w+|at_(campaign|medium|source|custom\d)|fbclid|gclid|gclsrc|dclid|msclkid|yclid|twclid"
    r"|igshid|mc_cid|mc_eid|_ga|_gl|cmpid|xtor|s_cid|wt_mc|wt_zmc|ito|ncid|smid|spm|ref_src|ref_url|echobox"
    r"|phpsessid|jsessionid|sid|sessionid)$",
    re.IGNORECASE,
)
MAX_URL_CHARS = 8_000


def page_key_url(url: str) -> str:
    """The form under which a page is remembered: normalised, without fragment and tracking parameters.

    Never raises: what is not a URL stands for itself, and the fetcher refuses it with a reason.
    """
    stripped = url.strip()[:MAX_URL_CHARS]
    try:
        parts = urlsplit(stripped)
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            return stripped
        query = urlencode([p for p in parse_qsl(parts.query, keep_blank_values=True) if not TRACKING.match(p[0])])
        host = parts.hostname if ":" not in parts.hostname else f"[{parts.hostname}]"
        default_port = {"http": 80, "https": 443}[parts.scheme.lower()]
        netloc = host if parts.port in (None, default_port) else f"{host}:{parts.port}"
        return str(canonicalize_url(urlunsplit((parts.scheme.lower(), netloc, parts.path or "/", query, ""))))
    except ValueError:
        return stripped


def url_key(url: str) -> str:
    """32 hexadecimal digits that stand for the page behind `url`."""
    return hashlib.blake2b(page_key_url(url).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def host_of(url: str) -> str:
    """Host and port that politeness counts by; empty when there is none to be polite to."""
    try:
        parts = urlsplit(url.strip())
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            return ""
        port = parts.port or {"http": 80, "https": 443}[parts.scheme.lower()]
    except ValueError:
        return ""
    return f"{parts.hostname.lower().rstrip('.')}:{port}"


def same_site(a: str, b: str) -> bool:
    """Whether two URLs are on one site: the same host, with or without `www.`, or one a subdomain of the other."""
    x, y = (host_of(url).rpartition(":")[0].removeprefix("www.") for url in (a, b))
    if not x or not y:
        return False
    return x == y or x.endswith(f".{y}") or y.endswith(f".{x}")
