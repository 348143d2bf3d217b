"""May this URL be fetched? (robots.txt, RFC 9309)

One worker reads a site's robots.txt for all workers, before the first page of the site and again when the copy is no
longer fresh. The site's answer decides:

    2xx                      the rules for this crawler hold; there may be none
    3xx                      the redirect is followed, also to another host; if it leads nowhere, there is no robots.txt
    4xx except 429           there is no robots.txt: everything may be fetched
    5xx, 429, or no answer   nothing may be fetched for now (429 asks for a pause), unless an older copy allows it
"""

import re
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import msgspec
import structlog

from services.fetcher.download.download import Response
from services.fetcher.download.terms import product_token
from services.fetcher.errors import Refused
from services.fetcher.politeness.robots_copies import Copies, Copy, Known
from services.fetcher.politeness.robots_rules import RobotsRules
from shared.failures import GiveUp, RetryLater

log = structlog.get_logger()

# How long a copy is fresh (s). RFC 9309 allows a day at most. Few sites say how long theirs is; an hour costs one
# request in about a thousand, and a changed rule is obeyed soon. Sites that state less than ten minutes mean something
# else ("no-store" for all that they serve).
USUAL_LIFE_S, SHORTEST_LIFE_S, LONGEST_LIFE_S = 3_600.0, 600.0, 86_400.0
# How soon (s) robots.txt is requested again after an error, and after no answer. A host that does not answer for its
# robots.txt would not answer for its pages either.
AFTER_ERROR_S, AFTER_SILENCE_S = 60.0, 5.0
# While another worker reads the file, this worker looks for the result at this interval (s), and for this long (s).
LOOK_EVERY_S, LOOK_FOR_S = 0.1, 5.0

MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)

Read = Callable[[str], Response]


class Leave(msgspec.Struct, frozen=True, kw_only=True):
    """Permission to fetch a URL, `crawl_delay` seconds (or 0) after the previous request to its site.

    `was_read_for_it` is true where the site's robots.txt has just been read for this, and was not known already.
    `rules` are those that the site has for this crawler.
    """

    crawl_delay: float
    was_read_for_it: bool
    rules: RobotsRules


class Robots:
    """Knows every site's rules. `turn_s` must be longer than the reading of a robots.txt may take (s)."""

    def __init__(self, copies: Copies, *, turn_s: float) -> None:
        self._copies = copies
        self._turn_s = turn_s

    def check(self, url: str, user_agent: str, read: Read) -> Leave:
        """Returns the permission to fetch this URL.

        Raises Refused(robots_disallowed) and RetryLater. `read` downloads a robots.txt at the host's turn.
        """
        token = product_token(user_agent)
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        known, was_read = self._copies.fresh(origin, token), False
        if known is None:
            known, was_read = self._read_once(origin, token, read)
        if known.rules is None:
            raise RetryLater(
                "robots_unreachable",
                f"{known.url} cannot be read, so nothing of that site is fetched for now. {known.detail}",
                after=known.holds_s,
            )
        if not known.rules.allows(url):
            raise Refused("robots_disallowed", f"{known.url} does not let {token} fetch {url}.")
        return Leave(crawl_delay=known.rules.crawl_delay, was_read_for_it=was_read, rules=known.rules)

    def _read_once(self, origin: str, token: str, read: Read) -> tuple[Known, bool]:
        """Read the file, or wait until another worker has read it.

        Returns what is known of the site's rules, and whether this worker read the file.
        """
        was_read = False
        give_up_at = time.monotonic() + LOOK_FOR_S
        while True:
            if self._copies.take_turn(origin, self._turn_s):
                try:
                    if self._copies.fresh(origin, token) is None:
                        was_read = True
                        self._read(origin, read)
                finally:
                    self._copies.end_turn(origin)
            known = self._copies.fresh(origin, token)
            if known is not None:
                return known, was_read
            if time.monotonic() >= give_up_at:
                raise RetryLater("host_busy", f"the robots.txt of {origin} is being read", after=1.0, counts=False)
            time.sleep(LOOK_EVERY_S)

    def _read(self, origin: str, read: Read) -> None:
        url = f"{origin}/robots.txt"
        try:
            response = read(url)
        except RetryLater as failure:
            if not failure.counts:  # The file has not failed: the host's turn has not come.
                raise
            self._put_unreachable(origin, url, failure)
        except GiveUp:
            self._copies.put(origin, Copy(found="text", url=url), USUAL_LIFE_S)
        else:
            copy = Copy(found="text", url=response.url, text=response.body)
            self._copies.put(origin, copy, lifetime(response.headers))

    def _put_unreachable(self, origin: str, url: str, failure: RetryLater) -> None:
        soon = AFTER_SILENCE_S if failure.http_status is None else max(AFTER_ERROR_S, failure.after or 0.0)
        log.warning("robots_unreachable", url=url, reason=failure.reason, again_in_s=soon)
        kept = self._copies.kept(origin)
        if kept is not None and kept.found == "text":
            self._copies.keep_on(origin, soon)
        else:
            self._copies.put(origin, Copy(found="unreachable", url=url, detail=failure.detail), soon)


def lifetime(headers: dict[str, str], *, now: float | None = None) -> float:
    """Returns how long (s) a robots.txt that came with these headers is fresh."""
    found = MAX_AGE.search(headers.get("cache-control", ""))
    seconds: float = USUAL_LIFE_S
    if found is not None:
        seconds = float(found[1])
    elif "expires" in headers:
        try:
            seconds = parsedate_to_datetime(headers["expires"]).timestamp() - (time.time() if now is None else now)
        except (ValueError, OverflowError):
            seconds = 0.0  # RFC 9111: "0" and unreadable dates mean that it has expired.
    return min(max(seconds, SHORTEST_LIFE_S), LONGEST_LIFE_S)
