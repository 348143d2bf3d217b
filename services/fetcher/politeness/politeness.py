"""How a download behaves towards the hosts that it touches.

Before each request, redirects included: what does the host's robots.txt say, and is it the host's turn? After it: has
the host asked for a pause, or for more time between requests? A page that cannot have its turn soon goes back to the
frontier, where pages wait without holding a thread.
"""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from services.fetcher.download.download import Downloader, Response
from services.fetcher.download.terms import PLAIN_TERMS, Terms
from services.fetcher.politeness.host_turns import Turn, Turns, Verdict
from services.fetcher.politeness.robots import FIRST_BYTES, Robots
from shared.failures import PageFailure, RetryLater

# A thread waits for its host's turn this long (s); beyond it the page goes back to the frontier and frees the thread.
LONGEST_WAIT_S = 5.0
# It stays there so long at the least (s): where a host is only crowded, nobody knows how long it will be so.
BACK_FOR_S = 2.0
OVERLOADED = (429, 503)


class Politeness:
    """Makes a download's requests polite. `robots` is None where DEPECHE_OBEY_ROBOTS is off."""

    def __init__(self, turns: Turns, robots: Robots | None, *, user_agent: str) -> None:
        self._turns = turns
        self._robots = robots
        self._user_agent = user_agent

    def requests(self, downloader: Downloader, terms: Terms = PLAIN_TERMS) -> "PoliteRequests":
        """The requests of one download with this downloader, on these terms.

        Each robots.txt is asked for as the page is, but never conditionally.
        """
        plain = Terms(source=terms.source)
        read: list[str] = []

        def own_delay(url: str) -> float | None:
            return terms.source.delay if terms.is_own(url) else None

        def read_robots(url: str) -> Response:
            read.append(url)
            with PoliteRequests(self._turns, own_delay=own_delay) as polite:
                return downloader.download(
                    url, terms=plain, before_hop=polite.before_hop, on_sent=polite.sent, first_bytes=FIRST_BYTES
                )

        def crawl_delay(url: str) -> float:
            if self._robots is None:
                return 0.0
            read.clear()
            delay = self._robots.check(url, terms.source.user_agent or self._user_agent, read_robots)
            if read and delay:
                self._turns.hold(url, delay)
            return delay

        return PoliteRequests(self._turns, own_delay=own_delay, crawl_delay=crawl_delay)


class PoliteRequests:
    """One download's requests, a hop after the other: `with politeness.requests(downloader) as polite`.

    `before_hop` and `sent` are what Downloader.download wants to call. `own_delay` gives the source's own delay where
    that holds, `crawl_delay` what robots.txt asks for, or raises where it forbids the URL.
    """

    def __init__(
        self,
        turns: Turns,
        *,
        own_delay: Callable[[str], float | None],
        crawl_delay: Callable[[str], float] = lambda _url: 0.0,
    ) -> None:
        self._turns = turns
        self._own_delay = own_delay
        self._crawl_delay = crawl_delay
        self._turn: Turn | None = None
        self._is_sent = False

    def before_hop(self, url: str) -> None:
        """Wait until `url` may be asked for; raises Refused, and RetryLater when that is not soon."""
        self._end("good")  # The hop before was answered, with a redirect.
        own_delay, crawl_delay = self._own_delay(url), self._crawl_delay(url)
        give_up_at = time.monotonic() + LONGEST_WAIT_S
        while True:
            turn = self._turns.take(url, own_delay=own_delay, crawl_delay=crawl_delay)
            if not isinstance(turn, float):
                self._turn, self._is_sent = turn, False
                return
            if turn > give_up_at - time.monotonic():
                after = max(turn, BACK_FOR_S)
                raise RetryLater("host_busy", f"the host's next turn is in {after:.0f} s", after=after, counts=False)
            time.sleep(turn)

    def sent(self) -> None:
        """A request is on its way."""
        if self._turn is not None:
            self._turns.sent(self._turn)
            self._is_sent = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, failure: BaseException | None, _trace: TracebackType | None
    ) -> None:
        status = failure.http_status if isinstance(failure, PageFailure) else None
        if status in OVERLOADED and isinstance(failure, RetryLater):
            self._end("overloaded", pause=failure.after)
        else:
            is_good = failure is None or (status is not None and status < 500)
            self._end("good" if is_good else "other")

    def _end(self, verdict: Verdict, pause: float | None = None) -> None:
        turn, self._turn = self._turn, None
        if turn is None:
            return
        if not self._is_sent:
            self._turns.sent(turn)
        self._turns.end(turn, verdict, pause=pause)
