"""What the indexer does with an article once it is stored, off the path on which it is stored.

A follower reads the change feed from its own cursor on, so it misses nothing, whoever wrote it and whoever was killed.
Each works in one transaction with its cursor, under an advisory lock: any number of indexers may have one, and one of
them works at a time. An indexer never waits for a follower but for a row, and a follower for nothing: it takes a locked
row later. So the two can never wait for each other in a circle.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence

import msgspec
import structlog

from services.indexer.connection import Connection, Pool
from services.indexer.errors import postgres_failures
from services.indexer.followers.background import in_background
from services.indexer.locks import take_for_transaction
from services.indexer.metrics import FOLLOWER_CHANGES, FOLLOWER_FAILURES
from shared.failures import ServerUnavailable

log = structlog.get_logger()

# Changes that one transaction works on: enough that its own cost does not count, few enough to be done in a second.
CHANGES_AT_ONCE = 200
# Seconds between two looks for changes, and after a failure.
IDLE_S, PAUSE_S = 0.5, 3.0


class Follower(msgspec.Struct, frozen=True, kw_only=True):
    """`work` does what is to be done for the articles that are new or read differently, and then a little upkeep."""

    name: str
    work: Callable[[Connection, Sequence[int]], None]


CURSOR = "SELECT cursor FROM depeche.followers WHERE name = %s"
CHANGES = "SELECT cursor, article_id, kind FROM news.changes_since(%s, %s)"
SAVE_CURSOR = "UPDATE depeche.followers SET cursor = %s WHERE name = %s"


def advance(connection: Connection, follower: Follower) -> int:
    """Work on the next changes; how many there were: 0 when none are left, or another indexer is at it."""
    with connection.transaction():
        if not take_for_transaction(connection, follower.name):
            return 0
        known = connection.execute(CURSOR, [follower.name]).fetchone()
        changes = connection.execute(CHANGES, [known and known[0], CHANGES_AT_ONCE]).fetchall()
        if changes:
            articles = {article_id for _, article_id, kind in changes if kind in {"new", "edited"}}
            follower.work(connection, sorted(articles))
            connection.execute(SAVE_CURSOR, [changes[-1][0], follower.name])
        return len(changes)


def catch_up(connection: Connection, follower: Follower) -> None:
    """Work on all changes that there are, unless another indexer is at it."""
    while advance(connection, follower):
        continue


@contextlib.contextmanager
def following(pool: Pool, followers: Sequence[Follower]) -> Iterator[None]:
    """A thread that keeps all of them up to date."""
    with in_background("followers", lambda stop: follow(pool, followers, stop)):
        yield


def follow(pool: Pool, followers: Sequence[Follower], stop: threading.Event) -> None:
    """Until `stop`: keep all of them up to date."""
    for follower in followers:
        FOLLOWER_FAILURES.labels(follower.name)  # a counter that is there before it counts, so that the first is seen
    while not stop.is_set():
        pause = IDLE_S
        for follower in followers:
            try:
                with postgres_failures(), pool.connection() as connection:
                    done = advance(connection, follower)
                FOLLOWER_CHANGES.labels(follower.name).inc(done)
                if done == CHANGES_AT_ONCE:
                    pause = 0.0
            except ServerUnavailable as error:
                FOLLOWER_FAILURES.labels(follower.name).inc()
                log.warning("follower_failed", follower=follower.name, error=str(error))
                pause = PAUSE_S
            except Exception:  # a defect, or data that nobody foresaw: the others go on, and this one is tried again
                FOLLOWER_FAILURES.labels(follower.name).inc()
                log.exception("follower_failed", follower=follower.name)
                pause = PAUSE_S
        stop.wait(pause)
