"""The network of a run, on loopback: the site, and a proxy before each server that cuts, drops and refuses."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Literal

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Streams]]


class Loop:
    """An event loop in a thread of its own, for as long as its `with` block."""

    def __enter__(self) -> "Loop":
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="network", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine there, and return what it returns."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    async def _end(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


class Proxy:
    """Passes connections on to a server; all methods but `open` may be called from any thread."""

    def __init__(self, connect: Connect, loop: Loop) -> None:
        self._connect = connect
        self._loop = loop
        self._writers: set[asyncio.StreamWriter] = set()
        self._mode: Literal["passes", "refuses"] = "passes"
        self._delay = 0.0

    def open(self) -> int:
        """Listen on a free port, and return it."""
        return int(self._loop.run(self._open()))

    def cut(self) -> None:
        """Reset all connections."""
        self._loop.run(self._cut())

    def refuse(self, refuses: bool) -> None:
        """Reset all connections and each new one, or accept them again."""
        self._loop.run(self._refuse(refuses))

    def hold(self, holds: bool) -> None:
        """Pass nothing on any more, as a network does that drops packets; or again, on new connections only."""
        self._loop.run(self._hold(holds))

    def forget(self) -> None:
        """Pass nothing on any more on the connections that there are, and reset none; new ones are passed on."""
        self._loop.run(self._forget())

    def slow(self, seconds: float) -> None:
        """Pass on each request so many seconds later; a request is what a client sends before it is answered."""
        self._delay = seconds

    async def _open(self) -> int:
        self._flows = flowing()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=256)
        return int(server.sockets[0].getsockname()[1])

    async def _cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _refuse(self, refuses: bool) -> None:
        self._mode = "refuses" if refuses else "passes"
        await self._cut()

    async def _hold(self, holds: bool) -> None:
        if holds:
            self._flows.clear()
        else:
            await self._cut()
            self._flows.set()

    async def _forget(self) -> None:
        self._flows.clear()
        self._flows = flowing()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mine = {writer}
        try:
            if self._mode == "refuses":
                return
            upstream_reader, upstream = await self._connect()
            mine.add(upstream)
            self._writers |= mine
            answered = asyncio.Event()
            ways = [self._ask(reader, upstream, answered), self._pass_on(upstream_reader, writer, answered)]
            tasks = [asyncio.ensure_future(way) for way in ways]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
        except (OSError, asyncio.CancelledError):
            return  # the server is away, and so is this connection; or all ends
        finally:
            self._writers -= mine
            for one in mine:
                one.transport.abort()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answered: asyncio.Event) -> None:
        flows = self._flows
        try:
            answered.set()
            while data := await reader.read(1 << 16):
                if answered.is_set() and self._delay:
                    await asyncio.sleep(self._delay)
                answered.clear()
                await flows.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            return

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answered: asyncio.Event
    ) -> None:
        flows = self._flows
        try:
            while data := await reader.read(1 << 16):
                answered.set()
                await flows.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            return


def flowing() -> asyncio.Event:
    """An event that is set until packets are dropped."""
    event = asyncio.Event()
    event.set()
    return event


def to_tcp(port: int) -> Connect:
    """A server on a loopback port."""
    return lambda: asyncio.open_connection("127.0.0.1", port)


def to_unix(path: str) -> Connect:
    """A server on a Unix socket."""
    return lambda: asyncio.open_unix_connection(path)
