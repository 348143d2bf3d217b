"""The first rule by which a URL's key was made, as it was: rows that have its keys get those of shared/urls.py.

It never changes. services/indexer/upkeep/url_keys.py uses it to tell which rows have such a key.
"""

import hashlib
import re
import uuid
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

TRACKING = re.compile(
    r"^(utm_\w+|mtm_\w+|pk_\w+|at_(campaign|medium|source|custom\d)|ns_(source|mchannel|campaign|linkname|fee)"
    r"|fbclid|gclid|gclsrc|gbraid|wbraid|dclid|msclkid|yclid|twclid|ttclid|igshid|igsh|srsltid|li_fat_id"
    r"|mc_cid|mc_eid|oly_(enc|anon)_id|vero_id|_hsenc|_hsmi|mkt_tok|_ga|_gl|guccounter|guce_referrer(_sig)?"
    r"|cmp|cmpid|ocid|xtor|s_cid|wt_mc|wt_zmc|ito|ncid|smid|spm|ref_src|ref_url|echobox|__twitter_impression"
    r"|usqp|amp_(js_v|gsa)|aoh|phpsessid|jsessionid|sessionid|aspsessionid\w*)$",
    re.IGNORECASE,
)
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
STORY_PATH = re.compile(r"\d{4}|-[^/]*-[^/]*-[^/]*$|\.[a-z]{3,5}$", re.IGNORECASE)
PLAIN_PATH = re.compile(r"/[\w/.~-]*", re.ASCII)
MAX_URL_CHARS = 8_000


def _page_key_url(url: str) -> str:
    """Returns the form of the URL under which its page was remembered."""
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


def first_url_key(url: str) -> uuid.UUID:
    """Returns the key that the URL's page had."""
    form = _page_key_url(url).encode("utf-8", "surrogatepass")
    return uuid.UUID(bytes=hashlib.blake2b(form, digest_size=16).digest())
