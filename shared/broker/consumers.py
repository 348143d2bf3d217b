"""Who consumes the queues: each consumer's signs of life in Redis, and the messages that it has in hand.

A message goes from its queue into the consumer's hand in one step (BLMOVE), and stays there until it is acknowledged;
so there is no moment at which a killed worker loses it. A consumer without a sign of life is lost: the tick puts what
it had in hand back into the queue.
"""

import os
import socket
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, cast

import msgspec
import redis

from shared.flight.lua_script import lua_script
from shared.flight.redis_keys import CLOCK, CONSUMED, CONSUMER, CONSUMERS, IN_HAND
from shared.messages import TASKS, StageName
from shared.version import VERSION

# A consumer gives a sign of life each BEAT_S (all are seconds). Without one for SILENT_AFTER_S it counts as not
# consuming; its messages go to others only after LOST_AFTER_S, since a busy machine may hold up a consumer that lives.
BEAT_S = 2.0
SILENT_AFTER_S = 7.0
LOST_AFTER_S = 20.0


# The tick consumes no queue; the other stages stand still without it.
WorkerStage = StageName | Literal["tick"]
WORKER_STAGES: tuple[WorkerStage, ...] = (*TASKS, "tick")


class Consumer(msgspec.Struct, frozen=True, kw_only=True):
    """A worker that consumes a stage's queue; `at` is the page that it has had in hand longest, since `since`."""

    stage: WorkerStage
    host: str
    pid: int
    version: str
    started_at: datetime
    seen_at: datetime | None = None
    in_hand: int = 0
    at: str | None = None
    since: datetime | None = None

    @classmethod
    def here(cls, stage: WorkerStage) -> "Consumer":
        """Returns this process, started now."""
        return cls(
            stage=stage, host=socket.gethostname(), pid=os.getpid(), version=VERSION, started_at=datetime.now(UTC)
        )


class LostConsumer(msgspec.Struct, frozen=True, kw_only=True):
    """A consumer that was removed, and how many messages went back into its queue."""

    stage: str
    host: str
    pid: str
    messages: int


class Consumers:
    """Writes and reads what is known of consumers; a consumer's name is its own choice, and used once."""

    def __init__(self, client: "redis.Redis") -> None:
        self.client = client
        self._beat, self._give_back, self._leave, self._lost = (
            lua_script(client, __package__, name)
            for name in (
                "consumers_beat.lua",
                "consumers_give_back.lua",
                "consumers_leave.lua",
                "consumers_lost.lua",
            )
        )

    def beat(self, name: str, consumer: Consumer) -> None:
        """Record that the consumer lives, and what it does."""
        known = cast(Mapping[str, object], msgspec.to_builtins(consumer))
        pairs = [str(part) for key, value in known.items() if key != "stage" for part in (key, value or "")]
        self._beat(args=[name, consumer.stage, *pairs])

    def give_back(self, name: str, queue: str, message: bytes) -> None:
        """Put a message that the consumer has in hand back into its queue, as the last one."""
        self._give_back(args=[name, queue, message])

    def leave(self, name: str, queue: str) -> None:
        """Remove the consumer; what it has in hand goes back into its queue."""
        self._leave(args=[name, queue])

    def bring_back_lost(self, *, after_s: float = LOST_AFTER_S) -> list[LostConsumer]:
        """Remove the consumers without a sign of life for so long; returns them."""
        rows = cast(Sequence[Sequence[bytes | int]], self._lost(args=[round(after_s * 1000)]))
        return [
            LostConsumer(stage=_text(stage), host=_text(host), pid=_text(pid), messages=int(messages))
            for _, stage, host, pid, messages in rows
        ]

    def all(self) -> list[Consumer]:
        """Returns all consumers that gave a sign of life lately, by stage and start."""
        names = cast(list[tuple[bytes, float]], self.client.zrange(CONSUMERS, 0, -1, withscores=True))
        pipeline = self.client.pipeline(transaction=False)
        pipeline.hget(CLOCK, "ahead")
        for name, _ in names:
            pipeline.hgetall(CONSUMER + name.decode())
        ahead, *all_known = pipeline.execute()
        found = [
            _consumer(known, seen_at - float(ahead or 0))
            for (_, seen_at), known in zip(names, all_known, strict=True)
            if known
        ]
        return sorted(found, key=lambda one: (one.stage, one.started_at))

    def silent_since(self) -> dict[WorkerStage, datetime | None]:
        """Returns the stages that nobody consumes, with the last sign of life there (None: there never was one)."""
        pipeline = self.client.pipeline(transaction=False)
        pipeline.time()
        pipeline.hgetall(CONSUMED)
        pipeline.hget(CLOCK, "ahead")
        (seconds, _), seen, ahead = pipeline.execute()
        last = {stage.decode(): int(at) - float(ahead or 0) for stage, at in seen.items()}
        live = {one.stage for one in self.all() if one.seen_at and one.seen_at.timestamp() > seconds - SILENT_AFTER_S}
        return {stage: _moment(last[stage]) if stage in last else None for stage in WORKER_STAGES if stage not in live}


def in_hand_key(name: str) -> str:
    """Returns the key of the list of messages that this consumer has in hand."""
    return IN_HAND + name


def _consumer(known: Mapping[bytes, bytes], seen_at: float) -> Consumer:
    fields = {key.decode(): value.decode() for key, value in known.items() if value}
    return msgspec.convert({**fields, "seen_at": _moment(seen_at)}, Consumer, strict=False)


def _moment(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _text(value: bytes | int) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
