"""Pages out of WARC files: ours, warcio's, those of other crawlers, and damaged ones."""

import gzip
import hashlib
import io
import os
import tempfile
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from services.fetcher.archive.left_out import LeftOut
from services.fetcher.archive.warc_pages import ArchivedPage, read_page_at, read_pages
from shared.failures import UserError
from shared.messages import Answer, Origin, Visit
from tests.support.exchanges import AT, PAGE, URL, exchange, open_archive, visit

MAX_BYTES = 200_000
Records = Iterable[ArchivedPage | LeftOut]


EXPECTED = ("warcinfo", "request")


def read(file: Path, **options: Any) -> list[ArchivedPage | LeftOut]:
    """All but the records that every file has beside its pages."""
    records = read_pages(file, max_bytes=MAX_BYTES, **options)
    return [record for record in records if isinstance(record, ArchivedPage) or record.reason not in EXPECTED]


def pages(records: Records) -> list[ArchivedPage]:
    return [record for record in records if isinstance(record, ArchivedPage)]


def left_out(records: Records) -> list[str]:
    return [record.reason for record in records if isinstance(record, LeftOut)]


def ours(folder: Path, *bodies: bytes) -> Path:
    """A file of our own archive with these bodies, at /0, /1, ..."""
    archive = open_archive(folder / "archive")
    for number, body in enumerate(bodies):
        archive.keep(exchange(body), visit(url=f"https://short.example/{number}"), None)
    archive.close()
    (file,) = (folder / "archive").iterdir()
    return file


def test_a_page_is_read_by_its_place(tmp_path: Path) -> None:
    file = ours(tmp_path, b"<p>one</p>", b"<p>two</p>")
    for page in pages(read(file)):
        offset = int((page.answer.archive or "").rpartition(":")[2])
        assert read_page_at(file, offset, max_bytes=MAX_BYTES) == page
    assert left_out([read_page_at(file, 0, max_bytes=MAX_BYTES)]) == ["warcinfo"]
    for elsewhere in (3, file.stat().st_size, 1 << 40):
        assert left_out([read_page_at(file, elsewhere, max_bytes=MAX_BYTES)]) == ["broken_record"]


def member_starts(data: bytes) -> list[int]:
    return [at for at in range(len(data)) if data.startswith(b"\x1f\x8b\x08", at)]


class Theirs:
    """A file as another crawler writes it, with warcio, which knows nothing of ours."""

    def __init__(self, *, compressed: bool = True) -> None:
        self._file = io.BytesIO()
        self._writer = WARCWriter(self._file, gzip=compressed)

    def add(self, body: bytes = PAGE, *, url: str = URL, status: str = "200 OK", http: Any = (), **warc: str) -> None:
        headers = StatusAndHeaders(status, [("Content-Type", "text/html"), *http], protocol="HTTP/1.1")
        record = self._writer.create_warc_record(
            url,
            "response",
            payload=io.BytesIO(body),
            http_headers=headers,
            warc_headers_dict={"WARC-Date": "2025-05-08T10:00:00Z", **warc},
        )
        self._writer.write_record(record)

    def save(self, folder: Path) -> Path:
        file = folder / "CC-NEWS-20250508.warc.gz"
        file.write_bytes(self._file.getvalue())
        return file


@pytest.mark.parametrize("status_line", ["HTTP/2 200", "HTTP/1.0 203 Odd but good", "HTTP/1.1 200"])
def test_status_lines_of_all_kinds(status_line: str, tmp_path: Path) -> None:
    file = Theirs(compressed=False)
    file.add()
    path = file.save(tmp_path)
    written = b"HTTP/1.1 200 OK\r\n"
    new = status_line.encode() + b"\r\n"
    data = path.read_bytes()
    length = int(data.split(b"Content-Length: ")[1].split(b"\r\n")[0])
    data = data.replace(b"Content-Length: %d" % length, b"Content-Length: %d" % (length + len(new) - len(written)))
    path.write_bytes(data.replace(written, new))
    assert [page.body for page in pages(read(path))] == [PAGE]


def test_headers_that_are_not_ascii(tmp_path: Path) -> None:
    file = Theirs(compressed=False)
    file.add(http=[("Content-Encoding", "identity")])
    path = file.save(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"identity", b"\xff\xe9entity"))
    assert [page.body for page in pages(read(path))] == [PAGE]
    path.write_bytes(path.read_bytes().replace(b"text/html", b"text/htm\xe9"))
    assert left_out(read(path)) == ["unsupported_type"]


MUTATIONS = (b"\r\n\r\n", b"WARC/1.1\r\n", b"\x1f\x8b\x08", b"Content-Length: 99999999999\r\n", b"\xff\0", b"\r\n0\r\n")


@settings(max_examples=300)
@given(
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 9_999), st.integers(0, 60), st.binary(max_size=30) | st.sampled_from(MUTATIONS))),
)
def test_no_damage_ends_more_than_its_record(compressed: bool, cuts: list[tuple[int, int, bytes]]) -> None:
    """Whatever is cut out and put in, reading ends, and gives pages and what is left out."""
    file = Theirs(compressed=compressed)
    file.add()
    file.add(b"5\r\n<p>He\r\n0\r\n\r\n", http=[("Transfer-Encoding", "chunked")])
    file.add(gzip.compress(PAGE, mtime=0), http=[("Content-Encoding", "gzip")])
    with tempfile.TemporaryDirectory() as folder:
        path = file.save(Path(folder))
        data = bytearray(path.read_bytes())
        for at, length, instead in cuts:
            start = at % max(1, len(data))
            data[start : start + length] = instead
        path.write_bytes(data)
        for record in read(path):
            place = record.place if isinstance(record, LeftOut) else record.answer.archive or ""
            assert place.startswith(path.name)


def test_our_own_pages_come_back_as_they_were_fetched(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    body = gzip.compress(PAGE)
    kept = archive.keep(
        exchange(body, response_headers=[(b"Content-Type", b"text/html"), (b"Content-Encoding", b"gzip")]),
        visit(),
        None,
    )
    assert kept is not None
    archive.keep(exchange(body), visit(at=AT + timedelta(hours=1)), kept.body)
    archive.close()
    (file,) = tmp_path.iterdir()
    page, revisit = read(file)
    assert page == ArchivedPage(
        origin=Origin(
            url="https://short.example/h",
            source="Häfen",
            found_on="https://news.example/",
            visit=Visit(replayed=True),
        ),
        answer=Answer(
            final_url=URL,
            http_status=200,
            fetched_at=AT.isoformat(),
            content_type="text/html",
            body_bytes=len(PAGE),
            body_sha256=hashlib.sha256(PAGE).hexdigest(),
            archive=kept.place,
        ),
        body=PAGE,
    )
    assert left_out([revisit]) == ["revisit"]


@pytest.mark.parametrize("compressed", [True, False])
def test_pages_of_another_crawler(compressed: bool, tmp_path: Path) -> None:
    """As in CC-NEWS: responses alone, and the codings undone with or without a trace."""
    file = Theirs(compressed=compressed)
    chunked = b"5\r\n<p>He\r\n6;x=y\r\nllo</p\r\n1\r\n>\r\n0\r\n\r\n"
    file.add(chunked, http=[("Transfer-Encoding", "chunked")])
    file.add(b"<p>Hello</p>", http=[("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")])
    file.add(b"<p>Hello</p>", http=[("X-Crawl-Content-Encoding", "br"), ("Content-Encoding", "br")])
    file.add(brotli.compress(b"<p>Hello</p>"), http=[("Content-Encoding", "br")])
    file.add(b"abc is no chunk", http=[("Transfer-Encoding", "chunked")])
    file.add(b"5\r\ntorn", http=[("Transfer-Encoding", "chunked")])
    file.add(b"<p>Hello</p>", http=[("Content-Encoding", "rot13")], **{"WARC-Payload-Digest": "sha1:WRONG"})
    records = read(file.save(tmp_path))
    hello = b"<p>Hello</p>"
    assert [page.body for page in pages(records)] == [hello] * 4 + [b"abc is no chunk", b"5\r\ntorn", hello]
    assert {(page.origin.url, page.answer.final_url, page.origin.source) for page in pages(records)} == {
        (URL, URL, None)
    }
    assert {datetime.fromisoformat(page.answer.fetched_at) for page in pages(records)} == {
        datetime(2025, 5, 8, 10, tzinfo=UTC)
    }


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"status": "404 Not Found"}, "http_404"),
        ({"status": "301 Moved", "http": [("Location", "/")]}, "http_301"),
        ({"status": "503 Service Unavailable"}, "http_503"),
        ({"status": "99 Odd"}, "http_99"),
        ({"body": b""}, "empty_body"),
        ({"body": b"%PDF-1.7 " + bytes(99)}, "unsupported_type"),
        ({"body": os.urandom(999), "http": [("Content-Encoding", "br")]}, "unsupported_type"),
        ({"body": bytes(MAX_BYTES + 1)}, "too_large"),
        ({"body": os.urandom(MAX_BYTES * 3)}, "too_large"),
        ({"body": gzip.compress(bytes(MAX_BYTES * 50)), "http": [("Content-Encoding", "gzip")]}, "too_large"),
        ({"url": "dns:news.example"}, "scheme_unsupported"),
        ({"url": "https://news.example/" + "x" * 9_000}, "invalid_url"),
        ({"WARC-Truncated": "length"}, "truncated"),
        ({"WARC-Date": "2999-01-01T00:00:00Z"}, "from_the_future"),
        ({"WARC-Date": "soon"}, "broken_record"),
        ({"WARC-Date": "0001-01-01T00:00:00Z"}, "broken_record"),
    ],
)
def test_what_is_no_page_is_left_out_with_its_reason(given: dict[str, Any], reason: str, tmp_path: Path) -> None:
    file = Theirs()
    file.add(**given)
    file.add()
    records = read(file.save(tmp_path))
    assert left_out(records) == [reason]
    assert len(pages(records)) == 1


@pytest.mark.parametrize("damage", ["flipped", "torn out", "zeroes", "checksum"])
@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_damaged_record_is_named_and_the_others_are_read(damage: str, number: int, tmp_path: Path) -> None:
    file = ours(tmp_path, *(os.urandom(2_000).hex().encode() for _ in range(3)))
    data = bytearray(file.read_bytes())
    starts = [s for s in member_starts(bytes(data)) if gzip_starts(data, s)]
    start, end = starts[number], starts[number + 1]
    if damage == "flipped":
        data[(start + end) // 2] ^= 0xFF
    elif damage == "torn out":
        del data[(start + end) // 2 : end]
    elif damage == "zeroes":
        data[start : start + 20] = bytes(20)
    else:
        data[end - 8] ^= 0xFF
    file.write_bytes(data)
    records = read(file)
    (broken,) = [record for record in records if isinstance(record, LeftOut)]
    assert (broken.reason, broken.broken, broken.place) == ("broken_record", True, f"{file.name}:{start}")
    assert [page.origin.url[-1] for page in pages(records)] == [n for n in "012" if n != str((number - 1) // 2)]


def gzip_starts(data: bytes | bytearray, start: int) -> bool:
    try:
        with gzip.open(io.BytesIO(bytes(data[start:]))) as member:
            return member.read(5) == b"WARC/"
    except (OSError, EOFError, zlib.error):  # the two bytes of a gzip header by chance, within random bytes
        return False


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("cut", [1, 3, 50, 500])
def test_a_file_that_ends_in_the_middle_of_a_record_gives_the_whole_ones(
    compressed: bool, cut: int, tmp_path: Path
) -> None:
    theirs = Theirs(compressed=compressed)
    theirs.add(b"one" * 400)
    theirs.add(os.urandom(900).hex().encode())
    file = theirs.save(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(whole[:-cut])
    records = read(file)
    if not compressed and cut <= 3:  # the empty lines after it are no part of a record
        assert len(pages(records)) == 2
        return
    assert [page.body for page in pages(records)] == [b"one" * 400]
    assert left_out(records) == ["broken_record"]


@pytest.mark.parametrize("compressed", [True, False])
def test_a_page_cannot_forge_a_record_by_being_torn_off(compressed: bool, tmp_path: Path) -> None:
    """A body that came compressed stands in the file as it came, and may itself be a WARC file."""
    forged = Theirs(compressed=compressed)
    forged.add(b"<p>Forged</p>", url="https://bank.example/")
    theirs = Theirs(compressed=compressed)
    theirs.add()
    headers = [(b"Content-Type", b"text/plain"), (b"Content-Encoding", b"gzip")]
    archive = open_archive(tmp_path / "archive")
    evil = b"\r\n\r\n" + forged.save(tmp_path).read_bytes() + os.urandom(90_000)
    archive.keep(exchange(), visit(), None)
    archive.keep(exchange(evil, response_headers=headers), visit(), None)
    archive.close()
    (file,) = (tmp_path / "archive").iterdir()
    data = file.read_bytes() if compressed else gzip.decompress(file.read_bytes())
    assert (forged.save(tmp_path).read_bytes() in data) or not compressed
    file.write_bytes(data[:-40_000])
    assert [page.body for page in pages(read(file))] == [PAGE]


@pytest.mark.parametrize("data", [b"rubbish", os.urandom(5_000), b"WARC/1.0\r\n" * 50, b"\x1f\x8b\x08" * 2_000])
def test_a_file_that_is_no_warc_gives_nothing(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.warc.gz").write_bytes(data)
    assert set(left_out(read(tmp_path / "x.warc.gz"))) <= {"broken_record"}


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"x\.warc"):
        read(tmp_path / "x.warc")


def test_only_what_is_wanted_is_read_and_progress_reaches_the_end(tmp_path: Path) -> None:
    file = ours(tmp_path, PAGE, PAGE, PAGE)
    told: list[int] = []
    records = read(file, wanted=lambda url, at: url.endswith("1") and at == AT, progress=told.append)
    assert [page.origin.url for page in pages(records)] == ["https://short.example/1"]
    assert left_out(records) == ["filtered"] * 2
    assert told == sorted(told)
    assert told[-1] == file.stat().st_size
