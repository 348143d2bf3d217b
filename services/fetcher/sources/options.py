"""How one source is fetched, where that differs from the rest: the operator's agreement with that publisher.

The options come from the sources file, whose values pass `checked_headers` and `checked_proxy` first. The downloader
and the politeness use them; they are looked up by the name of the source that a page belongs to.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

RightsUse = Literal["record", "respect"]

# RFC 9110: a field name is a token; a value has no control characters. Latin-1 is what a header can carry.
HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}")
HEADER_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]{0,4000}")
# These headers frame the message, route it, or are set by the fetcher itself.
OWN_HEADERS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "if-modified-since",
        "if-none-match",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "range",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    }
)


@dataclass(frozen=True, kw_only=True)
class SourceOptions:
    """A source's own options; where one is None, the settings hold.

    `url` is the source's own: its `headers` are sent only to the site of that URL, even if the source's pages lead to
    other sites. `proxy` is an http or https URL, with credentials in it if the proxy wants any. `delay` is in seconds.
    With `rights` "respect", a page is not stored whose publisher forbids that or text mining (docs/rights.md).
    """

    url: str = ""
    user_agent: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    proxy: str | None = None
    verify_tls: bool = True
    delay: float | None = None
    rights: RightsUse = "record"


NO_OPTIONS = SourceOptions()
# Returns the options of the source with this name; NO_OPTIONS for a page without a source or with a removed one.
OptionsOf = Callable[[str | None], SourceOptions]


def checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Returns the headers if all can be sent; raises ValueError with a sentence that names one which cannot."""
    for name, value in headers.items():
        if not HEADER_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not a possible name of a header")
        if name.lower() in OWN_HEADERS:
            raise ValueError(f"the header {name} is the fetcher's own; leave it out")
        if not HEADER_VALUE.fullmatch(value):
            raise ValueError(f"the value of the header {name} has characters that no header can carry, or is too long")
    if len({name.lower() for name in headers}) < len(headers):
        raise ValueError("a header is named twice")
    return dict(headers)


def checked_proxy(proxy: str) -> str:
    """Returns the proxy's URL; raises ValueError with a sentence that says what is wrong with it."""
    try:
        parts = urlsplit(proxy.strip())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise ValueError(f"the proxy is not a URL ({error})") from error
    if not usable:
        raise ValueError("a proxy is written http://host:port or https://host:port; others are not supported")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("a proxy's URL ends with its port")
    return proxy.strip()
