"""Serves the sample site on loopback, as a small publisher's server would.

The address is not known before the server starts, so all links of the site are root-relative.
"""

import hashlib
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

from cli.sample_site.catalogue import served_files

LOOPBACK = "127.0.0.1"
IDLE_SECONDS = 30  # a kept-alive connection that says nothing is closed after this
MEDIA_TYPES = {".html": "text/html", ".txt": "text/plain", ".xml": "application/xml"}
FEED_TYPES = {"feed.xml": "application/rss+xml", "atom.xml": "application/atom+xml"}


class SampleSite:
    """The running site: `with SampleSite() as site: fetch(site.base_url)`. Port 0 takes a free one."""

    def __init__(self, port: int = 0) -> None:
        self._server = _Server((LOOPBACK, port), _Handler)
        self._server.resources = {path: read_resource(file) for path, file in served_files().items()}
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), name="sample-site", daemon=True)

    @property
    def base_url(self) -> str:
        """The address of the front page."""
        return f"http://{LOOPBACK}:{self._server.server_port}/"

    def start(self) -> None:
        """Answer requests from now on, in threads of their own."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A file as it goes over the wire, with its validators for conditional requests."""

    body: bytes
    content_type: str
    etag: str
    modified: float  # seconds since the epoch, whole: HTTP dates know no fractions


def read_resource(file: Path) -> Resource:
    """Read one file of the site."""
    body = file.read_bytes()
    return Resource(
        body=body,
        content_type=content_type_of(file.name, body),
        etag=f'"{hashlib.sha256(body).hexdigest()[:16]}"',
        modified=float(int(file.stat().st_mtime)),
    )


def content_type_of(name: str, body: bytes) -> str:
    """UTF-8 is declared. Pages in an older encoding go without a charset: only their own <meta> tells it."""
    media_type = FEED_TYPES.get(name) or MEDIA_TYPES[Path(name).suffix]
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return media_type
    return f"{media_type}; charset=utf-8"


class _Server(ThreadingHTTPServer):
    resources: dict[str, Resource]


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "DepecheSampleSite"
    timeout = IDLE_SECONDS
    wbufsize = -1  # head and body in one packet; in two, a delayed acknowledgement costs 40 ms a page

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        resource = self.server.resources.get(unquote(urlsplit(self.path).path).removesuffix("index.html"))
        if resource is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        unchanged = self._is_unchanged(resource)
        self.send_response(HTTPStatus.NOT_MODIFIED if unchanged else HTTPStatus.OK)
        self.send_header("ETag", resource.etag)
        self.send_header("Last-Modified", formatdate(resource.modified, usegmt=True))
        self.send_header("Cache-Control", "max-age=60")
        if not unchanged:
            self.send_header("Content-Type", resource.content_type)
            self.send_header("Content-Length", str(len(resource.body)))
        self.end_headers()
        if with_body and not unchanged:
            self.wfile.write(resource.body)

    def _is_unchanged(self, resource: Resource) -> bool:
        """RFC 9110, section 13.2.2: a date counts only where no entity tag is sent."""
        known_tags = self.headers.get("If-None-Match")
        if known_tags is not None:
            tags = {tag.strip().removeprefix("W/") for tag in known_tags.split(",")}
            return "*" in tags or resource.etag in tags
        try:
            return parsedate_to_datetime(self.headers.get("If-Modified-Since", "")).timestamp() >= resource.modified
        except ValueError:
            return False

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing: the demo's own output is what its reader wants to see."""
