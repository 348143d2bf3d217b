"""Exchanges as a download keeps them, and an archive to put them in."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.fetcher.archive.archive import Archive
from services.fetcher.archive.warc_records import Visit
from services.fetcher.download.exchange import RawExchange
from shared.messages import Origin

AT = datetime(2025, 5, 8, 10, 0, 0, 123456, tzinfo=UTC)
URL = "https://news.example/harbour?a=1"
PAGE = "<p>The harbour has opened. Ça alors.</p>".encode()


def exchange(body: bytes = PAGE, **facts: Any) -> RawExchange:
    """A page and its answer."""
    given: dict[str, Any] = {
        "url": URL,
        "sent_at": AT,
        "target": b"/harbour?a=1",
        "request_headers": [(b"Host", b"news.example"), (b"User-Agent", b"Depeche/0.1")],
        "status": 200,
        "reason": b"OK",
        "response_headers": [(b"Content-Type", b"text/html; charset=utf-8"), (b"X-Odd", b"caf\xe9")],
        "body": body,
        "peer": "192.0.2.7",
    }
    return RawExchange(**{**given, **facts})


def visit(url: str = "https://short.example/h", at: datetime = AT, **facts: Any) -> Visit:
    """Why that page was asked for."""
    given = {"source": "Häfen", "found_on": "https://news.example/", **facts}
    return Visit(origin=Origin(url=url, **given), at=at)


def open_archive(folder: Path, *, max_bytes: int = 1 << 30, min_free: int = 0) -> Archive:
    """An archive in `folder`."""
    return Archive(folder, max_bytes=max_bytes, min_free=min_free, software="Depeche/0.1 (+https://desk.example/bot)")
