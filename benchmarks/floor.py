"""What can the work cost at least? All of it in one process, one step after the other, without queue or page store.

The parser, the tables, the statements and the followers are those of the services, but there is a plain HTTP client and
one connection.
"""

import contextlib
import hashlib
import time
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import httpx
import msgspec
import psycopg
import zstandard

from services.indexer.connection import Connection
from services.indexer.followers.follower import catch_up
from services.indexer.followers.search import SEARCH
from services.indexer.followers.stories import STORIES
from services.indexer.index import store_together
from services.indexer.landing import Landing
from services.parser.page import parse_page
from shared.failures import GiveUp
from shared.flight.page_store import COMPRESSION_LEVEL
from shared.messages import Answer, Origin, PageParsed
from shared.parsed_page import ParsedPage


class Steps(msgspec.Struct, frozen=True, kw_only=True):
    """CPU of this process by step, in ms a page; what Postgres needs itself is not in it."""

    fetch: float
    parse: float
    insert: float
    follow: float  # put what is new into stories and into the search index


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """Mean bytes a page: as the parser gets it, and what the page store keeps of it and of its parse result."""

    page: float
    page_stored: float
    result: float
    result_stored: float


class BareFloor:
    """Ingests pages in this process, on clients that it was given."""

    def __init__(self, connection: Connection, client: httpx.Client) -> None:
        self._connection = connection
        self._client = client

    def run(self, urls: Sequence[str], pages_per_transaction: int) -> Steps:
        """Fetch and parse the pages, and store them in transactions of so many."""
        spent = dict.fromkeys(Steps.__struct_fields__, 0.0)

        def note(step: str, since: float) -> float:
            now = time.process_time()
            spent[step] += now - since
            return now

        landings: list[Landing] = []
        for number, url in enumerate(urls, start=1):
            clock = time.process_time()
            response = self._client.get(url)
            response.raise_for_status()
            clock = note("fetch", clock)
            page = _parsed(response.content, url)
            clock = note("parse", clock)
            if page is not None:
                landings.append(Landing(record=_record(url, response), page=page))
            if len(landings) == pages_per_transaction or number == len(urls):
                store_together(self._connection, landings)
                landings = []
            clock = note("insert", clock)
            if not landings:
                catch_up(self._connection, STORIES)
                catch_up(self._connection, SEARCH)
                note("follow", clock)
        return Steps(**{step: 1e3 * seconds / len(urls) for step, seconds in spent.items()})


@contextlib.contextmanager
def bare_floor(database_url: str) -> Iterator[BareFloor]:
    """The floor on a connection that stays open, so that its backend's CPU can be read at any time."""
    with psycopg.connect(database_url, autocommit=True) as connection, httpx.Client() as client:
        yield BareFloor(connection, client)


def _record(url: str, response: httpx.Response) -> PageParsed:
    return PageParsed(
        flight_id=uuid.uuid4().hex,
        origin=Origin(url=url),
        answer=Answer(
            final_url=str(response.url),
            http_status=response.status_code,
            fetched_at=datetime.now(UTC).isoformat(),
            content_type=response.headers["Content-Type"],
            body_bytes=len(response.content),
            body_sha256=hashlib.sha256(response.content).hexdigest(),
        ),
    )


def sizes(urls: Sequence[str]) -> Sizes:
    """What the claim check of these pages takes."""
    with httpx.Client() as client:
        bodies = [client.get(url).content for url in urls]
    results = [msgspec.json.encode(page) for page in map(_parsed, bodies) if page is not None]

    pack = zstandard.ZstdCompressor(COMPRESSION_LEVEL).compress

    def mean(values: Sequence[bytes], *, packed: bool) -> float:
        return sum(len(pack(value) if packed else value) for value in values) / max(1, len(values))

    return Sizes(
        page=mean(bodies, packed=False),
        page_stored=mean(bodies, packed=True),
        result=mean(results, packed=False),
        result_stored=mean(results, packed=True),
    )


def _parsed(body: bytes, url: str = "https://press.example/") -> ParsedPage | None:
    try:
        return parse_page(body, url=url, content_type="text/html")
    except GiveUp:  # a folder may hold what is no page
        return None
