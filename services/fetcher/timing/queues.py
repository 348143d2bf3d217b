"""How long has the oldest page waited in each stage's queue? Where that grows, the stage has too few workers."""

from typing import cast

import redis

from shared.flight.lua_script import lua_script
from shared.messages import TASKS, StageName


class Queues:
    """Reads the queues' ages."""

    def __init__(self, client: "redis.Redis") -> None:
        self._ages = lua_script(client, __package__, "queues_oldest.lua")

    def oldest(self) -> dict[StageName, float]:
        """Returns the seconds for which the oldest page has waited in each stage's queue; 0 for an empty queue."""
        ages = cast(list[int], self._ages(args=[*TASKS]))
        return {stage: age / 1000 for stage, age in zip(TASKS, ages, strict=True)}
