"""Moves on what other Celery apps put into lists that no worker reads.

An app may send with a priority, for which kombu uses a list of another name, or to a queue by the stage's name alone,
as was right before the queues' names had the prefix of all of Depeche's keys.
"""

import redis

from shared.messages import QUEUES

# kombu's name of the list of a queue's messages with a priority, for the priorities that it tells apart.
PRIORITIES = tuple(f"\x06\x16{priority}" for priority in (3, 6, 9))
# So many messages are moved in one round; the next round is a second later.
MOST_AT_ONCE = 1_000


class OtherQueues:
    """The lists beside the queues. A user who may not touch one of them leaves it alone."""

    def __init__(self, client: "redis.Redis") -> None:
        self._redis = client
        self._lists = {
            name + priority: queue
            for stage, queue in QUEUES.items()
            for name in (stage, queue)
            for priority in ("", *PRIORITIES)
            if name + priority != queue
        }

    def move_on(self) -> int:
        """Move messages to the ends of the queues that they are for, each in one step; returns their number."""
        moved = 0
        for name, length in self._lengths().items():
            for _ in range(min(length, MOST_AT_ONCE - moved)):
                moved += self._redis.lmove(name, self._lists[name], "RIGHT", "LEFT") is not None
        return moved

    def _lengths(self) -> dict[str, int]:
        pipeline = self._redis.pipeline(transaction=False)
        for name in self._lists:
            pipeline.llen(name)
        answers = pipeline.execute(raise_on_error=False)
        return {name: n for name, n in zip(self._lists, answers, strict=True) if isinstance(n, int) and n}
