"""What does the archive cost per page, and which compression is worth its cost?

  python -m benchmarks.archive FOLDER [--pages N] [--json]

Takes the pages (*.html, *.html.gz) of a folder as a server would send them, plain and in each coding that the fetcher
asks for. Makes WARC records of them at several levels of gzip, and archives and reads them back at the level that the
archive uses. Times are CPU times of one thread. Without options the result is also written into docs/benchmarks.md.
"""

import argparse
import gzip
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import brotli
import msgspec
import zstandard

from benchmarks.page_server import read_pages as pages_of
from benchmarks.report import setting, table, write_section
from cli.output import print_json
from services.fetcher.archive.archive import Archive
from services.fetcher.archive.left_out import LeftOut
from services.fetcher.archive.warc_pages import read_pages
from services.fetcher.archive.warc_records import LEVEL, LEVEL_OF_COMPRESSED, Visit, exchange_records
from services.fetcher.download.exchange import RawExchange
from shared.failures import UserError
from shared.messages import Origin
from shared.service import exit_status

PAGES = 300
# Records that are no answers.
BESIDE = ("request", "warcinfo")
LEVELS = (0, 1, 2, 3, 6, 9)
# As servers do it: in advance or on the fly, at their defaults.
CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
    "br": lambda body: brotli.compress(body, quality=5),
    "zstd": lambda body: zstandard.ZstdCompressor(3).compress(body),
}
AT = datetime(2026, 1, 1, tzinfo=UTC)
VISIT = Visit(
    origin=Origin(url="https://news.example/harbour", source="Example", found_on="https://news.example/"), at=AT
)


class Packed(msgspec.Struct, frozen=True, kw_only=True):
    """Records of one coding at one level of gzip, a page."""

    coding: str
    level: int
    ms: float
    kilobytes: float


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """All that was measured; times in ms of CPU a page."""

    pages: int
    page_kilobytes: float
    packed: list[Packed]
    keep: dict[str, float]
    keep_unchanged: float
    read_back: dict[str, float]


def main() -> None:
    """Measure, print, and write the section of docs/benchmarks.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=int)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    pages = [gzip.decompress(page) if page.startswith(b"\x1f\x8b") else page for page in pages_of(options.folder)]
    if not pages:
        raise UserError(f"There are no pages (*.html, *.html.gz) in {options.folder}.")
    every = max(1, len(pages) // (options.pages or PAGES))
    results = measure(pages[::every][: options.pages or PAGES])
    if options.json:
        print_json(results)
        return
    markdown = report(results)
    print(markdown)
    if options.pages is None:
        write_section("archive", markdown)


def measure(pages: Sequence[bytes]) -> Results:
    """Pack the pages in each coding at each level; keep and read back at the archive's own."""
    packed, keep, read_back = [], {}, {}
    keep_unchanged = 0.0
    for coding, encode in CODINGS.items():
        exchanges = [exchange(encode(page), coding) for page in pages]
        packed += [pack(exchanges, coding, level) for level in LEVELS]
        with tempfile.TemporaryDirectory(prefix="depeche-archive-") as folder:
            archive = Archive(Path(folder), max_bytes=1 << 40, min_free=0, software="Depeche")
            started = time.process_time()
            kept = [archive.keep(raw, VISIT, None) for raw in exchanges]
            keep[coding] = ms_a_page(started, pages)
            (file,) = Path(folder).iterdir()
            started = time.process_time()
            answers = sum(
                not isinstance(one, LeftOut) or one.reason not in BESIDE for one in read_pages(file, max_bytes=1 << 30)
            )
            if answers != len(pages):
                raise RuntimeError("not all pages came back")
            read_back[coding] = ms_a_page(started, pages)
            started = time.process_time()
            for raw, before in zip(exchanges, kept, strict=True):
                archive.keep(raw, VISIT, before.body if before else None)
            keep_unchanged = ms_a_page(started, pages)
            archive.close()
    return Results(
        pages=len(pages),
        page_kilobytes=sum(map(len, pages)) / len(pages) / 1000,
        packed=packed,
        keep=keep,
        keep_unchanged=keep_unchanged,
        read_back=read_back,
    )


def pack(exchanges: Sequence[RawExchange], coding: str, level: int) -> Packed:
    """Records of all exchanges at one level."""
    started = time.process_time()
    size = sum(len(exchange_records(raw, VISIT, None, level=level).packed) for raw in exchanges)
    ms = ms_a_page(started, exchanges)
    return Packed(coding=coding, level=level, ms=ms, kilobytes=size / len(exchanges) / 1000)


def exchange(body: bytes, coding: str) -> RawExchange:
    """A page as a server sends it."""
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Encoding": coding, "Server": "nginx"}
    return RawExchange(
        url=VISIT.origin.url,
        sent_at=AT,
        target=b"/harbour",
        request_headers=[(b"Host", b"news.example"), (b"User-Agent", b"Depeche/0.1"), (b"Accept", b"text/html,*/*")],
        status=200,
        reason=b"OK",
        response_headers=[(name.encode(), value.encode()) for name, value in headers.items()],
        body=body,
    )


def ms_a_page(started: float, pages: Sequence[object]) -> float:
    """Milliseconds of CPU since then, a page."""
    return (time.process_time() - started) * 1000 / len(pages)


def report(results: Results) -> str:
    """The section of docs/benchmarks.md."""
    levels = [
        {"gzip level": level}
        | {
            f"{p.coding}, {unit}": value
            for p in results.packed
            if p.level == level
            for unit, value in (("ms", p.ms), ("KB", p.kilobytes))
        }
        for level in LEVELS
    ]
    costs = [
        {"ms a page": "keeping a page"} | results.keep,
        {"ms a page": "reading it back"} | results.read_back,
    ]
    return "\n\n".join(
        [
            setting("fastwarc"),
            f"{results.pages} pages of {results.page_kilobytes:.0f} KB on average; columns are the codings in which a "
            f"server sent them. Records of a page, response and request, at each level:",
            table(levels),
            f"At the archive's own levels ({LEVEL_OF_COMPRESSED} for what came compressed, else {LEVEL}), on a file:",
            table(costs),
            f"A page whose body is as it was before: {results.keep_unchanged:.2f} ms.",
        ]
    )


if __name__ == "__main__":
    sys.exit(exit_status("archive benchmark", main))
