"""A server on loopback that does whatever a test tells it to, byte by byte.

A test hands it a behaviour: a function of the connection and of the request's path that writes to the connection as it
likes. When the behaviour returns, the connection is closed; when the client hangs up first, that ends the behaviour.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType

Behaviour = Callable[["Visit"], None]


class Visit:
    """One connection and the request that came over it."""

    def __init__(self, connection: socket.socket, head: bytes, stopping: threading.Event) -> None:
        self.connection = connection
        self.head = head
        self._stopping = stopping

    @property
    def path(self) -> str:
        """The request's target, as sent."""
        return self.head.split(b" ", 2)[1].decode("ascii")

    def send(self, data: bytes) -> None:
        """Write `data`, all of it."""
        self.connection.sendall(data)

    def dribble(self, pieces: Iterable[bytes], *, every: float = 0.02) -> None:
        """Write the pieces at a leisurely pace, until the client or the test has had enough."""
        for piece in pieces:
            if self._stopping.wait(every):
                return
            self.send(piece)

    def say_nothing(self) -> None:
        """Keep the connection open and silent until the client hangs up or the test is over."""
        while not self._stopping.is_set():
            self.connection.settimeout(0.05)
            with suppress(TimeoutError):
                if not self.connection.recv(1024):
                    return


class HostileServer:
    """Listens on a free port, over TLS where `tls` is given; use it as a context manager."""

    def __init__(self, behaviour: Behaviour, *, address: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self._behaviour = behaviour
        self._tls = tls
        self._stopping = threading.Event()
        self._listener = socket.create_server((address, 0))
        self._threads: list[threading.Thread] = []
        self.address = address
        self.port: int = self._listener.getsockname()[1]
        self.heads: list[bytes] = []

    def url(self, path: str = "/", *, scheme: str = "http") -> str:
        """The URL of `path` on this server."""
        return f"{scheme}://{self.address}:{self.port}{path}"

    def __enter__(self) -> "HostileServer":
        self._start(self._accept)
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # Wakes the accepting thread.
        self._listener.close()
        for thread in self._threads:
            thread.join(timeout=60)
            assert not thread.is_alive(), "a behaviour did not end with its test"

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        # The client hangs up on hostile servers; that is the point.
        with connection, suppress(OSError):
            if self._tls is None:
                self._behave(connection)
            else:
                with self._tls.wrap_socket(connection, server_side=True) as encrypted:
                    self._behave(encrypted)

    def _behave(self, connection: socket.socket) -> None:
        head = self._read_head(connection)
        if not head:
            return
        self.heads.append(head)
        self._behaviour(Visit(connection, head, self._stopping))

    def _read_head(self, connection: socket.socket) -> bytes:
        head = b""
        connection.settimeout(10)
        while b"\r\n\r\n" not in head and not head.startswith(b"\x16"):  # 0x16: a TLS handshake.
            received = connection.recv(65_536)
            if not received:
                break
            head += received
        return head


def answer(body: bytes = b"", *headers: str, status: str = "200 OK") -> bytes:
    """A well-formed response that closes the connection; a Content-Length is added unless `headers` frame the body."""
    lines = [f"HTTP/1.1 {status}", "Connection: close", *headers]
    if not any(line.lower().startswith(("content-length:", "transfer-encoding:")) for line in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


@contextmanager
def serving(*responses: bytes) -> Iterator[HostileServer]:
    """A server that gives these answers, one for each request; the last one again and again."""
    left = list(responses)

    def behaviour(visit: Visit) -> None:
        visit.send(left.pop(0) if len(left) > 1 else left[0])

    with HostileServer(behaviour) as server:
        yield server
