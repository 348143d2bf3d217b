"""How a download behaves towards the hosts that it sends requests to.

Before each request, redirects included, it reads the site's robots.txt and tdmrep.json, and waits for the host's turn.
After the request, it records whether the host has asked for a pause or for more time between requests. A page that
cannot have its turn soon goes back to the frontier, where pages wait without holding a thread.
"""

import time
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

from services.fetcher.download.download import Download, Downloader, Response
from services.fetcher.download.terms import PLAIN_TERMS, Terms
from services.fetcher.politeness.host_turns import Turn, Turns, Verdict
from services.fetcher.politeness.robots import Leave, Robots
from services.fetcher.politeness.robots_groups import FIRST_BYTES
from services.fetcher.politeness.tdm_files import TdmFiles
from services.fetcher.rights.tdm_file import PATH as TDM_PATH
from services.fetcher.rights.tdm_file import TdmFile
from services.fetcher.sources.options import SourceOptions
from shared.failures import PageFailure, RetryLater
from shared.flight.traces import NO_TRACES, Traces
from shared.rights import NOTHING_SAID, Rights

# A thread waits this long (s) for its host's turn; then the page goes back to the frontier, and the thread is free.
LONGEST_WAIT_S = 5.0
# The page stays there at least this long (s): no one knows how soon a crowded host will have room.
BACK_FOR_S = 2.0
UNAVAILABLE = 503
OVERLOADED = (429, UNAVAILABLE)
# A tdmrep.json may take this long (s); one that takes longer counts as none for a while.
TDM_TIMEOUT_S = 10.0


class Politeness:
    """Leads downloads from hop to hop. `robots` and `tdm_files` are None where DEPECHE_OBEY_ROBOTS is off."""

    def __init__(
        self,
        turns: Turns,
        robots: Robots | None,
        tdm_files: TdmFiles | None = None,
        *,
        user_agent: str,
        traces: Traces = NO_TRACES,
    ) -> None:
        self._turns = turns
        self._robots = robots
        self._tdm_files = tdm_files
        self._user_agent = user_agent
        self._traces = traces

    def download(self, downloader: Downloader, url: str, terms: Terms = PLAIN_TERMS) -> Response:
        """Returns the page at `url`. Each hop first reads its site's robots.txt, then waits for the host's turn.

        Raises PageFailure: those of a download, Refused(robots_disallowed), and RetryLater(host_busy) when the turn
        does not come soon.
        """
        page = downloader.start(url, terms=terms)
        while True:
            leave = self._leave(downloader, page.next_url, terms.source)
            site_says = self._site_says(downloader, page, leave, terms.source)
            response = self._ask_at_turn(page, terms, leave.crawl_delay if leave else 0.0)
            if response is not None:
                return replace(response, site_says=site_says)

    def turn_at(self, url: str, terms: Terms = PLAIN_TERMS, *, crawl_delay: float = 0.0) -> "HeldTurn":
        """Wait for the host's turn and return it, for use as `with politeness.turn_at(url) as turn`.

        Raises RetryLater(host_busy) when the turn does not come within LONGEST_WAIT_S.
        """
        own_delay = terms.source.delay if terms.is_own(url) else None
        give_up_at = time.monotonic() + LONGEST_WAIT_S
        while True:
            turn = self._turns.take(url, own_delay=own_delay, crawl_delay=crawl_delay)
            if not isinstance(turn, float):
                return HeldTurn(self._turns, turn)
            if turn > give_up_at - time.monotonic():
                after = max(turn, BACK_FOR_S)
                raise RetryLater("host_busy", f"the host's next turn is in {after:.0f} s", after=after, counts=False)
            time.sleep(turn)

    def _ask_at_turn(self, download: Download, terms: Terms, crawl_delay: float = 0.0) -> Response | None:
        """Ask for the download's next hop at its host's turn; returns None where the answer redirects."""
        with (
            self.turn_at(download.next_url, terms, crawl_delay=crawl_delay) as turn,
            self._traces.request(download.next_url),
        ):
            return download.ask(turn.sent)

    def _leave(self, downloader: Downloader, url: str, source: SourceOptions) -> Leave | None:
        """Returns the site's permission to fetch `url`; None where no robots.txt is asked for.

        Raises Refused and RetryLater where `url` may not be fetched. If robots.txt had to be read for this, that was a
        request too, so the site's delay counts from it.
        """
        if self._robots is None:
            return None
        read = partial(self._read_robots, downloader, source)
        leave = self._robots.check(url, source.user_agent or self._user_agent, read)
        if leave.was_read_for_it and leave.crawl_delay:
            self._turns.hold(url, leave.crawl_delay)
        return leave

    def _site_says(self, downloader: Downloader, page: Download, leave: Leave | None, source: SourceOptions) -> Rights:
        """Returns what the site says of the use of the page's next URL, in tdmrep.json and robots.txt.

        The page does not wait for tdmrep.json: its own time begins to count again when that has been read.
        """
        if leave is None:
            return NOTHING_SAID
        url, tdm = page.next_url, TdmFile()
        if self._tdm_files is not None and leave.rules.allows(urljoin(url, TDM_PATH)):
            started = time.monotonic()
            read = partial(self._read_tdm_file, downloader, source, leave.crawl_delay)
            tdm = self._tdm_files.of_site(url, read)
            page.allow_more(time.monotonic() - started)
        return tdm.says(url).followed_by(leave.rules.says(url))

    def _read_tdm_file(self, downloader: Downloader, source: SourceOptions, crawl_delay: float, url: str) -> Response:
        """Returns a tdmrep.json, asked for as robots.txt is; the site's delay counts before and after it."""
        terms = Terms(source=source, first_bytes=FIRST_BYTES)
        tdm_file = downloader.start(url, terms=terms, within=TDM_TIMEOUT_S)
        while (response := self._ask_at_turn(tdm_file, terms, crawl_delay)) is None:
            pass
        return response

    def _read_robots(self, downloader: Downloader, source: SourceOptions, url: str) -> Response:
        """Returns a robots.txt: asked for as the page is, each hop at its host's turn, but never conditionally."""
        terms = Terms(source=source, first_bytes=FIRST_BYTES)
        robots_txt = downloader.start(url, terms=terms)
        while (response := self._ask_at_turn(robots_txt, terms)) is None:
            pass
        return response


class HeldTurn:
    """A turn at a host for one request, as a context manager: the turn ends with the block.

    Where the URL has no host, `turn` is None and the block does nothing.
    """

    def __init__(self, turns: Turns, turn: Turn | None) -> None:
        self._turns = turns
        self._turn = turn
        self._is_sent = False

    def sent(self) -> None:
        """Record that the request has been sent."""
        if self._turn is not None:
            self._turns.sent(self._turn)
            self._is_sent = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, failure: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._turn is None:
            return
        if not self._is_sent:
            self._turns.sent(self._turn)
        verdict = _verdict_on(failure)
        pause = failure.after if verdict == "overloaded" and isinstance(failure, RetryLater) else None
        reason = failure.reason if isinstance(failure, PageFailure) else ""
        self._turns.end(self._turn, verdict, pause=pause, reason=reason)


def _verdict_on(failure: BaseException | None) -> Verdict:
    """Returns what the request's end says about the host. A redirect and a missing page (404) are good answers.

    A 503 without Retry-After may be that of the page alone.
    """
    if failure is None:
        return "good"
    status = failure.http_status if isinstance(failure, PageFailure) else None
    if status in OVERLOADED and isinstance(failure, RetryLater):
        return "unavailable" if status == UNAVAILABLE and failure.after is None else "overloaded"
    return "good" if status is not None and status < 500 else "other"
