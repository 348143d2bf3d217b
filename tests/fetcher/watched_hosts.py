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

from benchmarks.sim.watch import HostWatch, Seen
from cli.embedded import spawn, stop_process


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


async def _serve(count: int, crawl_delays: dict[str, float], grace: float) -> None:
    watches: dict[str, HostWatch] = {}

    def handler(base: str, crawl_delay: float | None) -> object:
        watch = watches[base] = HostWatch(grace=grace)

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while True:
                    head = await reader.readuntil(b"\r\n\r\n")
                    target = urlsplit(head.split(b" ")[1].decode())
                    if target.path == "/seen":
                        body = msgspec.json.encode({base: watch.seen() for base, watch in watches.items()})
                        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
                        continue
                    watch.arrives()
                    asked = {name: values[0] for name, values in parse_qs(target.query).items()}
                    status, headers, body = int(asked.get("status", 200)), {}, b"<title>A page</title>"
                    if target.path == "/robots.txt":
                        body = f"User-agent: *\nCrawl-delay: {crawl_delay or ''}\n".encode()
                    elif "to" in asked:
                        status, headers = 302, {"Location": asked["to"]}
                    if "retry" in asked:
                        headers["Retry-After"] = asked["retry"]
                    await asyncio.sleep(float(asked.get("after", 0)))
                    if "retry" in asked:
                        watch.pauses(float(asked["retry"]))
                    lines = [f"HTTP/1.1 {status} Status", "Content-Type: text/html", f"Content-Length: {len(body)}"]
                    lines += [f"{name}: {value}" for name, value in headers.items()]
                    watch.leaves()
                    writer.write("\r\n".join([*lines, "", ""]).encode() + body)
            writer.close()

        return handle

    servers = []
    port = 0
    for number in range(count):
        address = f"127.0.0.{number + 1}"
        server = await asyncio.start_server(lambda r, w, a=address: handlers[a](r, w), address, port)
        port = server.sockets[0].getsockname()[1]
        servers.append(server)
    bases = [f"http://127.0.0.{number + 1}:{port}" for number in range(count)]
    handlers = {
        f"127.0.0.{number + 1}": handler(base, crawl_delays.get(str(number))) for number, base in enumerate(bases)
    }
    sys.stdout.write(json.dumps({"bases": bases}) + "\n")
    sys.stdout.flush()
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), json.loads(sys.argv[2]), float(sys.argv[3])))
