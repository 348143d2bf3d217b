"""May we fetch this? (RFC 9309)

A site's robots.txt is read before the first of its pages, by one worker for all, and again when its time is over. What
the site answers decides:

    2xx                      the rules that it has for us, perhaps none
    3xx                      followed, to another host too; one that leads nowhere counts as no robots.txt
    4xx                      there is no robots.txt: everything may be fetched. Not so 429: that asks for a pause
    5xx, 429, or no answer   nothing may be fetched for the moment, unless an older copy says what is allowed
"""

import re
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import msgspec
import structlog

from services.fetcher.download.download import Response
from services.fetcher.errors import Refused
from services.fetcher.politeness.robots_copies import Copies, Copy, Known
from services.fetcher.politeness.robots_rules import product_token
from shared.failures import GiveUp, RetryLater

log = structlog.get_logger()

# RFC 9309 wants the first 500 KiB to be read at the least.
FIRST_BYTES = 500 * 1024
# How long a copy counts (s). RFC 9309 allows a day at the most. Few sites say how long theirs is good for; an hour
# costs one request in some thousand, and a rule is heeded soon. Less than ten minutes is what sites say that mean
# something else ("no-store" for all they serve).
USUAL_LIFE_S, SHORTEST_LIFE_S, LONGEST_LIFE_S = 3_600.0, 600.0, 86_400.0
# When to ask again after an error, and where nobody answered, which the site's pages would not do either (s).
AFTER_ERROR_S, AFTER_SILENCE_S = 60.0, 5.0
# While another worker reads the file, look every so often whether it is there, for so long (s).
LOOK_EVERY_S, LOOK_FOR_S = 0.1, 5.0

MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)

Read = Callable[[str], Response]


class Leave(msgspec.Struct, frozen=True, kw_only=True):
    """A URL may be fetched, so many seconds (or none) after the request before it.

    `was_read_for_it` is true where the site's robots.txt has just been asked for, and not known already.
    """

    crawl_delay: float
    was_read_for_it: bool


class Robots:
    """Knows the rules of every site. `turn_s` is longer than reading a robots.txt may take."""

    def __init__(self, copies: Copies, *, turn_s: float) -> None:
        self._copies = copies
        self._turn_s = turn_s

    def check(self, url: str, user_agent: str, read: Read) -> Leave:
        """Leave to fetch this URL; raises Refused(robots_disallowed) and RetryLater.

        `read` downloads a robots.txt at the host's turn.
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
        return Leave(crawl_delay=known.rules.crawl_delay, was_read_for_it=was_read)

    def _read_once(self, origin: str, token: str, read: Read) -> tuple[Known, bool]:
        """Read the file, or wait until another worker has; the second says whether it was read here."""
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
            if not failure.counts:  # Not the file's failure: the host's turn has not come.
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
    """How long (s) a robots.txt counts that came with these headers."""
    found = MAX_AGE.search(headers.get("cache-control", ""))
    seconds: float = USUAL_LIFE_S
    if found is not None:
        seconds = float(found[1])
    elif "expires" in headers:
        try:
            seconds = parsedate_to_datetime(headers["expires"]).timestamp() - (time.time() if now is None else now)
        except (ValueError, OverflowError):
            seconds = 0.0  # "0", or nonsense: it has expired, says RFC 9111.
    return min(max(seconds, SHORTEST_LIFE_S), LONGEST_LIFE_S)
