"""When may the next request go to this host? Redis has the answer, for all workers together.

A host's turn is granted when no other request to it is still being sent, the delay since the last one is over, the host
has not asked for a pause, and fewer requests than allowed are being made to it. The delay counts from the moment at
which a request has been sent: until then no other worker gets a turn, so a slow name server or a slow handshake cannot
make two requests arrive close together. A worker that is killed before it has sent its request blocks its host for one
lease.

The delay of a host that says that it is overloaded doubles, and then shrinks with every good answer. That is
multiplicative increase and decrease, as in Scrapy's AutoThrottle and in TCP: few steps up, more steps down.

A 429, and a 503 with Retry-After, are the host's word. A 503 without it may be that of a single page that is broken:
that page is tried again later and later, and the host counts as overloaded only once most of its latest answers were
such, to different pages.
"""

import uuid
from collections.abc import Callable
from typing import Literal, Protocol, cast
from urllib.parse import urlsplit

import msgspec
import redis
import structlog

from services.fetcher.rights.tdm_file import PATH as TDM_PATH
from shared.flight.lua_script import lua_script
from shared.urls import url_key

log = structlog.get_logger()

# A grown delay is never longer than the first (ms), and it grows from the second (ms) at least.
LONGEST_GROWN_MS = 300_000
SHORTEST_GROWN_MS = 1_000
# A good answer multiplies a grown delay by this: twelve good answers bring it from 30 s to 1 s.
RECOVERY = 0.75
# A host is overloaded if more than half of its latest answers (the first number) are 503 without Retry-After, or all of
# them and no fewer than the second number. A page that fails again and again, with no other failing, counts once.
LATEST_ANSWERS, FEWEST_FAILURES = 8, 3
# Where a request is being sent, or as many as allowed are being made, the worker asks again after this time (ms).
CROWDED_MS = 100
# What is known of a host's pace is forgotten after a day without a request.
PACE_KEPT_MS = 86_400_000

# Hosts that refuse every page may still give out these.
SITE_FILES = frozenset({"/robots.txt", TDM_PATH})

Verdict = Literal["good", "overloaded", "unavailable", "other"]


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of every host. `lease_s` is longer than any request may take."""

    host_delay: float
    host_connections: int
    lease_s: float


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """The right to send one request now: its lease, the host's delay before any growth, and when it was granted."""

    host: str
    url: str
    lease: str
    delay_ms: int
    granted_at_ms: int
    is_paced: bool  # whether other requests to the host wait until this one has been sent


class Turns(Protocol):
    """The turns that Politeness takes: in Redis (HostTurns), or within one process (TurnsAlone in in_process.py)."""

    def take(self, url: str, *, own_delay: float | None = None, crawl_delay: float = 0.0) -> Turn | float | None: ...
    def sent(self, turn: Turn) -> None: ...
    def hold(self, url: str, seconds: float) -> None: ...
    def end(self, turn: Turn, verdict: Verdict, *, pause: float | None = None, reason: str = "") -> None: ...


class HostTurns:
    """Takes and ends turns. `host_key` says what counts as one host (shared/host_scope.py)."""

    def __init__(self, client: "redis.Redis", pace: Pace, host_key: Callable[[str], str]) -> None:
        self._take = lua_script(
            client, __package__, "host_turns_take.lua", CROWDED_MS=CROWDED_MS, PACE_KEPT_MS=PACE_KEPT_MS
        )
        self._sent = lua_script(client, __package__, "host_turns_sent.lua")
        self._hold = lua_script(client, __package__, "host_turns_hold.lua")
        self._end = lua_script(
            client,
            __package__,
            "host_turns_end.lua",
            RECOVERY=RECOVERY,
            SHORTEST_GROWN_MS=SHORTEST_GROWN_MS,
            LONGEST_GROWN_MS=LONGEST_GROWN_MS,
            PACE_KEPT_MS=PACE_KEPT_MS,
            LATEST_ANSWERS=LATEST_ANSWERS,
            FEWEST_FAILURES=FEWEST_FAILURES,
        )
        self._host_key = host_key
        self._connections = pace.host_connections
        self._usual_ms = round(pace.host_delay * 1000)
        self._lease_ms = round(pace.lease_s * 1000)

    def take(self, url: str, *, own_delay: float | None = None, crawl_delay: float = 0.0) -> Turn | float | None:
        """Take the turn of the URL's host: returns it, or the seconds after which to ask again; None without a host.

        The host's delay is `own_delay`, which the source sets, or else the usual one, and at least `crawl_delay`, which
        robots.txt asks for.
        """
        host = self._host_key(url)
        if not host:
            return None
        delay_ms = max(self._usual_ms if own_delay is None else round(own_delay * 1000), round(crawl_delay * 1000))
        lease = uuid.uuid4().hex
        is_asked_for = int(delay_ms == round(crawl_delay * 1000))
        arguments: list[str | int] = [
            host,
            delay_ms,
            self._usual_ms,
            self._connections,
            lease,
            self._lease_ms,
            is_asked_for,
        ]
        wait_ms, now, is_paced = cast(tuple[int, int, int], self._take(args=arguments))
        if wait_ms:
            return wait_ms / 1000
        return Turn(host=host, url=url, lease=lease, delay_ms=delay_ms, granted_at_ms=now, is_paced=bool(is_paced))

    def sent(self, turn: Turn) -> None:
        """Record that the request has been sent, or will not be made: the delay counts from here."""
        if turn.is_paced:
            self._sent(args=[turn.host, turn.delay_ms])

    def hold(self, url: str, seconds: float) -> None:
        """Allow no request to this URL's host for `seconds`: the robots.txt that was just read asks for that delay."""
        self._hold(args=[self._host_key(url), round(seconds * 1000)])

    def end(self, turn: Turn, verdict: Verdict, *, pause: float | None = None, reason: str = "") -> None:
        """End the turn, as the answer is here or will not come.

        `pause` is what an overloaded host asks for (s), and `reason` is kept to say why it is held back.
        """
        pause_ms, page = round((pause or 0) * 1000), url_key(turn.url)
        arguments: list[str | int] = [
            turn.host,
            turn.delay_ms,
            turn.lease,
            turn.granted_at_ms,
            verdict,
            pause_ms,
            page,
            reason,
            int(urlsplit(turn.url).path not in SITE_FILES),
        ]
        grown = cast(int, self._end(args=arguments))
        if grown:
            log.warning("host_overloaded", host=turn.host, pause_s=pause, delay_s=grown / 1000)
