"""The site of a soak, on loopback: lists of stories, and the stories themselves, as the press has them now."""

import asyncio
import contextlib
import re
import time

from benchmarks.chaos.press import feed, front
from benchmarks.soak.press import BROKEN, EVERY_TAGGED, EVERY_TROUBLE, GONE, PASSING, STEADY, Press, path, story, title

STORY = re.compile(r"/story/(\d+)-")
# A page takes this long (s), so that fetchers have several requests open at a time.
THINKS_S = 0.2
LIST = re.compile(r"/(front|feed)/(\d+)$")


class Site:
    """Answers at all addresses of the press, at one port."""

    def __init__(self, press: Press) -> None:
        self.press = press
        self.began = time.monotonic()
        self.ends: float | None = None  # the second of the run from which on nothing appears any more
        self.port = 0
        self.answered = 0
        self.bytes_sent = 0

    async def open(self) -> None:
        """Listen."""
        for address in (*STEADY, *PASSING):
            server = await asyncio.start_server(self._serve, address, self.port, backlog=256)
            self.port = server.sockets[0].getsockname()[1]

    def now(self) -> float:
        """Returns the second of the run."""
        return time.monotonic() - self.began

    def newest(self) -> int:
        """Returns the number of the story that has appeared last."""
        now = self.now()
        return self.press.newest(now if self.ends is None else min(now, self.ends))

    def url(self, number: int) -> str:
        """Returns the address of a story."""
        return f"http://{self.press.address(number)}:{self.port}{path(number)}"

    def list_url(self, number: int) -> str:
        """Returns the address of a list."""
        return f"http://{STEADY[number]}:{self.port}/{list_kind(number)}/{number}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
                await asyncio.sleep(THINKS_S)
                answer = self._answer(head[0].split(" ")[1], headers.get("if-none-match"))
                self.answered += 1
                self.bytes_sent += len(answer)
                writer.write(answer)
                await writer.drain()
        writer.close()

    def _answer(self, asked: str, known: str | None) -> bytes:
        if found := LIST.match(asked):
            kind = "application/rss+xml" if found[1] == "feed" else "text/html"
            return _ok(self._list(int(found[2])), kind, None)
        found = STORY.match(asked)
        number = int(found[1]) if found else -1
        if not 0 <= number <= self.newest() or number % EVERY_TROUBLE == GONE:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        if number % EVERY_TROUBLE == BROKEN:
            return b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
        edition = self.press.edition(number, self.now())
        tag = f'"{number}-{edition}"' if number % EVERY_TAGGED == 0 else None
        if tag is not None and tag == known:
            return f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\n\r\n".encode()
        return _ok(story(number, edition, self.url(number)), "text/html", tag)

    def _list(self, number: int) -> bytes:
        now = self.now() if self.ends is None else min(self.now(), self.ends)
        named = [(self.url(one), title(one, 0)) for one in self.press.listed(number, now)]
        return front(named) if list_kind(number) == "front" else feed(named, f"http://{STEADY[number]}:{self.port}/")


def list_kind(number: int) -> str:
    """Returns whether a list is a front page or a feed."""
    return "feed" if number % 2 else "front"


def _ok(body: bytes, kind: str, tag: str | None) -> bytes:
    etag = f"ETag: {tag}\r\n" if tag else ""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{etag}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
