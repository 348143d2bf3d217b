"""The site of a run: a front page, a feed and the stories, at several loopback addresses."""

import asyncio
import contextlib
import time
from collections.abc import Sequence

from benchmarks.chaos.press import Story, feed, front, page, title

# Each address is a host that the fetchers spare; what a killed fetcher was about holds up its host only.
HOSTS = [f"127.0.2.{n}" for n in range(1, 17)]
# The front and the feed list so many stories each. A story must be on them for longer than anything is away.
LISTED = 400
# A page takes this long (s), so that a kill meets some on their way.
THINKS_S = 0.08


class Site:
    """Serves the stories that have appeared, as they read now, and notes which reading it gave last."""

    def __init__(self, stories: Sequence[Story]) -> None:
        self.stories = list(stories)
        self._by_path = {story.path: story for story in stories}
        self._listed = {way: [story for story in stories if story.way == way] for way in ("front", "feed")}
        self.began = time.monotonic()
        self.port = 0
        self.answered = 0
        self.gave_edited: set[int] = set()  # stories whose edited text somebody has been given

    async def open(self) -> None:
        """Listen on all addresses, at one port."""
        for host in HOSTS:
            server = await asyncio.start_server(self._serve, host, self.port, backlog=256)
            self.port = server.sockets[0].getsockname()[1]

    def url(self, story: Story) -> str:
        """The address of a story; a copy is at the host of what it copies, or it could not name that as canonical."""
        return f"http://{HOSTS[story.told % len(HOSTS)]}:{self.port}{story.path}"

    def list_url(self, way: str) -> str:
        """The address of the front or the feed."""
        return f"http://{HOSTS[0]}:{self.port}/{way}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
                await asyncio.sleep(THINKS_S)
                writer.write(self._answer(head[0].split(" ")[1], headers.get("if-none-match")))
                await writer.drain()
        writer.close()

    def _answer(self, path: str, known: str | None) -> bytes:
        now = time.monotonic() - self.began
        kind = "application/rss+xml" if path == "/feed" else "text/html"
        if path in ("/front", "/feed"):
            body, tag = self._list(path[1:], now), ""
        elif (story := self._by_path.get(path)) is None:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        else:
            self.answered += 1
            body, tag = self._story(story, now)
            if tag == known:
                return f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\n\r\n".encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        return f"{head}{f'ETag: {tag}{chr(13)}{chr(10)}' if tag else ''}\r\n".encode() + body

    def _story(self, story: Story, now: float) -> tuple[bytes, str]:
        told = self.stories[story.told]
        is_edited = told.edited is not None and now >= told.edited
        if is_edited:
            self.gave_edited.add(told.number)
        return page(story, self.url(told), is_edited), f'"{story.number}-{int(is_edited)}"'

    def _list(self, way: str, now: float) -> bytes:
        listed = [story for story in self._listed[way] if story.at <= now][-LISTED:]
        named = [(self.url(story), title(story.told, False)) for story in reversed(listed)]
        return front(named) if way == "front" else feed(named, self.list_url("front"))
