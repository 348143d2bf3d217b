"""A site on loopback that says what a test wants it to say."""

import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import NamedTuple, Self


class Answer(NamedTuple):
    """One answer of the site."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = {"Content-Type": "text/html; charset=utf-8"}  # noqa: RUF012 - never written to


class Site:
    """The running site: `with Site() as site: site.serve("/", b"<p>Hello</p>")`."""

    def __init__(self) -> None:
        self._answers: dict[str, list[Answer]] = {}
        self._asked: list[str] = []
        self._headers: dict[str, dict[str, str]] = {}
        self._lock = Lock()
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30
            wbufsize = -1

            def do_GET(self) -> None:
                answer = site._answer(self.path, dict(self.headers.items()))
                self.send_response(answer.status)
                for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def serve(self, path: str, *answers: Answer | bytes) -> str:
        """Give these answers, one after the other, the last for ever; returns the address."""
        with self._lock:
            self._answers[path] = [a if isinstance(a, Answer) else Answer(a) for a in answers]
        return self.url(path)

    def asked(self, path: str) -> int:
        """How often `path` has been asked for."""
        with self._lock:
            return self._asked.count(path)

    def headers_of(self, path: str) -> dict[str, str]:
        """What the last request for `path` came with; empty before there was one."""
        with self._lock:
            return self._headers.get(path, {})

    def _answer(self, path: str, headers: dict[str, str]) -> Answer:
        with self._lock:
            self._asked.append(path)
            self._headers[path] = headers
            answers = self._answers.get(path) or [Answer(b"not here", 404)]
            return answers.pop(0) if len(answers) > 1 else answers[0]


def dead_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
