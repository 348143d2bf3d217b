"""Serves a folder's pages on loopback as those of many sites, from its own process, so that its cost counts apart.

  python -m benchmarks.page_server FOLDER [--sites N]

prints one line of JSON with the addresses of its sites, and serves until it is told to stop. Page k is at
/<anything>/<k>.html of every site, so that the same page can be fetched again under a new URL. Pages are sent
compressed, as most publishers do, and without a charset, as many do.
"""

import argparse
import asyncio
import contextlib
import gzip
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from cli.stack.embedded import spawn, stop_process
from shared.failures import UserError
from shared.service import exit_status

PATH = re.compile(rb"GET /[^/ ]*/(\d+)\.html ")
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class Sites(msgspec.Struct, frozen=True, kw_only=True):
    """A running page server: its process, the addresses of its sites, how many pages each has, and their length."""

    pid: int
    bases: list[str]
    pages: int
    bytes_a_page: float

    def urls(self, label: str, count: int, *, first: int = 0, stride: int = 1) -> list[str]:
        """`count` addresses that nobody asked for before under another label; each `stride`th of the folder's pages."""
        return [
            f"{self.bases[n % len(self.bases)]}/{label}-{n // self.pages}/{n * stride % self.pages}.html"
            for n in range(first, first + count)
        ]


def read_pages(folder: Path) -> list[bytes]:
    """The folder's pages, gzipped, in the order of their names; UserError when there are none."""
    files = sorted(file for file in folder.rglob("*") if file.name.endswith((".html", ".html.gz")))
    if not files:
        raise UserError(f"No pages (*.html, *.html.gz) in {folder}. Name a folder that has some.")
    return [file.read_bytes() if file.suffix == ".gz" else gzip.compress(file.read_bytes()) for file in files]


@contextlib.contextmanager
def page_server(folder: Path, sites: int) -> Iterator[Sites]:
    """The page server as a child process."""
    command = [sys.executable, "-m", "benchmarks.page_server", str(folder), "--sites", str(sites)]
    process = spawn(command, stdout=subprocess.PIPE)
    try:
        line = process.stdout.readline() if process.stdout else b""
        if not line:
            raise UserError("The page server did not start.")
        yield msgspec.structs.replace(msgspec.json.decode(line, type=Sites), pid=process.pid)
    finally:
        stop_process(process, patience=5.0)


def main() -> None:
    """Serve until stopped."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--sites", type=int, default=16)
    chosen = options.parse_args()
    asyncio.run(_serve([_answer(page) for page in read_pages(chosen.folder)], chosen.sites))


async def _serve(answers: Sequence[bytes], sites: int) -> None:
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(lambda: _Connection(answers), "127.0.0.1", 0) for _ in range(sites)]
    bases = [f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}" for server in servers]
    opened = Sites(pid=0, bases=bases, pages=len(answers), bytes_a_page=sum(map(len, answers)) / len(answers))
    print(msgspec.json.encode(opened).decode(), flush=True)
    await asyncio.Event().wait()


def _answer(page: bytes) -> bytes:
    head = f"Content-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: {len(page)}\r\n\r\n"
    return b"HTTP/1.1 200 OK\r\n" + head.encode() + page


class _Connection(asyncio.Protocol):
    """Just enough HTTP/1.1 to keep a connection alive at next to no cost."""

    def __init__(self, answers: Sequence[bytes]) -> None:
        self._answers = answers
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            found = PATH.match(head)
            number = int(found[1]) if found else len(self._answers)
            self._transport.write(self._answers[number] if number < len(self._answers) else NOT_FOUND)


if __name__ == "__main__":
    sys.exit(exit_status("page server", main))
