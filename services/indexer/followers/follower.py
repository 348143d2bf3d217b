"""Followers: what the indexer does with an article after it is stored, off the path on which it is stored.

A follower reads the change feed from its own cursor on, so it misses no change, whatever process wrote or was killed.
It saves its cursor in the transaction that does the work, under an advisory lock: all indexers have the same followers,
and one of them works at a time. An indexer waits for a follower only where that holds a row that it needs, and a
follower waits for nothing: it comes back to a locked row later. So the two cannot deadlock.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence

import msgspec
import structlog

from services.indexer.connection import Connection, Pool
from services.indexer.errors import postgres_failures
from services.indexer.locks import take_for_transaction
from services.indexer.metrics import FOLLOWER_CHANGES, FOLLOWER_FAILURES
from shared.background import in_background
from shared.failures import ServerUnavailable

log = structlog.get_logger()

# Changes per transaction: enough that the transaction's own cost does not count, few enough to be done in a second.
CHANGES_AT_ONCE = 200
# Seconds between two looks for changes, and after a failure.
IDLE_S, PAUSE_S = 0.5, 3.0


class Follower(msgspec.Struct, frozen=True, kw_only=True):
    """`work` gets the ids of the articles that are new or edited; it does the follower's work, and a little upkeep."""

    name: str
    work: Callable[[Connection, Sequence[int]], None]


CURSOR = "SELECT cursor FROM depeche.followers WHERE name = %s"
CHANGES = "SELECT cursor, article_id, kind FROM news.changes_since(%s, %s)"
SAVE_CURSOR = "UPDATE depeche.followers SET cursor = %s WHERE name = %s"


def advance(connection: Connection, follower: Follower) -> int:
    """Work on the next changes; returns how many: 0 if none are left, or if another indexer is working on them."""
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
    """Work on all changes that there are, unless another indexer is working on them."""
    while advance(connection, follower):
        continue


@contextlib.contextmanager
def following(pool: Pool, followers: Sequence[Follower]) -> Iterator[None]:
    """Keep all followers up to date, in a thread of their own while the block lasts."""
    with in_background("followers", lambda stop: follow(pool, followers, stop)):
        yield


def follow(pool: Pool, followers: Sequence[Follower], stop: threading.Event) -> None:
    """Keep all followers up to date until `stop` is set."""
    for follower in followers:
        FOLLOWER_FAILURES.labels(follower.name)  # the counter starts at 0, so that Prometheus sees its first increase
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
            except Exception:  # a defect or unforeseen data: the other followers go on, and this one is tried again
                FOLLOWER_FAILURES.labels(follower.name).inc()
                log.exception("follower_failed", follower=follower.name)
                pause = PAUSE_S
        stop.wait(pause)
