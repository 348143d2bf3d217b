"""FetchPage -> PageFetched: downloads one page at its host's turn. An unchanged page becomes a PageDropped instead."""

import hashlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from services.fetcher.archive.archive import Archive
from services.fetcher.archive.warc_records import Visit as ArchivedVisit
from services.fetcher.download.download import Downloader, Response
from services.fetcher.download.terms import Terms
from services.fetcher.politeness.politeness import Politeness
from services.fetcher.sources.options import NO_OPTIONS, OptionsOf
from services.fetcher.validators import PageMemory, Recalled, after_body, after_not_modified
from shared.flight.stage import Outcome
from shared.messages import Answer, ArchivedBody, FetchPage, PageDropped, PageFetched, Validators
from shared.per_thread import PerThread

NOT_MODIFIED = 304


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Where the exchange stands in the archive (`place`), and where the body does (`body`)."""

    place: str | None = None
    body: ArchivedBody | None = None


@dataclass(frozen=True, kw_only=True)
class Fetcher:
    """Fetches pages with the clients that it was given."""

    downloaders: PerThread[Downloader]
    politeness: Politeness
    memory: PageMemory
    options_of: OptionsOf = lambda _source: NO_OPTIONS
    archive: Archive | None = None

    def fetch(self, record: FetchPage) -> Outcome | PageDropped:
        """Download the page; returns PageDropped where it is unchanged.

        Raises GiveUp or RetryLater (services/fetcher/errors.py).
        """
        fetched_at = datetime.now(UTC)
        recalled = self.memory.recall(record, fetched_at.timestamp())
        response = self._download(record, recalled)
        kept = self._kept(record, response, fetched_at, recalled.known)
        before = recalled.conditions
        if response.status == NOT_MODIFIED and before is not None:
            validators = msgspec.structs.replace(after_not_modified(before), archived=kept.body)
            return _unchanged(record, _answer(response, fetched_at, validators, kept.place))
        known = recalled.known
        sha256 = hashlib.sha256(response.body).hexdigest()
        validators = after_body(response, sha256, record, known, time.time())
        validators = msgspec.structs.replace(validators, archived=kept.body)
        if known is not None and validators.lied and not known.lied:
            self.memory.note_lie(record.origin.url)
        answer = _answer(response, fetched_at, validators, kept.place)
        if known is not None and (known.url, known.body_sha256) == (response.url, sha256):
            return _unchanged(record, answer)
        fetched = PageFetched(flight_id=record.flight_id, origin=record.origin, answer=answer, follow=record.follow)
        return Outcome(record=fetched, stage="parse", part="page", body=response.body)

    def _download(self, record: FetchPage, recalled: Recalled) -> Response:
        terms = Terms(source=self.options_of(record.origin.source), validators=recalled.conditions)
        return self.politeness.download(self.downloaders.get(), record.origin.url, terms)

    def _kept(self, record: FetchPage, response: Response, at: datetime, known: Validators | None) -> Kept:
        before = known.archived if known is not None else None
        if self.archive is None or response.raw is None:
            return Kept(body=before)
        visit = ArchivedVisit(origin=record.origin, at=at)
        kept = self.archive.keep(response.raw, visit, before)
        return Kept(place=kept.place, body=kept.body) if kept is not None else Kept(body=before)


def _answer(response: Response, fetched_at: datetime, validators: Validators, archive: str | None) -> Answer:
    return Answer(
        final_url=response.url,
        http_status=response.status,
        fetched_at=fetched_at.isoformat(),
        content_type=response.content_type,
        body_bytes=None if response.status == NOT_MODIFIED else len(response.body),
        body_sha256=validators.body_sha256,
        archive=archive,
        validators=validators,
    )


def _unchanged(record: FetchPage, answer: Answer) -> PageDropped:
    """Returns the end of a visit to an unchanged page: the page is not parsed, and its row stays as it is."""
    said = answer.http_status == NOT_MODIFIED
    detail = "says that it has not changed." if said else "has the same body as at the visit before."
    return PageDropped(
        flight_id=record.flight_id,
        origin=record.origin,
        stage="fetch",
        fate="unchanged",
        reason="not_modified" if said else "same_body",
        detail=f"{answer.final_url} {detail}",
        dropped_at=datetime.now(UTC).isoformat(),
        answer=answer,
    )
