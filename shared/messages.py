"""The messages on the three queues: one or more pages per message, JSON on the wire, page bytes by claim check.

A record's `kind` is an explicit, versioned string. Unknown fields are ignored, so fields may be added freely, but are
never renamed. A record carries references and small facts; the page and its parse result stand in the page store under
the flight's id. The ledger has every record of a stage until the page has landed, so each can be published again.

The facts that all records share stand once, in `Origin`, and a server's answer in `Answer`. Both are handed on as they
are, so a new field is added here and read where it is used.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from shared.failures import Fate
from shared.parsed_page import HeadlineKind
from shared.rights import Rights

StageName = Literal["fetch", "parse", "index"]

# The task that serves each stage; its queue has the stage's name.
TASKS: dict[StageName, str] = {
    "fetch": "fetcher.download_pages",
    "parse": "parser.parse_pages",
    "index": "indexer.index_pages",
}
# Each stage's queue: Celery's name of it, which is its key in Redis.
QUEUES: dict[StageName, str] = {stage: f"depeche:queue:{stage}" for stage in TASKS}
# The door, open to any scheduler: fetcher.fetch_pages(urls=[...]).
DOOR_TASK = "fetcher.fetch_pages"
DOOR_QUEUE = QUEUES["fetch"]

# Seconds after which a message that was taken from its queue, and whose pages have not moved on, counts as lost. Each
# is longer than the stage may work on one message: the fetcher has a total deadline per page, the parser a hard time
# limit, the indexer a statement timeout and bounded retries.
STAGE_LIMIT_S: dict[StageName, float] = {"fetch": 120.0, "parse": 45.0, "index": 60.0}
# A message that is lost more often than this probably kills its workers, so its pages are quarantined.
MAX_LOSSES = 5


class Follow(msgspec.Struct, frozen=True, kw_only=True):
    """Which headline lists of a page lead to further pages; `"*"` in `kinds` means all."""

    kinds: tuple[HeadlineKind | Literal["*"], ...] = ("*",)
    same_site: bool = True
    depth: int = 1
    feeds: int = 2  # steps to feeds that a page names, and to sitemaps that an index names
    max_age_s: int | None = None  # stories that are older by the list's date are not followed; None for any age
    revisit: tuple[int, ...] = ()  # ages (s since the first fetch) at which a followed story is fetched again


# Postgres indexes sources and batches, and cannot index a text of some thousand bytes.
Label = Annotated[str, msgspec.Meta(max_length=200)]


# Postgres holds it as an integer of 4 bytes.
Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
# In these years, a time with any UTC offset stays within the range of Python's datetime.
YEARS = range(2, 9999)


def check_times(*times: str | None) -> None:
    """Raise ValueError for a text that is not an ISO 8601 time that Postgres can hold.

    When a record is decoded, msgspec turns it into a ValidationError.
    """
    for time in times:
        if time is not None and datetime.fromisoformat(time).year not in YEARS:
            raise ValueError(f"{time} is out of range")


class FetchPages(msgspec.Struct, frozen=True, kw_only=True):
    """The arguments of the door, `fetcher.fetch_pages`, as any scheduler may send them."""

    urls: list[Annotated[str, msgspec.Meta(min_length=1)]]
    source: Label | None = None
    follow: Follow | None = None
    batch: Label | None = None
    only_new: bool = False
    fresh: bool = False

    def requests(self) -> "list[FetchRequest]":
        """Returns one request per URL."""
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
    """Why a page is fetched, where there is more to say than that somebody asked for it."""

    of_source: bool = False  # the page is the source's own URL, so the visit's end counts for the source
    tags: tuple[str, ...] | None = None  # of the source, at a visit of its own URL; None where it was not said
    replayed: bool = False  # the page comes from the archive; its visit took place at `fetched_at`
    first_fetched_at: float | None = None  # Unix seconds; of a story that is fetched again to catch edits
    revisit: tuple[int, ...] = ()  # ages (s since the first fetch) at which the story is still to be fetched again

    @property
    def is_revisit(self) -> bool:
        """Whether the story has been fetched before; the frontier releases new stories first."""
        return self.first_fetched_at is not None


class FailedAttempt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A failed attempt, after which the page was tried again."""

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
    attempt: Count = 1  # the number of the present attempt, or of the one that ended the visit; counts from 1
    earlier_attempts: tuple[FailedAttempt, ...] = ()

    def anew(self, *, batch: str | None, visit: Visit) -> "Origin":
        """Returns the origin of another request for the same page; its attempts are counted from 1 again."""
        return msgspec.structs.replace(self, batch=batch, visit=visit, attempt=1, earlier_attempts=())

    def leading_to(self, url: str, visit: Visit) -> "Origin":
        """Returns the origin of a page that this one leads to."""
        return Origin(url=url, source=self.source, batch=self.batch, found_on=self.url, visit=visit)

    def sendable(self) -> "Origin":
        """Returns the same origin with texts that JSON can hold; an empty text other than `url` becomes None."""
        given = {name: getattr(self, name) for name in self.__struct_fields__}
        texts = {name: sendable(text) or None for name, text in given.items() if isinstance(text, str)}
        return msgspec.structs.replace(self, **{**texts, "url": sendable(self.url)})


class ArchivedBody(msgspec.Struct, frozen=True, kw_only=True):
    """The WARC record that has a page's body; the WARC record of a later visit refers to it instead of repeating it."""

    record_id: str  # urn:uuid:...
    url: str
    at: str  # ISO 8601, UTC
    payload_digest: str  # sha1:BASE32, of the body as it was on the wire


class Validators(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a server needs to answer "unchanged", and what the fetcher needs to notice when that is wrong."""

    url: str = ""  # the one that answered; the URL that redirected to it would have other validators
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str = ""
    full_at: float = 0.0  # Unix seconds of the last answer that had a body
    not_modified: int = 0  # answers without a body since then
    lied: bool = False  # the server wrongly said "unchanged" once: the page is not requested conditionally any more
    follow: Follow | None = None  # what has been followed from the page; to follow other lists needs the page itself
    read_by: str = ""  # the version that has followed it: a later one may find other stories in the same page
    archived: ArchivedBody | None = None
    rights: Rights | None = None  # what the page itself said of its use; an answer without a body does not repeat it


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a server answered when it was asked for a page, and what is stored of the answer: handed on whole, too."""

    final_url: str  # the one that answered, after redirects
    http_status: Count
    fetched_at: str  # ISO 8601; the moment of the visit
    content_type: str | None = None
    body_bytes: Count | None = None  # None for an answer without a body
    body_sha256: str = ""
    archive: str | None = None  # WARC file name and offset of the response record, "file.warc.gz:1234"
    validators: Validators | None = None  # to be remembered for the page's next visit
    rights: Rights | None = None  # what the page and its site say of its use; None where nothing was said

    def __post_init__(self) -> None:
        check_times(self.fetched_at)


class FetchRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A scheduler's request for a page; it becomes a flight unless the URL is in the air already."""

    origin: Origin
    follow: Follow | None = None
    only_new: bool = False  # skip a URL that was accepted before
    fresh: bool = False  # fetch and parse the page even if it is unchanged
    flight_id: str | None = None  # given where the caller must know it beforehand; else one is drawn


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
        """Returns the record of a fetched page that has now been parsed."""
        return cls(flight_id=fetched.flight_id, origin=fetched.origin, answer=fetched.answer)


class PageDropped(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="page_dropped.v2"):
    """Fact: the page goes no further. `stage` says where it stopped.

    `message` is the record that the stage was working on, or the raw text of an unreadable message.
    """

    flight_id: str
    origin: Origin
    stage: StageName
    fate: Fate
    reason: str
    detail: str
    dropped_at: str
    answer: Answer | None = None  # of a page that was fetched, or found unchanged
    http_status: Count | None = None  # of an answer that was not a page and ended the visit
    traceback: str | None = None
    message: str | None = None

    def __post_init__(self) -> None:
        check_times(self.dropped_at)

    @property
    def visited_at(self) -> str:
        """When the visit took place: when the page was fetched, or else when it was dropped."""
        return self.answer.fetched_at if self.answer else self.dropped_at


Record = FetchPage | PageFetched | PageParsed | PageDropped


def sendable(text: str) -> str:
    """Returns the text with a question mark for each lone surrogate, which JSON cannot hold."""
    return text.encode("utf-8", "replace").decode()


def encode_record(record: Record) -> str:
    """Returns a record as JSON text, as the ledger stores it."""
    return msgspec.json.encode(record).decode()


def to_wire(records: Sequence[str], published_at: float) -> dict[str, Any]:
    """Returns the keyword arguments of a stage's task, from records as the ledger stores them."""
    return {"published_at": published_at, "pages": [msgspec.json.decode(record) for record in records]}


def from_wire(pages: Any, record_type: Any) -> list[Any]:
    """Returns the records of a message; raises msgspec.ValidationError, which names the field, when it is malformed."""
    return msgspec.convert(pages, list[record_type])
