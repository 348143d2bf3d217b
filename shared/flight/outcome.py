"""What a stage's work on a page has come to, where the page goes on."""

import msgspec

from shared.flight.ledger import Acceptance
from shared.flight.page_store import Part
from shared.messages import FetchRequest, PageFetched, PageParsed, StageName


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The result of work on a page: the next stage's record, the bytes to store for it, the pages it leads to."""

    record: PageFetched | PageParsed
    stage: StageName
    part: Part
    body: bytes
    gzip: bytes | None = None  # the same bytes, as their server packed them
    found: list[FetchRequest] = []
    known_as: list[str] = []  # further URLs of the same page, under which it is not to be followed again
    faults: str | None = None  # what was wrong with a feed or sitemap, for its source's record


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A page that another led to, and what became of that request."""

    request: FetchRequest
    acceptance: Acceptance
