"""Stored copies of robots.txt: as text in Redis for all workers, and parsed in this process."""

import threading
import time
from collections import OrderedDict
from typing import Literal, Protocol, cast

import msgspec
import redis
import zstandard

from services.fetcher.politeness.robots_rules import RobotsRules
from shared.flight.redis_keys import ROBOTS, ROBOTS_FRESH, ROBOTS_TURN

# A copy with rules is used for this long (s) while the site's robots.txt cannot be read.
STALE_S = 7 * 86_400.0
# Most copies have less than 2 KB when compressed. Copies larger than this are stored only while they are fresh, so that
# a stranger with many host names cannot fill Redis.
LARGE_BYTES = 16_384
# How much this process stores parsed, in bytes of robots.txt: parsed rules take up to 60 times as much memory, and
# twice as much with the usual paths. Each site counts with LEAST_BYTES at least.
PARSED_BYTES, LEAST_BYTES = 2_000_000, 500
# After this time (s) Redis is asked again, so that workers agree soon after a new copy has been read.
PARSED_KEPT_S = 300.0


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """A site's robots.txt as it was found: `text`, empty where the site has none, or `unreachable` with a `detail`."""

    found: Literal["text", "unreachable"]
    url: str  # where it was read, after redirects
    text: bytes = b""
    detail: str = ""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What a copy says to one agent, valid for `holds_s` from now; `rules` is None while robots.txt is unreachable."""

    url: str
    rules: RobotsRules | None
    detail: str
    holds_s: float


class Copies(Protocol):
    """The copies that robots.py uses: in Redis (RobotsCopies), or within one process (CopiesAlone in in_process.py)."""

    def fresh(self, origin: str, token: str) -> Known | None: ...
    def kept(self, origin: str) -> Copy | None: ...
    def put(self, origin: str, copy: Copy, fresh_s: float) -> None: ...
    def keep_on(self, origin: str, fresh_s: float) -> None: ...
    def take_turn(self, origin: str, lasts_s: float) -> bool: ...
    def end_turn(self, origin: str) -> None: ...


class RobotsCopies:
    """Copies by origin. A copy is fresh while a second key exists in Redis, so Redis' clock decides."""

    def __init__(self, client: "redis.Redis") -> None:
        self._redis = client
        self._parsed = _Parsed()

    def fresh(self, origin: str, token: str) -> Known | None:
        """Returns the site's rules for an agent while their copy is fresh; None where robots.txt must be read."""
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
        """Returns the last copy, of any age."""
        packed = cast(bytes | None, self._redis.get(ROBOTS + origin))
        return None if packed is None else _unpacked(packed)

    def put(self, origin: str, copy: Copy, fresh_s: float) -> None:
        """Store a copy that is fresh for `fresh_s` seconds.

        Where the file was read and is not too large, its copy is stored for STALE_S at least, and is used while
        robots.txt cannot be read.
        """
        packed = zstandard.ZstdCompressor().compress(msgspec.msgpack.encode(copy))
        is_kept = copy.found == "text" and len(packed) <= LARGE_BYTES
        pipeline = self._redis.pipeline()
        pipeline.set(ROBOTS + origin, packed, px=_ms(max(STALE_S, fresh_s) if is_kept else fresh_s))
        pipeline.set(ROBOTS_FRESH + origin, 1, px=_ms(fresh_s))
        pipeline.execute()

    def keep_on(self, origin: str, fresh_s: float) -> None:
        """Count the last copy as fresh for `fresh_s` seconds more; this does not extend how long it is stored."""
        self._redis.set(ROBOTS_FRESH + origin, 1, px=_ms(fresh_s))

    def take_turn(self, origin: str, lasts_s: float) -> bool:
        """Take the right to read the file, for this worker alone until `end_turn` or for `lasts_s` seconds.

        Returns False where another worker has it.
        """
        return bool(self._redis.set(ROBOTS_TURN + origin, 1, nx=True, px=_ms(lasts_s)))

    def end_turn(self, origin: str) -> None:
        """Give the right to read the file back."""
        self._redis.delete(ROBOTS_TURN + origin)


class _Parsed:
    """The rules that were used last, for all threads of the process; bounded by the size of their texts."""

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
