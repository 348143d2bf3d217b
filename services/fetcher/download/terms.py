"""How a page is asked for: as which crawler, with which headers, whether only if it has changed, and how much of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.fetcher.download.body_decoding import ACCEPT_ENCODING
from services.fetcher.sources.options import NO_OPTIONS, SourceOptions
from shared.messages import Validators
from shared.urls import same_site

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,application/rss+xml;q=0.9,*/*;q=0.5"
# For historical reasons a browser's name may stand first; the crawler's own name then follows in the brackets.
TOKEN = re.compile(r"(?:Mozilla/[\d.]+ \(compatible; *)?([\w-]+)", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The options of the page's source and, for a conditional request, what is remembered of the page.

    With `first_bytes`, at most that many bytes of an answer of any type are read, and an empty answer is allowed
    (robots.txt).
    """

    source: SourceOptions = NO_OPTIONS
    validators: Validators | None = None
    first_bytes: int | None = None

    def own_headers(self, url: str) -> Mapping[str, str]:
        """Returns the source's own headers, or none where `is_own` is false: they may be credentials."""
        return self.source.headers if self.is_own(url) else {}

    def is_own(self, url: str) -> bool:
        """Returns whether the source's own options hold for this URL, to which a redirect may have led.

        They hold on the source's own site alone, and not on http where the source's URL is https.
        """
        if not self.source.url or not same_site(self.source.url, url):
            return False
        return urlsplit(url).scheme == "https" or urlsplit(self.source.url).scheme == "http"

    def conditions(self, url: str) -> dict[str, str]:
        """Returns the headers of a conditional request; none unless `url` is the one that gave the validators."""
        known = self.validators
        if known is None or known.url != url:
            return {}
        headers = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
        return {name: value for name, value in headers.items() if value is not None}


PLAIN_TERMS = Terms()


def product_token(user_agent: str) -> str:
    """Returns the name by which a robots.txt addresses this crawler: "Depeche" of "Depeche/0.1 (+https://…)"."""
    found = TOKEN.match(user_agent)
    return found[1] if found else "*"


def request_headers(url: str, terms: Terms, user_agent: str) -> dict[str, str]:
    """Returns the headers of the request for `url`, one of the page's hops."""
    own = terms.own_headers(url)
    ours = {"User-Agent": terms.source.user_agent or user_agent, "Accept": ACCEPT, "Accept-Encoding": ACCEPT_ENCODING}
    replaced = {name.lower() for name in own}
    kept = {name: value for name, value in ours.items() if name.lower() not in replaced}
    return kept | dict(own) | terms.conditions(url)
