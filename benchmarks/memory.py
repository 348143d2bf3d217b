"""How much memory does a stack take that has one worker a stage?

  python -m benchmarks.memory FOLDER [--pages N] [--json] [--write]

Serves the pages of FOLDER (*.html, *.html.gz) on loopback, lets the real workers ingest them on embedded servers, and
reads what each process holds then, in which a page of memory that several processes share counts once in all
(proportional set size, PSS). `private` is what a process alone has written to; `files` is mapped files, which the
kernel may drop. Redis and Postgres stand apart. As always, DEPECHE_* variables set the workers.
"""

import argparse
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import msgspec
import psutil

from benchmarks.command import add_output, end, tell
from benchmarks.database import bench_home, postgres_pid
from benchmarks.page_server import page_server
from benchmarks.pipeline import WORKER_ENV, wait_until_landed
from benchmarks.report import setting, significant, table
from benchmarks.soak.meters import rollup
from cli.settings import CliSettings
from cli.stack.servers import running_servers
from cli.stack.stack import Workers
from shared.broker.redis_client import connect_redis
from shared.flight.ledger import Ledger
from shared.messages import FetchPages
from shared.signals import interrupted_once

PAGES, SITES = 400, 16
MB = 1e6


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What a tree of processes holds, in MB."""

    processes: int
    threads: int
    pss: float
    private: float
    files: float


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """What the workers hold by name, and the servers, after so many pages."""

    pages: int
    workers: dict[str, Held]
    servers: dict[str, Held]


def held_by(root: int) -> Held:
    """Returns what a process and its descendants hold."""
    process = psutil.Process(root)
    tree = [process, *process.children(recursive=True)]

    def summed(*fields: str) -> float:
        return sum(rollup(each.pid, field) for each in tree for field in fields) / MB

    return Held(
        processes=len(tree),
        threads=sum(each.num_threads() for each in tree),
        pss=summed("Pss"),
        private=summed("Private_Dirty"),
        files=summed("Pss_File"),
    )


def measure(folder: Path, pages: int) -> Memory:
    """Ingest the pages, and read what everything holds."""
    with ExitStack() as stack:
        home = stack.enter_context(bench_home())
        sites = stack.enter_context(page_server(folder, SITES))
        settings = CliSettings(home=home, redis_url=None, database_url=None)
        endpoints = stack.enter_context(running_servers(settings)).endpoints
        workers = stack.enter_context(Workers(home, endpoints, WORKER_ENV, cwd=home))
        client = stack.enter_context(connect_redis(endpoints.redis_url))
        ledger = Ledger(client)
        ledger.accept(FetchPages(urls=sites.urls("memory", pages), batch="memory").requests())
        wait_until_landed(ledger, "memory")
        redis_pid = cast(dict[str, Any], client.info("server"))["process_id"]
        servers = {"Redis": redis_pid, "Postgres": postgres_pid(home / "postgres")}
        return Memory(
            pages=pages,
            workers={name: held_by(pid) for name, pid in workers.pids().items()},
            servers={name: held_by(pid) for name, pid in servers.items()},
        )


def markdown(memory: Memory) -> str:
    """The section of docs/benchmarks.md."""
    total = {field: sum(getattr(held, field) for held in memory.workers.values()) for field in Held.__struct_fields__}
    rows = [
        {
            "": name,
            "processes": held["processes"],
            "threads": held["threads"],
            "PSS, MB": held["pss"],
            "private, MB": held["private"],
            "files, MB": held["files"],
        }
        for name, held in {
            **{name: msgspec.structs.asdict(held) for name, held in memory.workers.items()},
            "the stack": total,
            **{name: msgspec.structs.asdict(held) for name, held in memory.servers.items()},
        }.items()
    ]
    head = f"{setting('celery', 'numpy', 'py3langid')} After {significant(memory.pages)} pages."
    return f"{head}\n\n{table(rows)}"


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--pages", type=int, default=PAGES, help=f"pages to ingest (default: {PAGES})")
    add_output(options)
    chosen = options.parse_args()
    with interrupted_once():
        memory = measure(chosen.folder, chosen.pages)
    tell(chosen, memory, lambda: markdown(memory), "memory")


if __name__ == "__main__":
    end("bench-memory", main)
