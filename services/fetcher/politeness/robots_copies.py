"""Copies of robots.txt: in Redis for all workers, and parsed in this process."""

import threading
import time
from collections import OrderedDict
from typing import Literal, Protocol, cast

import msgspec
import redis
import zstandard

from services.fetcher.politeness.robots_rules import RobotsRules
from shared.flight.redis_keys import ROBOTS, ROBOTS_FRESH, ROBOTS_TURN

# A copy that had rules serves this long (s) while the site's robots.txt is not to be had.
STALE_S = 7 * 86_400.0
# Compressed, most copies have less than 2 KB. Larger ones are kept only while they are fresh: a stranger with many host
# names must not fill Redis.
LARGE_BYTES = 16_384
# Rules that this process keeps parsed, by the bytes they were read from: parsed they take up to 60 times as much, and 2
# times with the usual paths. What was found at a site counts so much at the least.
PARSED_BYTES, LEAST_BYTES = 2_000_000, 500
# Beyond this (s) Redis is asked again, so that workers agree soon after a copy has been read anew.
PARSED_KEPT_S = 300.0


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """What was found to be a site's robots.txt: `text`, empty where it has none, or `unreachable` and why."""

    found: Literal["text", "unreachable"]
    url: str  # where it was read in the end
    text: bytes = b""
    detail: str = ""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A copy for one agent; without rules while it is not to be had. It holds for so many seconds from now."""

    url: str
    rules: RobotsRules | None
    detail: str
    holds_s: float


class Copies(Protocol):
    """What robots.py needs: kept in Redis by RobotsCopies, or by a process that is alone (in_process.py)."""

    def fresh(self, origin: str, token: str) -> Known | None: ...
    def kept(self, origin: str) -> Copy | None: ...
    def put(self, origin: str, copy: Copy, fresh_s: float) -> None: ...
    def keep_on(self, origin: str, fresh_s: float) -> None: ...
    def take_turn(self, origin: str, lasts_s: float) -> bool: ...
    def end_turn(self, origin: str) -> None: ...


class RobotsCopies:
    """Copies by origin. Redis' clock decides what is fresh: a copy is so while a second key lives."""

    def __init__(self, client: "redis.Redis") -> None:
        self._redis = client
        self._parsed = _Parsed()

    def fresh(self, origin: str, token: str) -> Known | None:
        """What is known of a site's rules for an agent without reading its robots.txt again."""
        known = self._parsed.get(origin, token)
        if known is not None:
            return known
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.get(ROBOTS + origin)
        pipeline.pttl(ROBOTS_FRESH + origin)
        packed, fresh_ms = cast(tuple[bytes | None, int], pipeline.execute())
        if packed is None or fresh_ms <= 0:
            return None
        copy = _unpacked(packed)
        rules = RobotsRules(copy.text, token) if copy.found == "text" else None
        known = Known(url=copy.url, rules=rules, detail=copy.detail, holds_s=fresh_ms / 1000)
        self._parsed.put(origin, token, known, len(copy.text))
        return known

    def kept(self, origin: str) -> Copy | None:
        """The last copy, however old."""
        packed = cast(bytes | None, self._redis.get(ROBOTS + origin))
        return None if packed is None else _unpacked(packed)

    def put(self, origin: str, copy: Copy, fresh_s: float) -> None:
        """Keep a copy, fresh for so many seconds; if it is a good one, longer, for a time when none is to be had."""
        packed = zstandard.ZstdCompressor().compress(msgspec.msgpack.encode(copy))
        is_kept = copy.found == "text" and len(packed) <= LARGE_BYTES
        pipeline = self._redis.pipeline()
        pipeline.set(ROBOTS + origin, packed, px=_ms(max(STALE_S, fresh_s) if is_kept else fresh_s))
        pipeline.set(ROBOTS_FRESH + origin, 1, px=_ms(fresh_s))
        pipeline.execute()

    def keep_on(self, origin: str, fresh_s: float) -> None:
        """Go by the last copy for so many seconds more; it grows no younger by that."""
        self._redis.set(ROBOTS_FRESH + origin, 1, px=_ms(fresh_s))

    def take_turn(self, origin: str, lasts_s: float) -> bool:
        """Whether it is now this worker's turn to read the file, and nobody else's until `end_turn`."""
        return bool(self._redis.set(ROBOTS_TURN + origin, 1, nx=True, px=_ms(lasts_s)))

    def end_turn(self, origin: str) -> None:
        """Let others have their turn."""
        self._redis.delete(ROBOTS_TURN + origin)


class _Parsed:
    """What was used last, bounded by the size of its texts; for all threads of the process."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], tuple[Known, float, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, origin: str, token: str) -> Known | None:
        with self._lock:
            known, ends, _ = self._known.get((origin, token), (None, 0.0, 0))
            left = ends - time.monotonic()
            if known is None or left <= 0:
                return None
            self._known.move_to_end((origin, token))
        return msgspec.structs.replace(known, holds_s=left)

    def put(self, origin: str, token: str, known: Known, text_bytes: int) -> None:
        size = max(text_bytes, LEAST_BYTES)
        with self._lock:
            _, _, before = self._known.pop((origin, token), (None, 0.0, 0))
            self._known[origin, token] = (known, time.monotonic() + min(known.holds_s, PARSED_KEPT_S), size)
            self._bytes += size - before
            while self._bytes > PARSED_BYTES and len(self._known) > 1:
                _, (_, _, freed) = self._known.popitem(last=False)
                self._bytes -= freed


def _unpacked(packed: bytes) -> Copy:
    return msgspec.msgpack.decode(zstandard.ZstdDecompressor().decompress(packed), type=Copy)


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))
