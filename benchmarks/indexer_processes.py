"""Do two indexer processes store twice as many pages as one?

  python -m benchmarks.indexer_processes URL PAGES NUMBER

is one of the processes that store on the Postgres at URL. It reads parsed pages (JSON) from the file PAGES. For a line
with a label and the number of processes, it prepares its share under URLs of that label and prints `ready`; at the next
line it stores the share and prints `done`. The processes' shares are batches taken alternately, as the queue would give
them. For comparison, the real workers do the same work with Celery, claim check and ledger, each with one thread.
"""

import contextlib
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import cast

import msgspec
import psutil
import psycopg

from benchmarks.cpu import cpu_seconds
from benchmarks.database import postgres_pid
from benchmarks.parsed_pages import landings_of
from benchmarks.report import table
from cli.stack.embedded import spawn, stop_process
from cli.stack.stack import Endpoints, Workers
from services.indexer.app import SESSION_OPTIONS
from services.indexer.index import store_together
from services.indexer.locks import BACKGROUND_WORK
from shared.broker.celery_app import make_celery
from shared.broker.redis_client import connect_redis
from shared.failures import UserError
from shared.flight.ledger import Ledger, Move
from shared.flight.page_store import PageStore
from shared.flight.publisher import Publisher
from shared.messages import PageFetched, PageParsed, encode_record
from shared.parsed_page import ParsedPage

PAGES_AT_ONCE = 16
# Before the clock starts: a worker's first messages make it connect, and Postgres plan.
WARM_UP = 20 * PAGES_AT_ONCE
POLL_S, PATIENCE_S = 0.01, 120.0


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What storing so many pages took: seconds, and seconds of CPU of the processes and of all of Postgres."""

    pages: int
    wall: float
    cpu: float


class Meter:
    """Measures work of some processes on the Postgres in `home`."""

    def __init__(self, home: Path, pids: Sequence[int]) -> None:
        postmaster = postgres_pid(home / "postgres")
        self._processes = [psutil.Process(pid) for pid in (postmaster, *pids)]

    def run(self, pages: int, work: Callable[[], None]) -> Run:
        """Do the work."""
        start, before = time.monotonic(), sum(map(cpu_seconds, self._processes))
        work()
        return Run(pages=pages, wall=time.monotonic() - start, cpu=sum(map(cpu_seconds, self._processes)) - before)


class Processes:
    """Two processes on one Postgres, of which a run uses one or both."""

    def __init__(self, stack: contextlib.ExitStack, home: Path, url: str, pages: Sequence[ParsedPage]) -> None:
        self._home, self._pages = home, len(pages)
        file = home / "pages.json"
        file.write_bytes(msgspec.json.encode(pages))
        command = [sys.executable, "-m", "benchmarks.indexer_processes", url, str(file)]
        self._children = [
            spawn([*command, str(number)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) for number in range(2)
        ]
        for child in self._children:
            stack.callback(stop_process, child, patience=5.0)

    def run(self, number: int) -> Run:
        """All pages, shared between so many processes."""
        children = self._children[:number]
        label = uuid.uuid4().hex

        def store() -> None:
            _tell(children, "go")
            _hear(children)

        _tell(children, f"{label} {number}")
        _hear(children)
        return Meter(self._home, [child.pid for child in children]).run(self._pages, store)


def _tell(children: "Sequence[subprocess.Popen[bytes]]", line: str) -> None:
    for child in children:
        if child.stdin is not None:
            child.stdin.write(f"{line}\n".encode())
            child.stdin.flush()


def _hear(children: "Sequence[subprocess.Popen[bytes]]") -> None:
    for child in children:
        if child.stdout is None or not child.stdout.readline():
            raise UserError("A process that stores pages ended early.")


def main() -> None:
    """Store what one is told to, until the pipe is closed."""
    url, file, number = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    pages = msgspec.json.decode(file.read_bytes(), type=list[ParsedPage])
    with psycopg.connect(url, autocommit=True, options=SESSION_OPTIONS) as connection:
        for line in sys.stdin:
            label, of = line.split()
            landings = list(landings_of(pages, label))
            batches = [landings[start : start + PAGES_AT_ONCE] for start in range(0, len(landings), PAGES_AT_ONCE)]
            print("ready", flush=True)
            sys.stdin.readline()
            for batch in batches[number :: int(of)]:
                store_together(connection, batch)
            print("done", flush=True)


class Indexers(Workers):
    """The workers proper, so many."""

    def __init__(self, number: int, home: Path, endpoints: Endpoints) -> None:
        self.modules = {f"indexer-{n}": "services.indexer.app" for n in range(number)}
        super().__init__(home, endpoints, {"DEPECHE_INDEXER_THREADS": "1"}, cwd=home)


class Queue:
    """Parsed pages in the air, and the workers that land them."""

    def __init__(self, home: Path, endpoints: Endpoints, pages: Sequence[ParsedPage]) -> None:
        self._home, self._endpoints = home, endpoints
        self._pages = pages
        self._redis = connect_redis(endpoints.redis_url)
        self._ledger, self._store = Ledger(self._redis), PageStore(self._redis)
        self._publisher = Publisher(make_celery("bench", endpoints.redis_url))

    def run(self, number: int) -> Run:
        """All pages through so many workers, each with one connection to store on; their followers wait."""
        with self._without_followers(), Indexers(number, self._home, self._endpoints) as workers:
            _wait_until(lambda: self._listening() == number)
            self._landing_of(self._pages[:WARM_UP])()
            land = self._landing_of(self._pages)
            return Meter(self._home, list(workers.pids().values())).run(len(self._pages), land)

    @contextlib.contextmanager
    def _without_followers(self) -> Iterator[None]:
        with psycopg.connect(self._endpoints.database_url, autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(%s, hashtext(name)) FROM depeche.followers", [BACKGROUND_WORK])
            yield

    def _listening(self) -> int:
        clients = cast(list[dict[str, str]], self._redis.client_list())
        return sum(client["cmd"] == "blmove" for client in clients)

    def _landing_of(self, pages: Sequence[ParsedPage]) -> Callable[[], None]:
        """Flights at the index stage, with their parse results; gives what publishes them and waits for them."""
        batch = uuid.uuid4().hex
        parsed: list[PageParsed] = []
        for landing in landings_of(pages, batch):
            if isinstance(landing.record, PageParsed):
                origin = msgspec.structs.replace(landing.record.origin, batch=batch)
                parsed.append(msgspec.structs.replace(landing.record, origin=origin))
        fetched = [msgspec.convert(msgspec.to_builtins(r) | {"kind": "page_fetched.v2"}, PageFetched) for r in parsed]
        self._ledger.adopt_pages([(record, b"<p>the page</p>") for record in fetched])
        results = {r.flight_id: msgspec.json.encode(page) for r, page in zip(parsed, pages, strict=True)}
        self._store.put_many("result", results)
        self._ledger.advance("parse", [Move(flight_id=r.flight_id, stage="index", record=r) for r in parsed])
        records = [encode_record(record) for record in parsed]

        def land() -> None:
            self._publisher.publish("index", records, time.time(), pages_per_message=PAGES_AT_ONCE)
            _wait_until(lambda: not self._ledger.batch_in_air(batch))

        return land


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise UserError(f"The indexers took longer than {PATIENCE_S:.0f} s.")
        time.sleep(POLL_S)


def measure_processes(home: Path, endpoints: Endpoints, pages: Sequence[ParsedPage], rounds: int) -> str:
    """A table of both ways, each with one process and with two, turn by turn; the first round only warms up."""
    runs: dict[str, list[Run]] = {}
    with contextlib.ExitStack() as stack:
        ways = {
            "the statements alone": Processes(stack, home, endpoints.database_url, pages).run,
            "the workers, from the queue": Queue(home, endpoints, pages).run,
        }
        for _ in range(rounds + 1):
            for way, run in ways.items():
                for number in (1, 2):
                    runs.setdefault(f"{way}, {number}", []).append(run(number))
    return table([_row(way, runs) for way in ways])


def _row(way: str, runs: dict[str, list[Run]]) -> dict[str, object]:
    one, two = runs[f"{way}, 1"][1:], runs[f"{way}, 2"][1:]
    rates = [statistics.median(run.pages / run.wall for run in of) for of in (one, two)]
    costs = [statistics.median(1e3 * run.cpu / run.pages for run in of) for of in (one, two)]
    busy = statistics.median(run.cpu / run.wall for run in two)
    return {
        "": way,
        "one process, pages/s": rates[0],
        "two, pages/s": rates[1],
        "times one": statistics.median(b.pages / b.wall / (a.pages / a.wall) for a, b in zip(one, two, strict=True)),
        "one, CPU ms a page": costs[0],
        "two, CPU ms a page": costs[1],
        "cores busy with two": busy,
    }


if __name__ == "__main__":
    main()
