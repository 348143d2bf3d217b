"""Plays the press on loopback: a process of its own, an address a site, and an account of how each was treated.

  python -m benchmarks.sim.site_server SITES SECONDS

prints one line of JSON when all sites answer. The day begins then; after so many seconds nothing new is published.
`http://127.0.1.1:PORT/account` is not one of the sites' pages: it gives what was seen so far.
"""

import asyncio
import contextlib
import gzip
import json
import sys
import time
from email.utils import formatdate, parsedate_to_datetime

import msgspec

from benchmarks.sim.pages import article, front
from benchmarks.sim.press import LISTED, Site, Story, sites, stories
from benchmarks.sim.watch import Heartbeat, HostWatch, Seen

SLOW_S = 3.0
# An overloaded site wants a pause after so many requests; a breaking one breaks so many-th answers.
OVERLOADED_EVERY, PAUSE_S = 15, 4
ERROR_EVERY, ABORT_EVERY = 12, 25
LATE_ROBOTS_S = 15.0
# A request that arrives so soon after a pause was asked for was on its way already (s).
GRACE_S = 0.25
# How much too close (s) is forgiven.
JITTER_S = 0.01
BOMB = gzip.compress(b"<p>" + b"\0" * 30_000_000, 9)


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """How one site was treated. `first_listed` says when (s) each story was first shown to anybody."""

    seen: Seen
    forbidden: int
    pages: int
    not_modified: int
    bytes_sent: int
    bytes_saved: int
    first_listed: dict[int, float]


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """What the process says when all sites answer."""

    port: int
    began: float


class PlayedSite:
    """One site, and its account."""

    def __init__(self, site: Site, published: list[Story], began: float, base: str) -> None:
        self.site = site
        self.watch = HostWatch(least=site.delay - JITTER_S, grace=GRACE_S)
        self._stories = published
        self._by_path = {story.path: story for story in published}
        self._began = began
        self._base = base
        self._requests = 0
        self._forbidden = self._pages = self._not_modified = self._sent = self._saved = 0
        self._first_listed: dict[int, float] = {}

    def account(self) -> Account:
        """Up to now."""
        return Account(
            seen=self.watch.seen(),
            forbidden=self._forbidden,
            pages=self._pages,
            not_modified=self._not_modified,
            bytes_sent=self._sent,
            bytes_saved=self._saved,
            first_listed=self._first_listed,
        )

    def answer(self, path: str, headers: dict[str, str]) -> "Answer":
        """What is answered to this request."""
        at = time.time() - self._began
        self._requests += 1
        if path == "/robots.txt":
            return self._robots(at)
        story = self._by_path.get(path)
        self._forbidden += self.site.trouble == "closed" or (story is not None and story.fate == "forbidden")
        if self.site.trouble == "overloaded" and self._requests % OVERLOADED_EVERY == 0:
            self.watch.pauses(PAUSE_S)
            return Answer(status=429, headers={"Retry-After": str(PAUSE_S)})
        if self.site.trouble == "breaks" and self._requests % ERROR_EVERY == 0:
            return Answer(status=500)
        return self._list(at, headers) if path == self.site.list_path else self._story(story, at, headers)

    def _story(self, story: Story | None, at: float, headers: dict[str, str]) -> "Answer":
        if story is None or story.published > at or story.fate == "gone":
            return Answer(status=404)
        if story.fate == "trap":
            return trap(story, self._base)
        corrected = story.edited is not None and story.edited <= at
        changed = story.edited if corrected and story.edited is not None else story.published
        return self._page(article(story, self._base, self._began, at), f"{int(corrected)}", changed, headers)

    def _robots(self, at: float) -> "Answer":
        if self.site.trouble == "late_robots" and at < LATE_ROBOTS_S:
            return Answer(status=503)
        rules = {"closed": "Disallow: /", "private": "Disallow: /private/"}.get(self.site.trouble or "", "Disallow:")
        delay = f"Crawl-delay: {self.site.crawl_delay}\n" if self.site.crawl_delay else ""
        body = f"User-agent: *\n{delay}{rules}\n".encode()
        return Answer(status=200, headers={"Content-Type": "text/plain"}, body=body)

    def _list(self, at: float, headers: dict[str, str]) -> "Answer":
        public = [story for story in self._stories if story.published <= at]
        listed = public[-LISTED:][::-1]
        changes = [story.published for story in public]
        changes += [story.edited for story in listed if story.edited is not None and story.edited <= at]
        answer = self._page(
            front(self.site, listed, self._base, self._began, at), str(len(changes)), max(changes, default=0.0), headers
        )
        if answer.status == 200:
            for story in listed:
                self._first_listed.setdefault(story.number, at)
        return answer

    def _page(self, body: bytes, version: str, changed: float, headers: dict[str, str]) -> "Answer":
        etag, modified = f'"{version}"', formatdate(self._began + changed, usegmt=True)
        own = {"etag": {"ETag": etag}, "modified": {"Last-Modified": modified}}.get(self.site.validators or "", {})
        since = headers.get("if-modified-since")
        is_same = headers.get("if-none-match") == etag if "ETag" in own else False
        if "Last-Modified" in own and since is not None:
            is_same = parsedate_to_datetime(since).timestamp() >= int(self._began + changed)
        self._pages += 1
        packed = gzip.compress(body, 1)
        if is_same:
            self._not_modified += 1
            self._saved += len(packed)
            return Answer(status=304, headers=own)
        self._sent += len(packed)
        kind = "text/html; charset=utf-8" if body.startswith(b"<!doctype") else "application/xml"
        return Answer(status=200, headers={"Content-Type": kind, "Content-Encoding": "gzip", **own}, body=packed)

    async def send(self, answer: "Answer", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Send it in the site's own way; whether the connection can be used again."""
        if self.site.trouble == "slow":
            await asyncio.sleep(SLOW_S)
        packet = answer.packet()
        if self.site.trouble == "breaks" and self._requests % ABORT_EVERY == 0:
            self.watch.leaves()
            writer.write(packet[: len(packet) // 2])
            return False
        if answer.dribbles:
            writer.write(packet)
            await dribble(reader, writer)
            self.watch.leaves()
            return False
        self.watch.leaves()
        writer.write(packet)
        await writer.drain()
        return True


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A response; one that dribbles has no end."""

    status: int
    headers: dict[str, str] = {}
    body: bytes = b""
    dribbles: bool = False

    def packet(self) -> bytes:
        """As it goes over the wire."""
        lines = [f"HTTP/1.1 {self.status} Status"]
        if not self.dribbles and self.status != 304:
            lines.append(f"Content-Length: {len(self.body)}")
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


async def dribble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A body without end, until the other side has had enough."""
    with contextlib.suppress(ConnectionError):
        while not writer.is_closing():
            writer.write(b"<p>and so on")
            with contextlib.suppress(TimeoutError):
                if not await asyncio.wait_for(reader.read(1), 0.2):
                    return


def trap(story: Story, base: str) -> Answer:
    """One of the hostile site's pages."""
    html = {"Content-Type": "text/html"}
    traps = (
        Answer(status=200, headers={**html, "Content-Encoding": "gzip"}, body=BOMB),
        Answer(status=302, headers={"Location": base + story.path}),
        Answer(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data/"}),
        Answer(status=302, headers={"Location": "file:///etc/passwd"}),
        Answer(status=200, headers=html, dribbles=True),
        Answer(status=200, headers=html, body=b"\x89PNG\r\n\x1a\n" + b"\0" * 2000),
    )
    return traps[story.number // 2 % len(traps)]


class Press:
    """All sites of the day."""

    def __init__(self, count: int, seconds: float) -> None:
        self._sites = sites(count)
        self._seconds = seconds
        self._played: dict[str, PlayedSite] = {}
        self.heart = Heartbeat()

    async def open(self) -> Opened:
        """Listen on every site's address, at one port; the day begins."""
        port = 0
        for site in self._sites:
            server = await asyncio.start_server(self._serve, site.address, port, backlog=256)
            port = server.sockets[0].getsockname()[1]
        began = time.time()
        for site in self._sites:
            base = f"http://{site.address}:{port}"
            self._played[site.address] = PlayedSite(site, stories(site, self._seconds), began, base)
        return Opened(port=port, began=began)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        played = self._played[writer.get_extra_info("sockname")[0]]
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                path = head[0].split(" ")[1]
                if path == "/account":
                    accounts = {played.site.number: played.account() for played in self._played.values()}
                    writer.write(Answer(status=200, body=msgspec.json.encode(accounts)).packet())
                    continue
                played.watch.arrives(self.heart.late())
                pairs = (line.partition(":") for line in head[1:] if line)
                headers = {name.lower(): value.strip() for name, _, value in pairs}
                if not await played.send(played.answer(path, headers), reader, writer):
                    break
        writer.close()


async def main() -> None:
    """Serve until told to stop."""
    press = Press(int(sys.argv[1]), float(sys.argv[2]))
    opened = await press.open()
    print(json.dumps({"port": opened.port, "began": opened.began}), flush=True)
    await press.heart.beat()


if __name__ == "__main__":
    asyncio.run(main())
