"""What Redis remembers of pages holds only for the Postgres that stored them, and as far as that had come.

A restored Postgres, or one that failed over to a standby that lagged behind, lacks what it had before. Redis would go
on calling those pages known and unchanged, so that nobody fetched them again.
"""

from collections.abc import Callable, Iterator
from typing import cast

import msgspec
import redis

from shared.flight.redis_keys import AIR, POSTGRES, SEEN, VALIDATORS

CHUNK = 1_000


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """Which Postgres this is (`identity`, any text), and how far it has come (`reached`, which never falls)."""

    identity: str
    reached: int


class BoundMemory:
    """Binds what Redis remembers to a Postgres, and forgets what that no longer has."""

    def __init__(self, client: "redis.Redis") -> None:
        self._redis = client

    def bound_to(self) -> tuple[Position | None, float]:
        """Returns what the memory is bound to, None at first; and since when (Unix seconds), 0 if from the start."""
        known = cast(dict[bytes, bytes], self._redis.hgetall(POSTGRES))
        if b"identity" not in known:
            return None, 0.0
        position = Position(identity=known[b"identity"].decode(), reached=int(known[b"reached"]))
        return position, float(known.get(b"since", 0))

    def bind(self, position: Position, *, since: float | None = None) -> None:
        """Bind the memory to this Postgres, as far as it has come; anew `since` this moment, if given."""
        fields: dict[str, str | int | float] = {"identity": position.identity, "reached": position.reached}
        self._redis.hset(POSTGRES, mapping={**fields, **({"since": since} if since is not None else {})})

    def forget_validators(self) -> int:
        """Forget the validators of all pages, so that the next visit reads each; returns their number."""
        forgotten = 0
        for keys in _chunks(self._redis.scan_iter(VALIDATORS + "*", count=CHUNK)):
            forgotten += cast(int, self._redis.unlink(*keys))
        return forgotten

    def forget_seen(self, which_are_stored: Callable[[list[str]], set[str]]) -> int:
        """Forget the pages that are neither stored, as `which_are_stored` of these keys says, nor in the air.

        Headlines lead to them again. Returns their number.
        """
        forgotten = 0
        for members in _chunks(key for key, _ in self._redis.zscan_iter(SEEN, count=CHUNK)):
            stored = which_are_stored([member.decode() for member in members])
            flying = cast(list[bytes | None], self._redis.hmget(AIR, members))
            lost = [m for m, flight in zip(members, flying, strict=True) if flight is None and m.decode() not in stored]
            if lost:
                forgotten += cast(int, self._redis.zrem(SEEN, *lost))
        return forgotten


def _chunks(found: Iterator[bytes]) -> Iterator[list[bytes]]:
    chunk: list[bytes] = []
    for one in found:
        chunk.append(one)
        if len(chunk) >= CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
