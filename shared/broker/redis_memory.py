"""How much memory Redis uses, and may use."""

from collections.abc import Mapping
from typing import cast

import msgspec
import redis


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """Redis' memory in bytes; `limit` is None where there is none."""

    used: int
    limit: int | None


def memory_of(client: "redis.Redis") -> Memory | None:
    """Returns Redis' memory; None where its user may not ask."""
    try:
        told = cast(Mapping[str, int], client.info("memory"))
    except redis.ResponseError:
        return None
    return Memory(used=told["used_memory"], limit=told.get("maxmemory") or None)
