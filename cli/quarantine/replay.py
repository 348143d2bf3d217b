"""Sends cases of the quarantine into the pipeline again, each once.

services/indexer/upkeep/quarantine.py says how it is ensured that a case is sent only once.
"""

import contextlib
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from cli.output import Row
from cli.replay.sending import BYTES_AT_ONCE, PAGES_AT_ONCE, Sender
from cli.times import exactly
from services.fetcher.settings import FetcherSettings
from services.indexer.connection import Connection
from services.indexer.upkeep.quarantine import Case, landed, note_replayed, number, require_writer, take
from shared.failures import DepecheError
from shared.flight.ledger import Acceptance
from shared.host_scope import host_key_of
from shared.messages import FetchPage, FetchRequest, PageDropped, PageFetched, PageParsed, Record, Visit, encode_record
from shared.settings import BrokerSettings, load_settings

# The record with which a case is sent again: for a page to be parsed, a page to be fetched, or a dropped page whose end
# is to be stored.
Again = PageFetched | FetchRequest | PageDropped


class CannotGo(DepecheError):
    """A case cannot be replayed, for this reason."""


@contextlib.contextmanager
def replaying(connection: Connection, redis_url: str) -> Iterator["Replay"]:
    """Yield a replay into the stack of this Redis; raises UserError where the database's user may not replay."""
    require_writer(connection, "A replay")
    room, host_key = load_settings(FetcherSettings).max_in_air, host_key_of(load_settings(BrokerSettings).host_scope)
    with Sender(redis_url, room, host_key) as sender:
        yield Replay(connection, sender)


class Replay:
    """Sends cases again, a handful at a time, and counts what became of them."""

    def __init__(self, connection: Connection, sender: Sender) -> None:
        self._connection = connection
        self.sender = sender
        self._ledger = sender.ledger
        self.batch = uuid.uuid4().hex
        self.sent: Counter[str] = Counter()
        self.left: dict[int, str] = {}
        self.flights: dict[int, str] = {}
        self.of_no_batch: list[Acceptance] = []

    @property
    def outcome(self) -> dict[str, Any]:
        """What became of the cases so far: how many were sent and how, and which could not go and why."""
        return {
            "batch": self.batch,
            "sent": dict(self.sent),
            "left": [{"quarantine_id": case_id, "why": why} for case_id, why in sorted(self.left.items())],
        }

    def send(self, found: Sequence[Row]) -> Iterator[int]:
        """Send these cases, a handful at a time; yields how many are done each time. May be ended at any moment."""
        for group in _groups(found):
            self.sender.wait_for_room()  # before the rows are locked, since that holds up the change feed
            ids = [row["quarantine_id"] for row in group]
            number(self._connection, ids)
            with self._connection.transaction():
                flights = self._send(take(self._connection, ids))
                note_replayed(self._connection, flights)
            self.flights |= flights
            for row in group:
                if row["quarantine_id"] not in flights:
                    self.left.setdefault(row["quarantine_id"], _taken_by_others(row))
            yield len(ids)

    def _send(self, cases: Sequence[Case]) -> dict[int, str]:
        """Send the cases that were not sent before; returns the flight ids of all that are on their way, by case."""
        numbers = [case.replay_flight_id for case in cases]
        # In this order: a flight that is not in the air any more landed before the second look.
        known = set(self._ledger.in_air(numbers)) | landed(self._connection, numbers)
        flights: dict[int, str] = {}
        going: list[tuple[Case, Again]] = []
        for case in cases:
            if case.replay_flight_id in known:
                flights[case.quarantine_id] = case.replay_flight_id
                self._note("earlier", case.replay_flight_id)
                continue
            try:
                going.append((case, again(case, self.batch)))
            except CannotGo as problem:
                self.left[case.quarantine_id] = str(problem)
        return flights | self._dispatch(going)

    def _dispatch(self, going: Sequence[tuple[Case, Again]]) -> dict[int, str]:
        flights = {case.quarantine_id: case.replay_flight_id for case, _ in going}
        pages = [(record, case.page or b"") for case, record in going if isinstance(record, PageFetched)]
        self.sender.send_now(pages)
        self.sent["parsed"] += len(pages)
        asked = [(case, record) for case, record in going if isinstance(record, FetchRequest)]
        for (case, _), answer in zip(asked, self._ledger.accept([request for _, request in asked]), strict=True):
            flight_id = flights[case.quarantine_id] = answer.flight_id or case.replay_flight_id
            self._note("fetched", flight_id, elsewhere=answer.outcome == "joined")
        for end in (record for _, record in going if isinstance(record, PageDropped)):
            self.sender.publisher.publish("index", [encode_record(end)], self._ledger.adopt(end))
            self._note("stored", end.flight_id)
        return flights

    def _note(self, sent: str, flight_id: str, *, elsewhere: bool = True) -> None:
        """Count one case; a flight that is not of this batch (`elsewhere`) is to be waited for by its flight id."""
        self.sent[sent] += 1
        if elsewhere:
            self.of_no_batch.append(Acceptance(url="", outcome="joined", flight_id=flight_id))


def _taken_by_others(row: Row) -> str:
    if row["replayed_at"]:
        return f"it was replayed on {exactly(row['replayed_at'])}"
    return "another command has replayed or dropped it meanwhile"


def _groups(found: Sequence[Row]) -> Iterator[list[Row]]:
    """Yield the cases in groups that are sent at once."""
    group: list[Row] = []
    size = 0
    for row in found:
        bytes_of = row["page_bytes"] or 0
        if group and (len(group) >= PAGES_AT_ONCE or size + bytes_of > BYTES_AT_ONCE):
            yield group
            group, size = [], 0
        group.append(row)
        size += bytes_of
    if group:
        yield group


def again(case: Case, batch: str) -> Again:
    """Return the record with which the case is sent again; raises CannotGo.

    A page whose bytes are kept is parsed again, even if only storing it failed, since its parse result is not kept. It
    remains the visit of the moment when it was fetched.
    """
    record = _message(case)
    if isinstance(record, PageDropped):
        return msgspec.structs.replace(record, flight_id=case.replay_flight_id)
    follow = None if isinstance(record, PageParsed) else record.follow
    if isinstance(record, PageFetched | PageParsed) and case.page is not None:
        origin = msgspec.structs.replace(record.origin, batch=batch, visit=Visit(replayed=True))
        # The validators that are remembered for the page's next visit are those of a later visit by now.
        answer = msgspec.structs.replace(record.answer, validators=None)
        return PageFetched(flight_id=case.replay_flight_id, origin=origin, answer=answer, follow=follow)
    visit = msgspec.structs.replace(record.origin.visit, replayed=False)
    return FetchRequest(
        origin=record.origin.anew(batch=batch, visit=visit),
        follow=follow,
        fresh=isinstance(record, FetchPage) and record.fresh,
        flight_id=case.replay_flight_id,
    )


def _message(case: Case) -> Record:
    """Return the record that the stage was working on.

    For a quarantined page whose end could not be stored, this is the record that led to that end.
    """
    if not case.url:
        raise CannotGo("nobody can read the message, and know which page it is about")
    message = case.message
    while True:
        try:
            record: Record = msgspec.json.decode(message or "", type=Record)
        except msgspec.DecodeError as error:
            raise CannotGo(f"this version cannot read the message: {error}") from error
        if not isinstance(record, PageDropped) or record.message is None:
            return record
        message = record.message
