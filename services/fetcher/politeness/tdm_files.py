"""Each site's tdmrep.json, read once for all workers.

It is read after robots.txt and before the first page of a site, at the host's turn as any request, and again when the
copy is no longer fresh. What cannot be read says nothing, and no page fails because of it; a page for which that turn
does not come soon waits in the frontier, as for robots.txt. A site that answers 404 is asked again as soon as one that
says nothing of how long its file is fresh.
"""

import threading
import time
from collections import OrderedDict
from typing import Protocol, cast
from urllib.parse import urlsplit

import msgspec
import redis
import zstandard

from services.fetcher.download.download import Response
from services.fetcher.politeness.robots import LOOK_EVERY_S, LOOK_FOR_S, SHORTEST_LIFE_S, USUAL_LIFE_S, Read, lifetime
from services.fetcher.politeness.robots_copies import PARSED_KEPT_S, STALE_S
from services.fetcher.rights.tdm_file import MAX_BYTES, PATH, TdmFile, read_tdm_file
from shared.failures import GiveUp, RetryLater
from shared.flight.redis_keys import TDMREP, TDMREP_TURN

# Sites whose rules this process has parsed: a megabyte or two, since few have a file.
PARSED_SITES = 512


class TdmCopy(msgspec.Struct, frozen=True, kw_only=True):
    """The bytes of a tdmrep.json, empty where there is none or it says nothing; `fresh_until` is in Unix seconds."""

    text: bytes = b""
    fresh_until: float


class TdmCopies(Protocol):
    """Where copies are: in Redis, or within one process (TdmCopiesAlone in in_process.py)."""

    def get(self, origin: str) -> TdmCopy | None: ...
    def put(self, origin: str, copy: TdmCopy) -> None: ...
    def take_turn(self, origin: str, lasts_s: float) -> bool: ...
    def end_turn(self, origin: str) -> None: ...


class SharedTdmCopies:
    """Copies in Redis, for all workers."""

    def __init__(self, client: "redis.Redis") -> None:
        self._redis = client

    def get(self, origin: str) -> TdmCopy | None:
        """Returns the last copy, of any age; an old one is of use while the site's file cannot be read."""
        packed = cast(bytes | None, self._redis.get(TDMREP + origin))
        if packed is None:
            return None
        return msgspec.msgpack.decode(zstandard.ZstdDecompressor().decompress(packed), type=TdmCopy)

    def put(self, origin: str, copy: TdmCopy) -> None:
        """Store a copy; one that says something outlives its freshness by STALE_S."""
        kept_s = max(1.0, copy.fresh_until - time.time()) + (STALE_S if copy.text else 0.0)
        packed = zstandard.ZstdCompressor().compress(msgspec.msgpack.encode(copy))
        self._redis.set(TDMREP + origin, packed, px=round(kept_s * 1000))

    def take_turn(self, origin: str, lasts_s: float) -> bool:
        """Take the right to read the file, as RobotsCopies.take_turn does."""
        return bool(self._redis.set(TDMREP_TURN + origin, 1, nx=True, px=round(lasts_s * 1000)))

    def end_turn(self, origin: str) -> None:
        """Give the right to read the file back."""
        self._redis.delete(TDMREP_TURN + origin)


class TdmFiles:
    """Knows every site's tdmrep.json. `turn_s` must be longer than the reading of one may take (s)."""

    def __init__(self, copies: TdmCopies, *, turn_s: float) -> None:
        self._copies = copies
        self._turn_s = turn_s
        self._parsed: OrderedDict[str, tuple[TdmFile, float]] = OrderedDict()
        self._lock = threading.Lock()

    def of_site(self, url: str, read: Read) -> TdmFile:
        """Returns the file of the URL's site. `read` downloads it at the host's turn.

        Raises RetryLater(host_busy) where that turn does not come soon, or another worker is reading the file.
        """
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        known = self._known(origin)
        if known is None:
            copy = self._copy(origin, read)
            known = read_tdm_file(copy.text)
            self._remember(origin, known, copy.fresh_until)
        return known

    def _copy(self, origin: str, read: Read) -> TdmCopy:
        give_up_at = time.monotonic() + LOOK_FOR_S
        while True:
            copy = self._fresh(origin)
            if copy is None and self._copies.take_turn(origin, self._turn_s):
                try:
                    copy = self._fresh(origin) or self._read(origin, read)
                finally:
                    self._copies.end_turn(origin)
            if copy is not None:
                return copy
            if time.monotonic() >= give_up_at:
                raise RetryLater("host_busy", f"the {PATH} of {origin} is being read", after=1.0, counts=False)
            time.sleep(LOOK_EVERY_S)

    def _fresh(self, origin: str) -> TdmCopy | None:
        copy = self._copies.get(origin)
        return copy if copy is not None and copy.fresh_until > time.time() else None

    def _read(self, origin: str, read: Read) -> TdmCopy:
        try:
            response = read(origin + PATH)
        except RetryLater as failure:
            if not failure.counts:  # The file has not failed: the host's turn has not come.
                raise
            before = self._copies.get(origin)
            text, fresh_s = before.text if before is not None else b"", SHORTEST_LIFE_S
        except GiveUp:
            text, fresh_s = b"", USUAL_LIFE_S
        else:
            text, fresh_s = _text_of(response), lifetime(response.headers)
        copy = TdmCopy(text=text, fresh_until=time.time() + fresh_s)
        self._copies.put(origin, copy)
        return copy

    def _known(self, origin: str) -> TdmFile | None:
        with self._lock:
            known, until = self._parsed.get(origin, (None, 0.0))
            return known if time.time() < until else None

    def _remember(self, origin: str, known: TdmFile, fresh_until: float) -> None:
        with self._lock:
            self._parsed[origin] = (known, min(fresh_until, time.time() + PARSED_KEPT_S))
            self._parsed.move_to_end(origin)
            while len(self._parsed) > PARSED_SITES:
                self._parsed.popitem(last=False)


def _text_of(response: Response) -> bytes:
    """Returns the file's bytes; none where it has no rules, as a page that says "not found" with status 200."""
    return response.body if len(response.body) <= MAX_BYTES and read_tdm_file(response.body).rules else b""
