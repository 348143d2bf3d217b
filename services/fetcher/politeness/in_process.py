"""The politeness of a single process: turns at hosts and copies of robots.txt, without Redis.

`depeche sources check` uses it to try sources before any server runs. It makes one request per host at a time.
"""

import threading
import time
from collections.abc import Callable

from services.fetcher.politeness.host_turns import CROWDED_MS, FEWEST_FAILURES, LATEST_ANSWERS, Turn, Verdict
from services.fetcher.politeness.robots_copies import Copy, Known
from services.fetcher.politeness.robots_rules import RobotsRules
from services.fetcher.politeness.tdm_files import TdmCopy


class TurnsAlone:
    """Turns at hosts for the threads of this process."""

    def __init__(self, host_delay: float, host_key: Callable[[str], str]) -> None:
        self._usual = host_delay
        self._host_key = host_key
        self._free_at: dict[str, float] = {}
        self._busy: set[str] = set()
        self._latest: dict[str, str] = {}  # the latest answers of hosts: 1 for unavailable, 0 for good
        self._failed: dict[str, str] = {}
        self._lock = threading.Lock()

    def take(self, url: str, *, own_delay: float | None = None, crawl_delay: float = 0.0) -> Turn | float | None:
        """Take the turn of the URL's host, as HostTurns.take does."""
        host = self._host_key(url)
        if not host:
            return None
        delay = max(self._usual if own_delay is None else own_delay, crawl_delay)
        with self._lock:
            left = self._free_at.get(host, 0.0) - time.monotonic()
            if host in self._busy or left > 0:
                return max(left, CROWDED_MS / 1000)
            self._busy.add(host)
        return Turn(host=host, url=url, lease="", delay_ms=round(delay * 1000), granted_at_ms=0, is_paced=delay > 0)

    def sent(self, turn: Turn) -> None:
        """Record that the request has been sent: the delay counts from here."""
        self._free(turn.host, turn.delay_ms / 1000)

    def hold(self, url: str, seconds: float) -> None:
        """Allow no request to this URL's host for `seconds`."""
        self._free(self._host_key(url), seconds)

    def end(self, turn: Turn, verdict: Verdict, *, pause: float | None = None, reason: str = "") -> None:  # noqa: ARG002
        """End the turn, as the answer is here or will not come."""
        if verdict == "overloaded" or (
            verdict in ("good", "unavailable") and self._is_mostly_unavailable(turn, verdict)
        ):
            self._free(turn.host, pause or 2 * turn.delay_ms / 1000)
        with self._lock:
            self._busy.discard(turn.host)

    def _is_mostly_unavailable(self, turn: Turn, verdict: Verdict) -> bool:
        """Note the answer; returns whether it makes the host count as overloaded."""
        with self._lock:
            if verdict == "good" or self._failed.get(turn.host) != turn.url:
                answers = self._latest.get(turn.host, "") + ("0" if verdict == "good" else "1")
                self._latest[turn.host] = answers[-LATEST_ANSWERS:]
            if verdict == "good":
                return False
            self._failed[turn.host] = turn.url
            latest = self._latest[turn.host]
        failures = latest.count("1")
        return failures >= FEWEST_FAILURES and (failures == len(latest) or 2 * failures > LATEST_ANSWERS)

    def _free(self, host: str, seconds: float) -> None:
        with self._lock:
            self._free_at[host] = max(self._free_at.get(host, 0.0), time.monotonic() + seconds)


class _ReadingAlone:
    """Which sites' files are being read in this process."""

    def __init__(self) -> None:
        self._reading: set[str] = set()
        self._lock = threading.Lock()

    def take_turn(self, origin: str, lasts_s: float) -> bool:  # noqa: ARG002 - no other worker can die with it
        """Take the right to read the file; returns False where another thread has it."""
        with self._lock:
            if origin in self._reading:
                return False
            self._reading.add(origin)
            return True

    def end_turn(self, origin: str) -> None:
        """Give the right to read the file back."""
        with self._lock:
            self._reading.discard(origin)


class CopiesAlone(_ReadingAlone):
    """Copies of robots.txt that live as long as this process."""

    def __init__(self) -> None:
        super().__init__()
        self._copies: dict[str, Copy] = {}
        self._fresh_until: dict[str, float] = {}

    def fresh(self, origin: str, token: str) -> Known | None:
        """Returns the site's rules while their copy is fresh, as RobotsCopies.fresh does."""
        copy, left = self._copies.get(origin), self._fresh_until.get(origin, 0.0) - time.monotonic()
        if copy is None or left <= 0:
            return None
        rules = RobotsRules(copy.text, token) if copy.found == "text" else None
        return Known(url=copy.url, rules=rules, detail=copy.detail, holds_s=left)

    def kept(self, origin: str) -> Copy | None:
        """Returns the last copy, of any age."""
        return self._copies.get(origin)

    def put(self, origin: str, copy: Copy, fresh_s: float) -> None:
        """Store a copy that is fresh for `fresh_s` seconds."""
        self._copies[origin] = copy
        self.keep_on(origin, fresh_s)

    def keep_on(self, origin: str, fresh_s: float) -> None:
        """Count the last copy as fresh for `fresh_s` seconds more."""
        self._fresh_until[origin] = time.monotonic() + fresh_s


class TdmCopiesAlone(_ReadingAlone):
    """Copies of tdmrep.json that live as long as this process."""

    def __init__(self) -> None:
        super().__init__()
        self._copies: dict[str, TdmCopy] = {}

    def get(self, origin: str) -> TdmCopy | None:
        """Returns the last copy, of any age."""
        return self._copies.get(origin)

    def put(self, origin: str, copy: TdmCopy) -> None:
        """Store a copy."""
        self._copies[origin] = copy
