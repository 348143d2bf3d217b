"""Delivers changes in the order of the feed, each until it has been taken, and keeps how far it has come."""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, Protocol

import msgspec
import psycopg
import structlog

from cli.relay.cursors import Cursors
from cli.relay.errors import NotNow, Refused
from cli.relay.feed import Change, changes_after, cursor_now, session
from cli.relay.life import Life
from cli.relay.metrics import CHANGES, FAILURES, SECONDS, Waiting
from services.indexer.connection import Connection
from shared.failures import UserError

log = structlog.get_logger()

# How often (s) the feed is asked for more when it had nothing, and the lock when another relay holds it. It is asked,
# and does not wake the relay by NOTIFY: a relay that waits for its receiver for days would not read what is notified.
ASK_EVERY_S = 1.0
# The first wait (s) after a failure, and the longest; each is twice the one before. A random part up to a half of it is
# left out, so that relays that failed together do not come back together.
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 300.0
# What a receiver asks for is kept, if it is not nothing at all.
LEAST_WAIT_S = 0.1


class Receiver(Protocol):
    """Takes changes. `shown` is its name for people, without a password."""

    shown: str

    def deliver(self, changes: Sequence[Change]) -> None:
        """Return once the changes have been taken; raises NotNow or Refused."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a relay is to do; `anew` begins at `start` although a cursor is kept."""

    start: str
    anew: bool
    batch: int
    refused: Literal["stop", "skip"]


class Waits:
    """How long to wait after each failure in a row."""

    def __init__(self) -> None:
        self._next = FIRST_WAIT_S

    def after_failure(self, asked_for: float | None = None) -> float:
        """Return the seconds to wait: those that the receiver asked for or, without them, ever more."""
        wait, self._next = self._next, min(self._next * 2, LONGEST_WAIT_S)
        return wait * random.uniform(0.5, 1) if asked_for is None else max(asked_for, LEAST_WAIT_S)

    def succeeded(self) -> None:
        """Begin with the shortest wait again."""
        self._next = FIRST_WAIT_S


class Relay:
    """One relay: the cursor and the receiver that it has, and how it is to work."""

    def __init__(self, cursors: Cursors, receiver: Receiver, plan: Plan, life: Life) -> None:
        self._cursors = cursors
        self._receiver = receiver
        self._plan = plan
        self._life = life
        self._waiting = Waiting()
        self._postgres_waits, self._receiver_waits = Waits(), Waits()
        self._is_begun = False

    def run(self, database_url: str) -> None:
        """Deliver until told to end; a Postgres that is away is waited for. Raises UserError for what does not pass."""
        while not self._life.ends:
            try:
                with session(database_url) as connection, self._cursors.taken(connection) as taken:
                    self._postgres_waits.succeeded()
                    if taken:
                        self._follow(connection)
                        continue
            except psycopg.OperationalError as error:
                if not self._is_begun and not self._life.ends:
                    raise UserError(f"Cannot use Postgres: {' '.join(str(error).split())}") from error
                seconds = self._postgres_waits.after_failure()
                log.warning("postgres_unavailable", error=" ".join(str(error).split()), again_in_s=round(seconds, 1))
                self._life.wait(seconds)
            else:
                self._stand_by()

    def _stand_by(self) -> None:
        log.debug("relay_stands_by", reason="another relay works with the same cursor")
        self._is_begun = True
        self._life.wait(ASK_EVERY_S)

    def _follow(self, connection: Connection) -> None:
        cursor = self._begin(connection)
        while not self._life.ends:
            changes = changes_after(connection, cursor, self._plan.batch)
            self._waiting.since(changes[0].recorded_at.timestamp() if changes else None)
            for change in self._taken(changes):
                cursor = change.cursor
                self._cursors.keep(connection, cursor)
            if not changes:
                self._life.wait(ASK_EVERY_S)

    def _begin(self, connection: Connection) -> str | None:
        """Return where to begin; kept at once, so that a relay which is killed before it delivers misses nothing."""
        cursor = self._cursors.read(connection)
        if cursor is None or (self._plan.anew and not self._is_begun):
            start = self._plan.start
            cursor = cursor_now(connection) if start == "now" else None if start == "beginning" else start
            changes_after(connection, cursor, 1)  # refuses what is no cursor before it is kept
            if cursor is not None:
                self._cursors.keep(connection, cursor)
        log.info("relay_begins", cursor=cursor, to=self._receiver.shown)
        self._is_begun = True
        return cursor

    def _taken(self, changes: Sequence[Change]) -> Iterator[Change]:
        """Deliver changes; yields the last one of each delivery that the receiver has taken, or that was skipped.

        A delivery of several changes that is refused is sent again one by one: there may be too many of them, and what
        is refused may be one of them alone.
        """
        if not changes:
            return
        try:
            if not self._deliver(changes):
                return
            CHANGES.labels("delivered").inc(len(changes))
        except Refused as refusal:
            if refusal.of_content and len(changes) > 1:
                for change in changes:
                    if self._life.ends:
                        return
                    yield from self._taken([change])
                return
            self._settle(changes, refusal)
        yield changes[-1]

    def _deliver(self, changes: Sequence[Change]) -> bool:
        """Send the changes until they are taken; False if the relay is to end before. Raises Refused."""
        while not self._life.ends:
            try:
                with SECONDS.time():
                    self._receiver.deliver(changes)
            except NotNow as failure:
                FAILURES.labels(failure.reason).inc()
                seconds = self._receiver_waits.after_failure(failure.after)
                facts = {"reason": failure.reason, "detail": failure.detail, "again_in_s": round(seconds, 1)}
                log.warning("relay_waits", change_id=changes[0].id, changes=len(changes), **facts)
                self._life.wait(seconds)
            else:
                self._receiver_waits.succeeded()
                log.debug("changes_delivered", first=changes[0].id, last=changes[-1].id, changes=len(changes))
                return True
        return False

    def _settle(self, changes: Sequence[Change], refusal: Refused) -> None:
        """Return if the changes may be skipped; raises UserError that ends the relay otherwise."""
        FAILURES.labels(refusal.reason).inc()
        skipped = refusal.of_content and self._plan.refused == "skip"
        say: Callable[..., object] = log.error
        event = "change_skipped" if skipped else "change_refused"
        say(event, change_id=changes[0].id, changes=len(changes), reason=refusal.reason, detail=refusal.detail)
        if skipped:
            CHANGES.labels("skipped").inc(len(changes))
            return
        hint = "Mend it, or leave such changes out with --refused skip" if refusal.of_content else "Mend its settings"
        raise UserError(
            f"The receiver {self._receiver.shown} refuses change {changes[0].id}: {refusal.detail}. {hint}, and start "
            "the relay again: it goes on with this change."
        )
