"""A webhook's receiver on loopback: it checks signatures, notes what came, and answers as it is told."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self

KEY = bytes(range(32))
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"


class Verdict(NamedTuple):
    """What the receiver answers; it takes what it got if the status is 2xx. `silent` breaks off without an answer."""

    status: int = 204
    retry_after: str | None = None
    silent: bool = False


class Receiver:
    """The running receiver: `with Receiver(decide) as receiver`. `decide` says what becomes of each delivery."""

    def __init__(self, decide: Callable[[list[dict[str, Any]]], Verdict] = lambda _: Verdict()) -> None:
        self.came: list[list[dict[str, Any]]] = []
        self.taken: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.wrong: list[str] = []
        self._decide = decide
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                verdict = receiver._receive({k.lower(): v for k, v in self.headers.items()}, body)
                if verdict.silent:
                    self.close_connection = True
                    return
                self.send_response(verdict.status)
                if verdict.retry_after is not None:
                    self.send_header("Retry-After", verdict.retry_after)
                if verdict.status != 204:
                    self.send_header("Content-Length", "2")
                self.end_headers()
                if verdict.status != 204:
                    self.wfile.write(b"no")

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/changes"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def took(self) -> list[str]:
        """The ids that were taken, in their order, repetitions included."""
        return [change["id"] for change in self.taken]

    def _receive(self, headers: dict[str, str], body: bytes) -> Verdict:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        digest = hmac.new(KEY, signed, hashlib.sha256).digest()
        right = f"v1,{base64.b64encode(digest).decode()}"
        changes = json.loads(body)["data"]
        with self._lock:
            if right not in headers["webhook-signature"].split():
                self.wrong.append(headers["webhook-signature"])
            self.came.append(changes)
            self.headers.append(headers)
            verdict = self._decide(changes)
            # What is taken is noted before the answer is sent: an answer that is lost takes nothing back.
            if verdict.silent or 200 <= verdict.status < 300:
                self.taken += changes
            return verdict
