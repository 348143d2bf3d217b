"""When do two URLs mean the same page?

A page has many URLs: with tracking parameters and session ids, over http and https, with `www.` and as the AMP or
mobile twin. URLs that differ in these alone have one key. URLs that may be different pages have different keys: to
fetch a story twice costs a request, but to take two stories for one loses the second.
"""

import hashlib
import re
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

# Query parameters that say where a reader came from, not which page it is. courlan's list takes every parameter with
# "cid", "source" or "uid" in its name, and some sites use those for story numbers.
TRACKING = re.compile(
    r"^(utm_\w+|mtm_\w+|pk_\w+|at_(campaign|medium|source|custom\d)|ns_(source|mchannel|campaign|linkname|fee)"
    r"|fbclid|gclid|gclsrc|gbraid|wbraid|dclid|msclkid|yclid|twclid|ttclid|igshid|igsh|srsltid|li_fat_id"
    r"|mc_cid|mc_eid|oly_(enc|anon)_id|vero_id|_hsenc|_hsmi|mkt_tok|_ga|_gl|guccounter|guce_referrer(_sig)?"
    r"|cmp|cmpid|ocid|xtor|s_cid|wt_mc|wt_zmc|ito|ncid|smid|spm|ref_src|ref_url|echobox|__twitter_impression"
    r"|usqp|amp_(js_v|gsa)|aoh|phpsessid|jsessionid|sessionid|aspsessionid\w*)$",
    re.IGNORECASE,
)
# Old systems number their stories in `sid`; a session's `sid` is long and has letters and digits.
SESSION_PARAMETERS = frozenset({"sid", "session", "session_id", "s"})
SESSION_ID = re.compile(r"(?=.*\d)(?=.*[a-z])[0-9a-z]{20,}", re.IGNORECASE)
SESSION_IN_PATH = re.compile(
    rf";(?:jsessionid|phpsessid)=[^/;]*|;sid={SESSION_ID.pattern}(?=[/;]|$)|/\([A-Z]\([0-9a-z]{{24}}\)\)(?=/)",
    re.IGNORECASE,
)

TWIN_HOST = re.compile(r"^(?:www|amp|m|mobile)\.(?=[^.]+\.[^.])", re.IGNORECASE)
AMP_PARAMETERS = {
    "amp": ("", "1", "true"),
    "isamp": ("", "1", "true"),
    "outputtype": ("amp",),
    "output": ("amp",),
    "view": ("amp",),
}
# What a story's URL has and a topic's does not: three hyphens in its last step, four digits in a row, or an extension.
# `/guitars/amp` is about amplifiers.
STORY_PATH = re.compile(r"\d{4}|-[^/]*-[^/]*-[^/]*$|\.[a-z]{3,5}$", re.IGNORECASE)
# Paths that w3lib would not change; to call it takes ten times as long, for every headline.
PLAIN_PATH = re.compile(r"/[\w/.~-]*", re.ASCII)
MAX_URL_CHARS = 8_000


def page_key_url(url: str) -> str:
    """Returns the form of the URL under which its page is remembered; no server need answer at that form.

    Never raises: a text that is not a URL is returned as it is, and the fetcher refuses it with a reason.
    """
    stripped = url.strip()[:MAX_URL_CHARS]
    try:
        parts = urlsplit(stripped)
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            return stripped
        scheme, netloc = _server(parts)
        path = _path(parts.path)
        if not parts.query and PLAIN_PATH.fullmatch(path) and netloc.isascii():
            return f"{scheme}://{netloc}{path}"
        query = urlencode([p for p in parse_qsl(parts.query, keep_blank_values=True) if _names_page(*p)])
        return str(canonicalize_url(urlunsplit((scheme, netloc, path, query, ""))))
    except ValueError:
        return stripped


def _server(parts: SplitResult) -> tuple[str, str]:
    """Returns scheme and host; for the usual ports, https and the host without `www.`, `m.` and the like."""
    host = parts.hostname or ""
    if parts.port not in (None, {"http": 80, "https": 443}[parts.scheme.lower()]):
        return parts.scheme.lower(), f"[{host}]:{parts.port}" if ":" in host else f"{host}:{parts.port}"
    return "https", f"[{host}]" if ":" in host else TWIN_HOST.sub("", host.rstrip("."))


def _names_page(name: str, value: str) -> bool:
    if TRACKING.match(name) or value.lower() in AMP_PARAMETERS.get(name.lower(), ()):
        return False
    return not (name.lower() in SESSION_PARAMETERS and SESSION_ID.fullmatch(value))


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
# 10 MB at most.
LONGEST_REMEMBERED, REMEMBERED = 300, 16_384
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
