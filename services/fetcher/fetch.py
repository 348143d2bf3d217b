"""FetchPage -> PageFetched: downloads one page at its host's turn.

An unchanged page becomes a PageDropped instead, and so does one whose rights are reserved, where its source asks to
respect that.
"""

import hashlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from services.fetcher.archive.archive import Archive
from services.fetcher.archive.warc_records import Visit as ArchivedVisit
from services.fetcher.download.download import Downloader, Response
from services.fetcher.download.terms import Terms, product_token
from services.fetcher.politeness.politeness import Politeness
from services.fetcher.rights.page_statements import page_statements, still_said
from services.fetcher.rights.reservation import reservation
from services.fetcher.sources.options import NO_OPTIONS, OptionsOf, SourceOptions
from services.fetcher.validators import PageMemory, Recalled, after_body, after_last_visit, after_not_modified
from shared.flight.outcome import Outcome
from shared.flight.traces import NO_TRACES, Traces
from shared.messages import Answer, ArchivedBody, FetchPage, PageDropped, PageFetched, Validators
from shared.per_thread import PerThread
from shared.rights import NOTHING_SAID, Rights
from shared.version import PRODUCT

NOT_MODIFIED = 304


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Where the exchange stands in the archive (`place`), and where the body does (`body`)."""

    place: str | None = None
    body: ArchivedBody | None = None


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What was said of a page's use: by the page alone and in all, and what of it is a reason not to store the page."""

    by_page: Rights | None
    rights: Rights | None
    reserved: str | None


@dataclass(frozen=True, kw_only=True)
class Fetcher:
    """Fetches pages with the clients that it was given."""

    downloaders: PerThread[Downloader]
    politeness: Politeness
    memory: PageMemory
    options_of: OptionsOf = lambda _source: NO_OPTIONS
    archive: Archive | None = None
    user_agent: str = PRODUCT
    traces: Traces = NO_TRACES

    def fetch(self, record: FetchPage) -> Outcome | PageDropped:
        """Download the page; returns PageDropped where it is unchanged.

        Raises GiveUp or RetryLater (services/fetcher/errors.py).
        """
        recalled = self.memory.recall(record, time.time())
        fetched_at = after_last_visit(datetime.now(UTC), recalled.known)
        options = self.options_of(record.origin.source)
        response = self._download(record, recalled, options)
        heard = self._heard(response, recalled, options)
        answer = _answer(response, fetched_at, heard.rights)
        if heard.reserved is not None:
            return _refused(record, answer, heard.reserved)
        kept = self._kept(record, response, fetched_at, recalled.known)
        if response.status == NOT_MODIFIED and recalled.conditions is not None:
            return _unchanged(record, _with(answer, after_not_modified(recalled.conditions), kept, heard))
        known = recalled.known
        sha256 = hashlib.sha256(response.body).hexdigest()
        validators = after_body(response, sha256, record, known, max(time.time(), fetched_at.timestamp()))
        if known is not None and validators.lied and not known.lied:
            self.memory.note_lie(record.origin.url)
        answer = _with(answer, validators, kept, heard)
        if known is not None and (known.url, known.body_sha256) == (response.url, sha256):
            return _unchanged(record, answer)
        fetched = PageFetched(flight_id=record.flight_id, origin=record.origin, answer=answer, follow=record.follow)
        return Outcome(record=fetched, stage="parse", part="page", body=response.body, gzip=response.gzip)

    def _download(self, record: FetchPage, recalled: Recalled, options: SourceOptions) -> Response:
        terms = Terms(source=options, validators=recalled.conditions)
        with self.traces.download(record.origin.url) as tell:
            response = self.politeness.download(self.downloaders.get(), record.origin.url, terms)
            tell(
                {
                    "http.response.status_code": response.status,
                    "http.response.body.size": len(response.body),
                    "depeche.redirects": len(response.redirects),
                }
            )
            return response

    def _heard(self, response: Response, recalled: Recalled, options: SourceOptions) -> Heard:
        """Returns what was said of the page's use; a page without a body says what it said when it had one."""
        token = product_token(options.user_agent or self.user_agent)
        by_page = page_statements(response.rights_headers, response.body, response.content_type, token)
        if response.status == NOT_MODIFIED and recalled.conditions is not None:
            by_page = still_said(recalled.conditions.rights or NOTHING_SAID, by_page)
        rights = by_page.followed_by(response.site_says)
        reserved = reservation(rights, token) if options.rights == "respect" else None
        return Heard(by_page=by_page.or_none(), rights=rights.or_none(), reserved=reserved)

    def _kept(self, record: FetchPage, response: Response, at: datetime, known: Validators | None) -> Kept:
        before = known.archived if known is not None else None
        if self.archive is None or response.raw is None:
            return Kept(body=before)
        visit = ArchivedVisit(origin=record.origin, at=at)
        kept = self.archive.keep(response.raw, visit, before)
        return Kept(place=kept.place, body=kept.body) if kept is not None else Kept(body=before)


def _answer(response: Response, fetched_at: datetime, rights: Rights | None) -> Answer:
    return Answer(
        final_url=response.url,
        http_status=response.status,
        fetched_at=fetched_at.isoformat(),
        content_type=response.content_type,
        body_bytes=None if response.status == NOT_MODIFIED else len(response.body),
        rights=rights,
    )


def _with(answer: Answer, validators: Validators, kept: Kept, heard: Heard) -> Answer:
    """Returns the answer with where it is kept, and with what is to be remembered of the page."""
    remembered = msgspec.structs.replace(validators, archived=kept.body, rights=heard.by_page)
    return msgspec.structs.replace(
        answer, body_sha256=validators.body_sha256, archive=kept.place, validators=remembered
    )


def _refused(record: FetchPage, answer: Answer, reserved: str) -> PageDropped:
    """Returns the end of a visit to a page that may not be stored: nothing of it is but what was said of its use."""
    return PageDropped(
        flight_id=record.flight_id,
        origin=record.origin,
        stage="fetch",
        fate="refused",
        reason="rights_reserved",
        detail=f'{answer.final_url} is not stored, as its source has rights = "respect": it says {reserved}.',
        dropped_at=datetime.now(UTC).isoformat(),
        answer=answer,
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
