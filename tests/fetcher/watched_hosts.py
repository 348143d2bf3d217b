"""Hosts on loopback, in a process of their own, that do what a URL asks of them and watch how they are treated.

/page?after=0.2              answers after so many seconds
/page?to=URL                 redirects there
/page?status=429&retry=1     answers with this status and Retry-After
/robots.txt                  Crawl-delay, where the host has one
/seen                        how the hosts have been treated, as JSON; not a request that counts
"""

import asyncio
import contextlib
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import msgspec

from benchmarks.sim.watch import Heartbeat, HostWatch, Seen
from cli.stack.embedded import spawn, stop_process


class Hosts(msgspec.Struct, frozen=True, kw_only=True):
    """The addresses of the running hosts, such as http://127.0.0.2:4711."""

    bases: list[str]

    def seen(self) -> dict[str, Seen]:
        """How each host has been treated so far."""
        with urllib.request.urlopen(f"{self.bases[0]}/seen", timeout=10) as answer:
            return msgspec.json.decode(answer.read(), type=dict[str, Seen])


@contextlib.contextmanager
def watched_hosts(count: int, crawl_delays: dict[int, float], grace: float) -> Iterator[Hosts]:
    """Start the hosts; `crawl_delays` by their number."""
    command = [sys.executable, "-m", "tests.fetcher.watched_hosts", str(count), json.dumps(crawl_delays), str(grace)]
    process = spawn(command, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield msgspec.json.decode(process.stdout.readline(), type=Hosts)
    finally:
        stop_process(process, patience=5)


class _Host:
    """One host; `all_hosts` is the account of all, which each of them gives."""

    def __init__(self, watch: HostWatch, heart: Heartbeat, crawl_delay: float | None) -> None:
        self._watch = watch
        self._heart = heart
        self._crawl_delay = crawl_delay
        self.all_hosts: dict[str, HostWatch] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                target = urlsplit(head.split(b" ")[1].decode())
                if target.path == "/seen":
                    seen = {base: watch.seen() for base, watch in self.all_hosts.items()}
                    writer.write(_packet(200, {}, msgspec.json.encode(seen)))
                    continue
                self._watch.arrives(self._heart.late())
                asked = {name: values[0] for name, values in parse_qs(target.query).items()}
                await asyncio.sleep(float(asked.get("after", 0)))
                packet = self._answer(target.path, asked)
                self._watch.leaves()
                writer.write(packet)
        writer.close()

    def _answer(self, path: str, asked: dict[str, str]) -> bytes:
        if path == "/robots.txt":
            return _packet(200, {}, f"User-agent: *\nCrawl-delay: {self._crawl_delay or ''}\n".encode())
        if "to" in asked:
            return _packet(302, {"Location": asked["to"]}, b"")
        if "retry" in asked:
            self._watch.pauses(float(asked["retry"]))
            return _packet(int(asked["status"]), {"Retry-After": asked["retry"]}, b"")
        return _packet(int(asked.get("status", 200)), {}, b"<title>A page</title>")


def _packet(status: int, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"HTTP/1.1 {status} Status", "Content-Type: text/html", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _serve(count: int, crawl_delays: dict[str, float], grace: float) -> None:
    watches: dict[str, HostWatch] = {}
    heart, servers, port = Heartbeat(), [], 0
    for number in range(count):
        watch = HostWatch(grace=grace)
        host = _Host(watch, heart, crawl_delays.get(str(number)))
        host.all_hosts = watches
        server = await asyncio.start_server(host.serve, f"127.0.0.{number + 1}", port)
        port = server.sockets[0].getsockname()[1]
        watches[f"http://127.0.0.{number + 1}:{port}"] = watch
        servers.append(server)
    sys.stdout.write(json.dumps({"bases": list(watches)}) + "\n")
    sys.stdout.flush()
    await heart.beat()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), json.loads(sys.argv[2]), float(sys.argv[3])))
