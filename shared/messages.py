"""What travels on the three queues: one page or many a message, JSON on the wire, page bytes by claim check.

A record's `kind` is an explicit, versioned string; unknown fields are ignored, so fields are added freely and renamed
never. A record carries references and small facts; the page and its parse result stand in the page store under the
flight's id. Every record of a stage can be rebuilt from the ledger, which keeps it until the page has landed.

What all records say of a page stands once, in `Origin`, and what a server answered in `Answer`. Both are handed on as
they are, so that a new field is added here, and read where it is used.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from shared.failures import Fate
from shared.parsed_page import HeadlineKind

StageName = Literal["fetch", "parse", "index"]

# The task that serves each stage; its queue has the stage's name.
TASKS: dict[StageName, str] = {
    "fetch": "fetcher.download_pages",
    "parse": "parser.parse_pages",
    "index": "indexer.index_pages",
}
# The door that any scheduler may knock at: fetcher.fetch_pages(urls=[...]).
DOOR_TASK = "fetcher.fetch_pages"
DOOR_QUEUE: StageName = "fetch"

# Seconds after which a message that was taken from its queue, and left no trace, counts as lost. Each is longer than
# the stage may work on one message: the fetcher has a total deadline a page, the parser a hard time limit, the
# indexer a statement timeout and bounded retries.
STAGE_LIMIT_S: dict[StageName, float] = {"fetch": 120.0, "parse": 45.0, "index": 60.0}
# A message that is lost this often takes its workers down with it, and is quarantined instead.
MAX_LOSSES = 5


class Follow(msgspec.Struct, frozen=True, kw_only=True):
    """Which headline lists of a page lead to further pages; `"*"` in `kinds` means all."""

    kinds: tuple[HeadlineKind | Literal["*"], ...] = ("*",)
    same_site: bool = True
    depth: int = 1
    feeds: int = 2  # steps to feeds that a page names, and to sitemaps that an index names
    max_age_s: int | None = None  # stories that the list dates older than this are left alone
    revisit: tuple[int, ...] = ()  # ages (s since the first fetch) at which a followed story is fetched again


# Postgres indexes sources and batches, and cannot index a text of some thousand bytes.
Label = Annotated[str, msgspec.Meta(max_length=200)]


# As large as Postgres holds it.
Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
# Years whose times every offset leaves within what Python can name.
YEARS = range(2, 9999)


def check_times(*times: str | None) -> None:
    """Raise ValueError for what is no ISO 8601 time that Postgres can hold; of a record that is read, msgspec makes it
    a ValidationError."""
    for time in times:
        if time is not None and datetime.fromisoformat(time).year not in YEARS:
            raise ValueError(f"{time} is out of range")


class FetchPages(msgspec.Struct, frozen=True, kw_only=True):
    """The arguments of the door, `fetcher.fetch_pages`: what any scheduler may send."""

    urls: list[Annotated[str, msgspec.Meta(min_length=1)]]
    source: Label | None = None
    follow: Follow | None = None
    batch: Label | None = None
    only_new: bool = False
    fresh: bool = False

    def requests(self) -> "list[FetchRequest]":
        """One request a URL."""
        return [
            FetchRequest(
                origin=Origin(url=url, source=self.source, batch=self.batch),
                follow=self.follow,
                only_new=self.only_new,
                fresh=self.fresh,
            )
            for url in self.urls
        ]


class Visit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a page is fetched, as far as that is more than "somebody asked for it"."""

    of_source: bool = False  # the page that a source names; how the visit ends is the source's own news
    replayed: bool = False  # the archive gave the page, of a visit that took place at `fetched_at`
    first_fetched_at: float | None = None  # Unix seconds; of a story that is fetched again to catch edits
    revisit: tuple[int, ...] = ()  # ages (s since the first fetch) at which the story is still to be fetched again

    @property
    def is_revisit(self) -> bool:
        """Whether the story has been fetched before; new stories go first."""
        return self.first_fetched_at is not None


class FailedAttempt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An attempt that failed, and after which the page was tried again."""

    at: str  # ISO 8601, UTC
    reason: str
    detail: str = ""
    http_status: Count | None = None


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Which page this is, who asked for it, and what has been tried so far: handed on whole from request to row."""

    url: str
    source: str | None = None
    batch: str | None = None
    found_on: str | None = None  # URL of the page whose headline led here
    visit: Visit = Visit()
    attempt: Count = 1  # the one that is made, or that ended so; counts from 1
    earlier_attempts: tuple[FailedAttempt, ...] = ()

    def anew(self, *, batch: str | None, visit: Visit) -> "Origin":
        """The same page, asked for once more: its attempts begin again."""
        return msgspec.structs.replace(self, batch=batch, visit=visit, attempt=1, earlier_attempts=())

    def leading_to(self, url: str, visit: Visit) -> "Origin":
        """The origin of a page that this one leads to."""
        return Origin(url=url, source=self.source, batch=self.batch, found_on=self.url, visit=visit)

    def sendable(self) -> "Origin":
        """The same with texts that have a place in JSON; one that is empty says nothing, and is left out."""
        given = {name: getattr(self, name) for name in self.__struct_fields__}
        texts = {name: sendable(text) or None for name, text in given.items() if isinstance(text, str)}
        return msgspec.structs.replace(self, **{**texts, "url": sendable(self.url)})


class ArchivedBody(msgspec.Struct, frozen=True, kw_only=True):
    """The WARC record that has a page's body: what the record of a later visit refers to instead of repeating it."""

    record_id: str  # urn:uuid:...
    url: str
    at: str  # ISO 8601, UTC
    payload_digest: str  # sha1:BASE32, of the body as it was on the wire


class Validators(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a server needs to know to answer "unchanged", and what we need not to believe it."""

    url: str = ""  # the one that answered; a redirect's own address has other validators
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str = ""
    full_at: float = 0.0  # Unix seconds of the last answer that had a body
    not_modified: int = 0  # answers without a body since then
    lied: bool = False  # the server once said "unchanged" of a page that was not: it is not asked any more
    follow: Follow | None = None  # what has been followed from the page; who wants more needs the page itself
    archived: ArchivedBody | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a server answered when it was asked for a page, and what is kept of that: handed on whole, too."""

    final_url: str  # the one that answered, after redirects
    http_status: Count
    fetched_at: str  # ISO 8601; the moment of the visit
    content_type: str | None = None
    body_bytes: Count | None = None  # None of an answer without a body
    body_sha256: str = ""
    archive: str | None = None  # WARC file name and offset of the response record, "file.warc.gz:1234"
    validators: Validators | None = None  # what the page's next visit is to know

    def __post_init__(self) -> None:
        check_times(self.fetched_at)


class FetchRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a scheduler asks for; becomes a flight, unless the URL is in the air already."""

    origin: Origin
    follow: Follow | None = None
    only_new: bool = False  # skip a URL that was accepted before
    fresh: bool = False  # fetch and parse it whatever is remembered of it
    flight_id: str | None = None  # of whoever has to know it before; else one is drawn


class FetchPage(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="fetch_page.v2"):
    """Command: download this page now."""

    flight_id: str
    origin: Origin
    follow: Follow | None = None
    fresh: bool = False


class PageFetched(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="page_fetched.v2"):
    """Fact: the page's bytes are in the page store under `flight_id`."""

    flight_id: str
    origin: Origin
    answer: Answer
    follow: Follow | None = None


class PageParsed(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="page_parsed.v2"):
    """Fact: the parse result (shared/parsed_page.py) is in the page store under `flight_id`."""

    flight_id: str
    origin: Origin
    answer: Answer

    @classmethod
    def of(cls, fetched: PageFetched) -> "PageParsed":
        """The record of a page once it has been parsed."""
        return cls(flight_id=fetched.flight_id, origin=fetched.origin, answer=fetched.answer)


class PageDropped(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="page_dropped.v2"):
    """Fact: the page goes no further. `stage` says where it stopped; `message` is what that stage was working on."""

    flight_id: str
    origin: Origin
    stage: StageName
    fate: Fate
    reason: str
    detail: str
    dropped_at: str
    answer: Answer | None = None  # of a page that was fetched, or found unchanged
    http_status: Count | None = None  # of an answer that is no page, and ended the visit
    traceback: str | None = None
    message: str | None = None

    def __post_init__(self) -> None:
        check_times(self.dropped_at)

    @property
    def visited_at(self) -> str:
        """When the visit took place: when the page was fetched, or else when that came to nothing."""
        return self.answer.fetched_at if self.answer else self.dropped_at


Record = FetchPage | PageFetched | PageParsed | PageDropped


def sendable(text: str) -> str:
    """The text with a question mark for each lone surrogate, which has no place in JSON."""
    return text.encode("utf-8", "replace").decode()


def encode_record(record: Record) -> str:
    """One record as JSON text, as the ledger keeps it."""
    return msgspec.json.encode(record).decode()


def to_wire(records: Sequence[str], published_at: float) -> dict[str, Any]:
    """The keyword arguments of a stage's task, from records as the ledger keeps them."""
    return {"published_at": published_at, "pages": [msgspec.json.decode(record) for record in records]}


def from_wire(pages: Any, record_type: Any) -> list[Any]:
    """The records of a message; raises msgspec.ValidationError, which names the field, when it is malformed."""
    return msgspec.convert(pages, list[record_type])
