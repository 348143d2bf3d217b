"""A small web site at several loopback addresses and one port, which answers after a while, as sites on the web do."""

import asyncio
import contextlib
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence

NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class LoopbackSite(ABC):
    """Answers each request `thinks_s` seconds later with what `_answer` returns."""

    def __init__(self, hosts: Sequence[str], thinks_s: float) -> None:
        self._hosts = hosts
        self._thinks_s = thinks_s
        self.began = time.monotonic()
        self.port = 0

    async def open(self) -> None:
        """Listen on all addresses, at one port."""
        for host in self._hosts:
            server = await asyncio.start_server(self._serve, host, self.port, backlog=256)
            self.port = server.sockets[0].getsockname()[1]

    def now(self) -> float:
        """Returns the second of the run."""
        return time.monotonic() - self.began

    @abstractmethod
    def _answer(self, path: str, known: str | None) -> bytes:
        """Returns the answer to a request for a path, of which the client has the version `known`."""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
                await asyncio.sleep(self._thinks_s)
                writer.write(self._answer(head[0].split(" ")[1], headers.get("if-none-match")))
                await writer.drain()
        writer.close()


def ok(body: bytes, kind: str, tag: str | None) -> bytes:
    """Returns an answer with a body of a content type, and its version."""
    etag = f"ETag: {tag}\r\n" if tag else ""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{etag}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def not_modified(tag: str) -> bytes:
    """Returns the answer to whoever has this version."""
    return f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\n\r\n".encode()
