"""The archive: whole records, whatever happens, that a library which we did not write them with can read."""

import base64
import gzip
import hashlib
import os
import resource
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from prometheus_client import generate_latest
from structlog.testing import capture_logs
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from services.fetcher.archive import archive as archive_module
from shared.failures import UserError
from tests.support.exchanges import AT, PAGE, URL, exchange, open_archive, visit
from tests.support.waiting import wait_until


class Read(NamedTuple):
    """A record as warcio gives it; `content` has its transfer and content codings undone."""

    kind: str
    headers: dict[str, str]
    http: Any
    content: bytes
    offset: int

    @property
    def id(self) -> str:
        return self.headers["WARC-Record-ID"]


def read(file: Path) -> list[Read]:
    """The file's records, as warcio reads them."""
    with file.open("rb") as stream:
        records = ArchiveIterator(stream)
        return [
            Read(
                record.rec_type,
                dict(record.rec_headers.headers),
                record.http_headers,
                record.content_stream().read(),
                records.get_record_offset(),
            )
            for record in records
        ]


def only_file(folder: Path) -> Path:
    (file,) = folder.glob("*.warc.gz")
    return file


def test_an_exchange_is_a_response_and_its_request_and_another_tool_reads_both(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    body = gzip.compress(PAGE)
    headers = [(b"Content-Encoding", b"gzip"), (b"Content-Length", b"%d" % len(body)), (b"Content-Type", b"text/html")]
    kept = archive.keep(exchange(body, response_headers=headers), visit(), None)
    archive.close()
    info, response, request = read(only_file(tmp_path))
    assert (info.kind, info.headers["WARC-Filename"]) == ("warcinfo", only_file(tmp_path).name)
    assert b"software: Depeche/0.1 (+https://desk.example/bot)" in info.content
    assert (response.kind, response.headers["WARC-Target-URI"], response.content) == ("response", URL, PAGE)
    assert response.headers["WARC-Date"] == "2025-05-08T10:00:00.123456Z"
    assert response.headers["WARC-IP-Address"] == "192.0.2.7"
    assert response.headers["Depeche-Requested-URI"] == "https://short.example/h"
    assert response.headers["Depeche-Source"] == "Häfen"
    assert response.headers["Depeche-Found-On"] == "https://news.example/"
    assert response.http.get_statuscode() == "200"
    assert (request.kind, request.headers["WARC-Concurrent-To"]) == ("request", response.id)
    assert request.http.statusline == "/harbour?a=1 HTTP/1.1"
    assert kept is not None
    assert kept.place == f"{only_file(tmp_path).name}:{response.offset}"
    assert kept.body is not None
    assert f"<{kept.body.record_id}>" == response.id


def test_digests_are_right_in_the_eyes_of_another_tool(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    kept = archive.keep(exchange(), visit(), None)
    assert kept is not None
    archive.keep(exchange(), visit(at=AT + timedelta(hours=1)), kept.body)
    archive.keep(exchange(b"", status=304), visit(at=AT + timedelta(hours=2)), kept.body)
    archive.close()

    class Arguments:
        inputs = (str(only_file(tmp_path)),)
        verbose = True

    checker = Checker(Arguments())
    checker.process_all()
    assert checker.exit_value == 0
    digest = hashlib.sha1(PAGE).digest()
    assert kept.body is not None
    assert kept.body.payload_digest == f"sha1:{base64.b32encode(digest).decode()}"


@pytest.mark.parametrize(
    ("again", "profile"),
    [
        (exchange(), "identical-payload-digest"),
        (exchange(b"", status=304, response_headers=[(b"ETag", b'"1"')]), "server-not-modified"),
    ],
)
def test_an_unchanged_page_is_a_revisit_that_names_the_record_with_its_body(
    again: Any, profile: str, tmp_path: Path
) -> None:
    archive = open_archive(tmp_path)
    first = archive.keep(exchange(), visit(), None)
    assert first is not None
    second = archive.keep(again, visit(at=AT + timedelta(minutes=5)), first.body)
    archive.close()
    _, response, _, revisit, request = read(only_file(tmp_path))
    assert (revisit.kind, revisit.content) == ("revisit", b"")
    assert revisit.headers["WARC-Profile"] == f"http://netpreserve.org/warc/1.1/revisit/{profile}"
    assert revisit.headers["WARC-Refers-To"] == response.id
    assert revisit.headers["WARC-Refers-To-Target-URI"] == URL
    assert revisit.headers["WARC-Refers-To-Date"] == response.headers["WARC-Date"]
    assert revisit.http.get_statuscode() == str(again.status)
    assert request.headers["WARC-Concurrent-To"] == revisit.id
    assert second is not None
    assert (second.place, second.body) == (None, first.body)


def test_another_body_is_kept_in_full_and_so_is_the_same_after_a_week(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    first = archive.keep(exchange(), visit(), None)
    assert first is not None
    other = archive.keep(exchange(b"<p>Another</p>"), visit(at=AT + timedelta(minutes=1)), first.body)
    late = archive.keep(exchange(), visit(at=AT + timedelta(days=7, minutes=1)), first.body)
    archive.close()
    assert [record.kind for record in read(only_file(tmp_path))] == ["warcinfo", *["response", "request"] * 3]
    assert other is not None
    assert late is not None
    assert len({first.place, other.place, late.place}) == 3


def test_credentials_and_undone_framing_are_left_out(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    sent = [(b"Host", b"news.example"), (b"X-Key", b"hush"), (b"AUTHORIZATION", b"hush"), (b"Cookie", b"hush")]
    received = [(b"Transfer-Encoding", b"chunked"), (b"Set-Cookie", b"a=b")]
    archive.keep(
        exchange(request_headers=sent, response_headers=received, secret_headers=frozenset({"x-key"})), visit(), None
    )
    archive.close()
    _, response, request = read(only_file(tmp_path))
    assert [name for name, _ in request.http.headers] == ["Host"]
    assert [name for name, _ in response.http.headers] == ["Set-Cookie"]
    assert b"hush" not in gzip.decompress(only_file(tmp_path).read_bytes())
    assert response.content == PAGE


def test_credentials_in_an_address_are_left_out(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    secret = "https://desk:hush@news.example/a@b?c=d@e"
    archive.keep(exchange(), visit(url=secret, found_on=secret.replace("desk:hush", "hu@sh")), None)
    archive.close()
    _, response, _ = read(only_file(tmp_path))
    assert response.headers["Depeche-Requested-URI"] == "https://news.example/a@b?c=d@e"
    assert response.headers["Depeche-Found-On"] == "https://news.example/a@b?c=d@e"
    assert b"hush" not in gzip.decompress(only_file(tmp_path).read_bytes())


@pytest.mark.parametrize(
    "nasty", ["line\r\nWARC-Type: resource", "nul \0", "lone \udcff", "x" * 5_000, "https://news.example/\u2028"]
)
def test_no_name_can_break_a_record(nasty: str, tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    assert archive.keep(exchange(), visit(url=nasty, source=nasty, found_on=nasty), None) is not None
    archive.close()
    assert [record.kind for record in read(only_file(tmp_path))] == ["warcinfo", "response", "request"]


def test_files_are_ended_by_size_and_each_says_what_it_is(tmp_path: Path) -> None:
    archive = open_archive(tmp_path, max_bytes=20_000)
    places = [archive.keep(exchange(os.urandom(6_000)), visit(), None) for _ in range(10)]
    archive.close()
    files = sorted(tmp_path.glob("*.warc.gz"))
    assert len(files) == 5
    assert all(file.stat().st_size <= 20_000 for file in files)
    assert [[r.kind for r in read(file)] for file in files] == [["warcinfo", *["response", "request"] * 2]] * 5
    offsets = {(file.name, r.offset) for file in files for r in read(file) if r.kind == "response"}
    assert offsets == {(k.place.partition(":")[0], int(k.place.partition(":")[2])) for k in places if k and k.place}


def test_threads_write_whole_records(tmp_path: Path) -> None:
    archive = open_archive(tmp_path, max_bytes=200_000)
    bodies = [[os.urandom(3_000 + 97 * n) for n in range(20)] for _ in range(8)]
    places: list[str | None] = []

    def run(mine: list[bytes]) -> None:
        for body in mine:
            kept = archive.keep(exchange(body), visit(), None)
            places.append(kept.place if kept else None)

    threads = [threading.Thread(target=run, args=(mine,)) for mine in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    archive.close()
    found = {(f.name, r.offset): r.content for f in tmp_path.iterdir() for r in read(f) if r.kind == "response"}
    assert {f"{name}:{offset}" for name, offset in found} == set(places)
    assert sorted(found.values()) == sorted(body for mine in bodies for body in mine)


class FullDisk:
    """`os.write` on a disk that takes so many bytes more, and `time.monotonic` to pass the pause."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room = 1 << 40
        self.now = 1000.0
        self._write = os.write
        monkeypatch.setattr(archive_module.os, "write", self.write)
        monkeypatch.setattr(archive_module.time, "monotonic", lambda: self.now)

    def write(self, descriptor: int, data: Any) -> int:
        if not self.room:
            raise OSError(28, "No space left on device")
        written = self._write(descriptor, data[: self.room])
        self.room -= written
        return written


@pytest.mark.parametrize("room", [0, 1, 50, 700])
def test_on_a_full_disk_pages_go_on_and_the_file_stays_whole(
    room: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    disk = FullDisk(monkeypatch)
    archive = open_archive(tmp_path)
    first = archive.keep(exchange(), visit(), None)
    disk.room = room
    with capture_logs() as logs:
        lost = [archive.keep(exchange(os.urandom(2_000)), visit(), None) for _ in range(5)]
        assert lost == [None] * 5
        disk.room = 1 << 40
        assert archive.keep(exchange(), visit(), None) is None  # the pause is not over
        disk.now += archive_module.PAUSE_S
        last = archive.keep(exchange(b"later"), visit(), None)
    archive.close()
    assert [(e["event"], e["log_level"], e["pages_missed"]) for e in logs] == [
        ("archive_failed", "error", 1),
        ("archive_resumed", "warning", 6),
    ]
    responses = [r for r in read(only_file(tmp_path)) if r.kind == "response"]
    assert [r.content for r in responses] == [PAGE, b"later"]
    assert [k.place and int(k.place.partition(":")[2]) for k in (first, last) if k] == [r.offset for r in responses]


def test_what_the_kernel_takes_only_half_of_is_taken_back(tmp_path: Path) -> None:
    """As on a full disk, by a limit that needs no disk of its own: a write ends short, the next one fails."""
    archive = open_archive(tmp_path)
    archive.keep(exchange(), visit(), None)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = only_file(tmp_path).stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 50_000, before[1]))
    try:
        assert archive.keep(exchange(os.urandom(200_000)), visit(), None) is None
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert only_file(tmp_path).stat().st_size == size
    assert [record.kind for record in read(only_file(tmp_path))] == ["warcinfo", "response", "request"]


def test_a_file_that_was_deleted_is_not_written_on(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    archive.keep(exchange(), visit(), None)
    only_file(tmp_path).unlink()
    kept = archive.keep(exchange(), visit(), None)
    assert kept is not None
    assert str(kept.place).startswith(only_file(tmp_path).name + ":")
    assert len(read(only_file(tmp_path))) == 3


def test_a_file_that_cannot_even_begin_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    disk = FullDisk(monkeypatch)
    archive = open_archive(tmp_path)
    disk.room = 10
    assert archive.keep(exchange(), visit(), None) is None
    assert list(tmp_path.iterdir()) == []


def test_the_archive_leaves_room_for_others(tmp_path: Path) -> None:
    archive = open_archive(tmp_path, min_free=1 << 60)
    with capture_logs() as logs:
        assert archive.keep(exchange(), visit(), None) is None
    assert "DEPECHE_ARCHIVE_MIN_FREE" in logs[0]["error"]
    assert list(tmp_path.iterdir()) == []


def test_a_scrape_succeeds_when_the_folder_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    open_archive(folder)
    folder.rmdir()
    assert b"depeche_archive_free_bytes NaN" in generate_latest()


def test_a_folder_that_cannot_be_used_is_named_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="DEPECHE_ARCHIVE"):
        open_archive(tmp_path / "file" / "archive")


WRITER = """
import os, sys
from pathlib import Path
from tests.support.exchanges import exchange, open_archive, visit
archive = open_archive(Path(sys.argv[1]))
while True:
    archive.keep(exchange(os.urandom(300_000)), visit(), None)
"""


def test_what_a_killed_process_has_written_is_readable(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)])

    def size() -> int:
        return sum(file.stat().st_size for file in tmp_path.iterdir())

    try:
        wait_until(lambda: size() > 3_000_000, what="some megabytes of archive")
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    whole = 0
    try:
        for record in iterated(only_file(tmp_path)):
            whole += record == 300_000
    except Exception:  # noqa: BLE001 - whatever warcio says of the torn record at the end
        pass
    assert whole >= 3_000_000 // 310_000 - 1


def iterated(file: Path) -> Any:
    with file.open("rb") as stream:
        for record in ArchiveIterator(stream):
            content = record.content_stream().read()
            if record.rec_type == "response":
                yield len(content)
