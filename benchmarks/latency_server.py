"""Serves one page to every request, after a pause, from a process of its own.

  python -m benchmarks.latency_server [--latency SECONDS] [--page-bytes N]

prints its port and serves until it is told to stop. It listens on all of 127.0.0.0/8, so that it can stand for any
number of hosts. The page consists of invented words, is compressed as most publishers do, and has an ETag.
"""

import argparse
import asyncio
import contextlib
import gzip
import random
import subprocess
import sys
from collections.abc import Iterator

from cli.stack.embedded import spawn, stop_process
from shared.failures import UserError
from shared.service import exit_status

ROBOTS = b"User-agent: *\nDisallow: /private/\nDisallow: /search\nAllow: /\nSitemap: http://127.0.0.1/sitemap.xml\n"
SYLLABLES = ("har", "ro", "wick", "el", "lery", "port", "mere", "ton", "bri", "dge", "fer", "ry", "nal", "que", "st")


@contextlib.contextmanager
def latency_server(latency: float, page_bytes: int) -> Iterator[int]:
    """The server as a child process; gives its port."""
    command = [sys.executable, "-m", "benchmarks.latency_server", "--latency", str(latency)]
    process = spawn([*command, "--page-bytes", str(page_bytes)], stdout=subprocess.PIPE)
    try:
        line = process.stdout.readline() if process.stdout else b""
        if not line:
            raise UserError("The page server did not start.")
        yield int(line)
    finally:
        stop_process(process, patience=5.0)


def main() -> None:
    """Serve until stopped."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--latency", type=float, default=0.0)
    options.add_argument("--page-bytes", type=int, default=60_000)
    chosen = options.parse_args()
    asyncio.run(_serve(chosen.latency, chosen.page_bytes))


async def _serve(latency: float, page_bytes: int) -> None:
    loop = asyncio.get_running_loop()
    answers = (_answer(gzip.compress(page(page_bytes)), b"text/html", b"gzip"), _answer(ROBOTS, b"text/plain", b""))
    server = await loop.create_server(lambda: _Connection(loop, latency, answers), "0.0.0.0", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


def page(size: int) -> bytes:
    """An article of `size` bytes or a little more, the same at each call."""
    dice = random.Random(size)
    words = ["".join(dice.choices(SYLLABLES, k=dice.randint(1, 3))) for _ in range(4000)]
    parts, length = ["<!doctype html><html lang=en><title>Ferry</title><article><h1>Ferry</h1>"], 0
    while length < size:
        parts.append(f"<p class=story>{' '.join(dice.choices(words, k=dice.randint(20, 60)))}.</p>")
        length += len(parts[-1])
    return "\n".join(parts).encode()


def _answer(body: bytes, content_type: bytes, coding: bytes) -> bytes:
    head = b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Type: %s\r\nContent-Length: %d\r\n' % (content_type, len(body))
    return head + (b"Content-Encoding: %s\r\n" % coding if coding else b"") + b"\r\n" + body


class _Connection(asyncio.Protocol):
    """Just enough HTTP/1.1 to keep a connection alive at next to no cost."""

    def __init__(self, loop: asyncio.AbstractEventLoop, latency: float, answers: tuple[bytes, bytes]) -> None:
        self._loop = loop
        self._latency = latency
        self._page, self._robots = answers
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            answer = self._robots if head.startswith(b"GET /robots.txt ") else self._page
            if self._latency:
                self._loop.call_later(self._latency, self._transport.write, answer)
            else:
                self._transport.write(answer)


if __name__ == "__main__":
    sys.exit(exit_status("latency server", main))
