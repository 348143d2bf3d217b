"""Is a host held back, why, and until when? For the operator, who sees it in `depeche sources list`."""

import time
from collections.abc import Sequence
from typing import cast

import msgspec
import redis

from shared.flight.redis_keys import PACE, PAUSED, TOUCHED


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A host that gets fewer requests than usual.

    `why` is `http_429` or `http_503` for what it answered, else `crawl_delay`. `until` is when its next request may be
    made at the earliest (Unix seconds). `is_asked_for` says that the host named that time in Retry-After, or its
    robots.txt the delay. `delay` is the time between two of its requests (s).
    """

    why: str
    until: float
    is_asked_for: bool
    delay: float


def holds(client: "redis.Redis", hosts: Sequence[str], now: float | None = None) -> dict[str, Hold]:
    """Returns those of these hosts that are held back now. The hosts are named as politeness counts them."""
    now = time.time() if now is None else now
    names = list(dict.fromkeys(host for host in hosts if host))
    pipeline = client.pipeline(transaction=False)
    for host in names:
        pipeline.zscore(PAUSED, host)
        pipeline.zscore(TOUCHED, host)
        pipeline.hgetall(PACE + host)
    answers = pipeline.execute()
    found: dict[str, Hold] = {}
    for host, paused, touched, pace in zip(names, answers[::3], answers[1::3], answers[2::3], strict=True):
        hold = _hold((paused or 0) / 1000, (touched or 0) / 1000, cast(dict[bytes, bytes], pace), now)
        if hold is not None:
            found[host] = hold
    return found


def _hold(paused: float, touched: float, pace: dict[bytes, bytes], now: float) -> Hold | None:
    known = {key.decode(): value.decode() for key, value in pace.items()}
    usual, grown = float(known.get("delay", 0)) / 1000, float(known.get("grown", 0)) / 1000
    why = known.get("why") or "http_503"
    if paused > now:
        return Hold(why=why, until=paused, is_asked_for=True, delay=max(grown, usual))
    if grown > usual:
        return Hold(why=why, until=max(touched, now), is_asked_for=False, delay=grown)
    if known.get("asked_for") == "1" and touched > now:
        return Hold(why="crawl_delay", until=touched, is_asked_for=True, delay=usual)
    return None
