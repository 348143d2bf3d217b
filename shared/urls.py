"""When do two URLs mean the same page?

A page has many URLs: with tracking parameters and session ids, over http and https, with `www.` and as the AMP or
mobile twin. URLs that differ in these alone have one key. URLs that may be different pages have different keys: to
fetch a story twice costs a request, but to take two stories for one loses the second.
"""

import hashlib
import re
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

from shared.tracking import SESSION_ID, naming

SESSION_IN_PATH = re.compile(
    rf";(?:jsessionid|phpsessid)=[^/;]*|;sid={SESSION_ID.pattern}(?=[/;]|$)|/\([A-Z]\([0-9a-z]{{24}}\)\)(?=/)",
    re.IGNORECASE,
)

# Copies of AMP pages: in the caches of Google and Bing, and in Google's viewer
# (https://developers.google.com/amp/cache/overview). What follows is the page's host and path; `s/` stands for https.
AMP_COPY = re.compile(
    r"https?://(?:(?:[\w-]+\.)?cdn\.ampproject\.org/(?:wp|[cv])|[\w-]+\.bing-amp\.com/(?:wp|[cv])"
    r"|(?:www\.)?google\.[a-z]{2,3}(?:\.[a-z]{2})?/amp)/(?:s/)?(?=[\w-]+\.[\w.-]+/)",
    re.IGNORECASE,
)
TWIN_HOST = re.compile(r"^(?:www|amp|m|mobile)\.(?=[^.]+\.[^.])", re.IGNORECASE)
# What a story's URL has and a topic's does not: three hyphens in its last step, four digits in a row, or an extension.
# `/guitars/amp` is about amplifiers.
STORY_PATH = re.compile(r"\d{4}|-[^/]*-[^/]*-[^/]*$|\.[a-z]{3,5}$", re.IGNORECASE)
# Paths that w3lib would not change; to call it takes ten times as long, for every headline.
PLAIN_PATH = re.compile(r"/[\w/.~-]*", re.ASCII)
MAX_URL_CHARS = 8_000


# The number of this rule for keys; it counts up when a key changes (docs/decisions/0017-url-keys.md).
KEY_RULE = 2


def page_key_url(url: str) -> str:
    """Returns the form of the URL under which its page is remembered; no server need answer at that form.

    Never raises: a text that is not a URL is returned as it is, and the fetcher refuses it with a reason.
    """
    stripped = url.strip()[:MAX_URL_CHARS]
    if "amp" in stripped:
        stripped = _original(stripped)
    try:
        parts = urlsplit(stripped)
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            return stripped
        scheme, netloc = _server(parts)
        path = _path(parts.path)
        query = naming(parse_qsl(parts.query, keep_blank_values=True), path) if parts.query else []
        if PLAIN_PATH.fullmatch(path) and "/." not in path and netloc.isascii():
            return f"{scheme}://{netloc}{path}" + (f"?{urlencode(sorted(query))}" if query else "")
        return str(canonicalize_url(urlunsplit((scheme, netloc, path, urlencode(query), ""))))
    except ValueError:
        return stripped


def _original(url: str) -> str:
    """Returns the URL of the page that a copy of an AMP page was made of; any other URL as it is."""
    copy = AMP_COPY.match(url)
    if copy is None:
        return url
    page = url[copy.end() :]
    path, escaped, query = page.replace("%3f", "%3F").partition("%3F")
    return f"https://{path}?{unquote(query)}" if escaped and "?" not in path else f"https://{page}"


def _server(parts: SplitResult) -> tuple[str, str]:
    """Returns scheme and host; for the usual ports, https and the host without `www.`, `m.` and the like."""
    host = parts.hostname or ""
    if parts.port not in (None, {"http": 80, "https": 443}[parts.scheme.lower()]):
        return parts.scheme.lower(), f"[{host}]:{parts.port}" if ":" in host else f"{host}:{parts.port}"
    return "https", f"[{host}]" if ":" in host else TWIN_HOST.sub("", host.rstrip("."))


def _path(path: str) -> str:
    """Returns the path without session ids, the slash at its end, and the marks of a story's AMP twin."""
    if ";" in path or "/(" in path:
        path = SESSION_IN_PATH.sub("", path)
    path = path.rstrip("/")
    if "amp" in path.lower():
        path = re.sub(r"\.amp(?=\.html?$)", "", path, flags=re.IGNORECASE)
        steps = path.split("/")
        without = "/".join(step for step in steps if step.lower() != "amp")
        if STORY_PATH.search(without):
            return without
    return path or "/"


def url_key(url: str) -> str:
    """Returns 32 hexadecimal digits that stand for the page behind `url`."""
    return _url_key(url) if len(url) > LONGEST_REMEMBERED else _remembered_url_key(url)


def _url_key(url: str) -> str:
    return hashlib.blake2b(page_key_url(url).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


# Most headlines of a list were there at the last visit, and each URL's key is asked for several times. The cache takes
# 2.5 MB at most, in each process.
LONGEST_REMEMBERED, REMEMBERED = 300, 4_096
_remembered_url_key = lru_cache(maxsize=REMEMBERED)(_url_key)


def host_of(url: str) -> str:
    """Returns host and port, by which politeness counts; empty where the URL has no host or is not http or https."""
    try:
        parts = urlsplit(url.strip())
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            return ""
        port = parts.port or {"http": 80, "https": 443}[parts.scheme.lower()]
    except ValueError:
        return ""
    return f"{parts.hostname.lower().rstrip('.')}:{port}"


def same_site(a: str, b: str) -> bool:
    """Returns whether two URLs are on one site: on the same host, with or without `www.`, or one on a subdomain."""
    x, y = (host_of(url).rpartition(":")[0].removeprefix("www.") for url in (a, b))
    if not x or not y:
        return False
    return x == y or x.endswith(f".{y}") or y.endswith(f".{x}")
