"""Cases of the quarantine on their way again, each once.

services/indexer/upkeep/quarantine.py says how that is kept.
"""

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from cli.output import Row
from cli.replay.sending import BYTES_AT_ONCE, PAGES_AT_ONCE, Sender
from services.indexer.connection import Connection
from services.indexer.upkeep.quarantine import Case, landed, note_replayed, number, take
from shared.failures import DepecheError
from shared.flight.ledger import Acceptance
from shared.messages import FetchPage, FetchRequest, PageDropped, PageFetched, PageParsed, Record, Visit, encode_record

# What a case goes again as: a page that is parsed, one that is fetched, or the end of a page that is stored.
Again = PageFetched | FetchRequest | PageDropped


class CannotGo(DepecheError):
    """A case cannot be replayed, for this reason."""


class Replay:
    """Sends cases again, a handful at a time; what came of it is counted."""

    def __init__(self, connection: Connection, sender: Sender) -> None:
        self._connection = connection
        self._sender = sender
        self._ledger = sender.ledger
        self.batch = uuid.uuid4().hex
        self.sent: Counter[str] = Counter()
        self.left: dict[int, str] = {}
        self.flights: dict[int, str] = {}
        self.of_no_batch: list[Acceptance] = []

    def send(self, found: Sequence[Row]) -> Iterator[int]:
        """Send these cases; gives how many are done with, each time. May end at any moment."""
        for group in _groups(found):
            self._sender.wait_for_room()  # before the rows are locked, which would hold up the feed of changes
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
        """The flights of those that are on their way now, by case."""
        numbers = [case.replay_flight_id for case in cases]
        # In this order: what is not in the air any more has landed before.
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
        self._sender.send_now(pages)
        self.sent["parsed"] += len(pages)
        asked = [(case, record) for case, record in going if isinstance(record, FetchRequest)]
        for (case, _), answer in zip(asked, self._ledger.accept([request for _, request in asked]), strict=True):
            flight_id = flights[case.quarantine_id] = answer.flight_id or case.replay_flight_id
            self._note("fetched", flight_id, elsewhere=answer.outcome == "joined")
        for end in (record for _, record in going if isinstance(record, PageDropped)):
            self._sender.publisher.publish("index", [encode_record(end)], self._ledger.adopt(end))
            self._note("stored", end.flight_id)
        return flights

    def _note(self, sent: str, flight_id: str, *, elsewhere: bool = True) -> None:
        """Count it; a flight that is not of this batch is to be waited for by its number."""
        self.sent[sent] += 1
        if elsewhere:
            self.of_no_batch.append(Acceptance(url="", outcome="joined", flight_id=flight_id))


def _taken_by_others(row: Row) -> str:
    if row["replayed_at"]:
        return f"it was replayed on {row['replayed_at']:%Y-%m-%d %H:%M:%S}"
    return "another command has replayed or dropped it meanwhile"


def _groups(found: Sequence[Row]) -> Iterator[list[Row]]:
    """As many as go at once."""
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
    """What the case goes again as; raises CannotGo.

    A page whose bytes are kept is parsed again, also where it could not be stored, since its parse result is not kept.
    It stays the visit of the moment when it was fetched.
    """
    record = _message(case)
    if isinstance(record, PageDropped):
        return msgspec.structs.replace(record, flight_id=case.replay_flight_id)
    follow = None if isinstance(record, PageParsed) else record.follow
    if isinstance(record, PageFetched | PageParsed) and case.page is not None:
        origin = msgspec.structs.replace(record.origin, batch=batch, visit=Visit(replayed=True))
        # What is remembered of the page for its next visit is that of a later one by now.
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
    """What the stage was working on; of a quarantined page's end that could not be stored, what led to that end."""
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
