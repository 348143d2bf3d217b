"""Whether what Redis holds would outlive it: on its disk, and at its replicas."""

from collections.abc import Mapping
from typing import Any, cast

import msgspec
import redis


class Copies(msgspec.Struct, frozen=True, kw_only=True):
    """What Redis tells of its copies.

    `saved` says of `log` (the append-only file, where it is on) and of `snapshot` whether Redis could write it when it
    last tried. `replicas` is the number of those that follow it, and `lag_s` the seconds since the most silent of them
    was heard of.
    """

    saved: Mapping[str, bool]
    replicas: int
    lag_s: float


def copies_of(client: "redis.Redis") -> Copies | None:
    """Returns what Redis tells of its copies; None where its user may not ask."""
    try:
        saving = cast(Mapping[str, Any], client.info("persistence"))
        copying = cast(Mapping[str, Any], client.info("replication"))
    except redis.ResponseError:
        return None
    replicas = [one for one in map(copying.get, _names(copying)) if isinstance(one, dict)]
    online = [one for one in replicas if one.get("state") == "online"]
    return Copies(saved=_saved(saving), replicas=len(online), lag_s=max((float(r["lag"]) for r in online), default=0.0))


def _names(copying: Mapping[str, Any]) -> list[str]:
    return [f"slave{number}" for number in range(int(copying.get("connected_slaves", 0)))]


def _saved(saving: Mapping[str, Any]) -> dict[str, bool]:
    """Returns by way of saving whether it went well; the state of a snapshot says nothing where none has been made."""
    log = saving.get("aof_enabled") == 1
    written = [saving.get(f"aof_last_{what}_status") == "ok" for what in ("write", "bgrewrite")]
    return {**({"log": all(written)} if log else {}), "snapshot": saving.get("rdb_last_bgsave_status") == "ok"}
