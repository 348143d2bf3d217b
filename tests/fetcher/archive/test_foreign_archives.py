"""Archives of others: their types of records, Zstandard, WACZ, files packed as a whole, and files that are none."""

import base64
import gzip
import hashlib
import io
import json
import os
import sys
import tempfile
import tracemalloc
import zipfile
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from services.fetcher.archive.left_out import LeftOut
from services.fetcher.archive.warc_members import STDIN
from services.fetcher.archive.warc_pages import ArchivedPage, read_pages
from services.parser.page import parse_page
from tests.support.foreign_archives import (
    PADDING,
    STORY,
    answer,
    gzipped,
    record,
    saved,
    skippable,
    wacz,
    zstandard_file,
)

MAX_BYTES = 200_000
URLS = [f"https://liman.example/haber/{number}" for number in range(5)]
ANSWERS = [answer(url, STORY.encode() + url.encode()) for url in URLS]


def read(file: Path) -> list[ArchivedPage | LeftOut]:
    return list(read_pages(file, max_bytes=MAX_BYTES))


def urls(records: list[ArchivedPage | LeftOut]) -> list[str]:
    return [one.origin.url for one in records if isinstance(one, ArchivedPage)]


def reasons(records: list[ArchivedPage | LeftOut]) -> dict[str, int]:
    return dict(Counter(one.reason for one in records if isinstance(one, LeftOut)))


def places(records: list[ArchivedPage | LeftOut]) -> list[str | None]:
    return [one.place if isinstance(one, LeftOut) else one.answer.archive for one in records]


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_resource_is_a_page_as_it_is(version: str, tmp_path: Path) -> None:
    made = record("resource", STORY.encode(), version=version, Target_URI=f"<{URLS[0]}>", Content_Type="text/html")
    (page,) = read(saved(tmp_path, "x.warc", made))
    assert isinstance(page, ArchivedPage)
    assert (page.origin.url, page.answer.http_status, page.answer.content_type) == (URLS[0], 200, "text/html")
    assert page.body == STORY.encode()


def test_the_text_of_a_page_is_read_as_plain_text(tmp_path: Path) -> None:
    """As in Common Crawl's WET files, which hold a warcinfo record and conversions."""
    sentences = "Το λιμάνι άνοιξε ξανά σήμερα το πρωί, ύστερα από τρεις εβδομάδες έργων στην προβλήτα. " * 4
    text = f"Το λιμάνι άνοιξε\n\n{sentences}\n\n{sentences}\n"
    made = [
        record("warcinfo", b"Software-Info: ia-web-commons\r\n", Content_Type="application/warc-fields"),
        record("conversion", text.encode(), Target_URI=URLS[1], Content_Type="text/plain"),
    ]
    info, page = read(saved(tmp_path, "CC-MAIN-1.warc.wet.gz", gzipped(made)))
    assert reasons([info]) == {"warcinfo": 1}
    assert isinstance(page, ArchivedPage)
    parsed = parse_page(page.body, url=page.answer.final_url, content_type=page.answer.content_type)
    assert parsed.article is not None
    assert parsed.article.title == "Το λιμάνι άνοιξε"


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (record("metadata", b"{}", Target_URI=URLS[0], Content_Type="application/json"), "metadata"),
        (record("request", b"GET / HTTP/1.1\r\n\r\n", Target_URI=URLS[0], Content_Type="application/http"), "request"),
        (record("continuation", b"rest", Target_URI=URLS[0], Segment_Number="2"), "segmented"),
        (answer(URLS[0], Segment_Number="1"), "segmented"),
        (record("screenshot", b"x", Target_URI=URLS[0], Content_Type="image/png"), "unknown_type"),
        (record("revisit", b"HTTP/1.1 200 OK\r\n\r\n", Target_URI=URLS[0], Content_Type="application/http"), "revisit"),
        (record("response", b"20250508 1.2.3.4", Target_URI="dns:liman.example", Content_Type="text/dns"), "not_http"),
        (record("resource", b"\x89PNG\r\n", Target_URI=URLS[0], Content_Type="image/png"), "unsupported_type"),
        (record("resource", b"\x89PNG\r\n", Target_URI=URLS[0]), "unsupported_type"),
        (record("resource", b"", Target_URI=URLS[0], Content_Type="text/html"), "empty_body"),
        (
            record("resource", b"text", Target_URI=f"urn:text:{URLS[0]}", Content_Type="text/plain"),
            "scheme_unsupported",
        ),
        (record("resource", b"<p>No address", Content_Type="text/html"), "no_address"),
        (record("resource", b"x" * (MAX_BYTES + 1), Target_URI=URLS[0], Content_Type="text/plain"), "too_large"),
        (record("conversion", b"Cut", Target_URI=URLS[0], Content_Type="text/plain", Truncated="length"), "truncated"),
        (answer(URLS[0], status="404 Not Found"), "http_404"),
    ],
)
def test_what_gives_no_page_is_counted_by_its_reason(made: bytes, reason: str, tmp_path: Path) -> None:
    for name, content in (("x.warc", made + ANSWERS[1]), ("x.warc.gz", gzipped([made, ANSWERS[1]]))):
        records = read(saved(tmp_path, name, content))
        assert (reasons(records), urls(records)) == ({reason: 1}, [URLS[1]])


@pytest.mark.parametrize("dictionary", [None, "plain", "compressed"])
@pytest.mark.parametrize("frames", [1, 3])
def test_zstandard_with_and_without_a_dictionary(dictionary: str | None, frames: int, tmp_path: Path) -> None:
    content = zstandard_file(ANSWERS, dictionary=dictionary, frames=frames)
    records = read(saved(tmp_path, "ekip.warc.zst", content))
    assert (urls(records), reasons(records)) == (URLS, {})


def test_a_zstandard_file_of_streams_that_do_not_say_their_size(tmp_path: Path) -> None:
    packed = []
    for one in ANSWERS:
        stream = zstandard.ZstdCompressor(level=19).compressobj()
        packed.append(stream.compress(one) + stream.flush())
    empty = zstandard.ZstdCompressor().compress(b"")
    content = empty + skippable(PADDING, b"") + empty.join(packed) + empty
    records = read(saved(tmp_path, "x.warc.zst", content))
    assert (urls(records), reasons(records)) == (URLS, {})


def test_a_dictionary_that_is_not_there_is_named_once(tmp_path: Path) -> None:
    (record,) = read(saved(tmp_path, "x.warc.zst", zstandard_file(ANSWERS, dictionary="missing")))
    assert isinstance(record, LeftOut)
    assert (record.reason, record.broken) == ("no_warc_file", True)
    assert "dictionary" in record.detail


@pytest.mark.parametrize("dictionary", [None, "plain"])
@pytest.mark.parametrize("frames", [1, 3])
@pytest.mark.parametrize("damage", ["flipped", "zeroes", "torn out"])
def test_a_damaged_frame_costs_its_record_alone(
    dictionary: str | None, frames: int, damage: str, tmp_path: Path
) -> None:
    answers = [answer(url, STORY.encode() + os.urandom(2000).hex().encode()) for url in URLS]
    content = bytearray(zstandard_file(answers, dictionary=dictionary, frames=frames))
    starts = [at for at in range(len(content)) if content.startswith(b"\x28\xb5\x2f\xfd", at)]
    start, end = starts[2 * frames], starts[2 * frames + 1]
    if damage == "flipped":
        content[(start + end) // 2] ^= 0xFF
    elif damage == "zeroes":
        content[start : start + 20] = bytes(20)
    else:
        del content[(start + end) // 2 : end]
    records = read(saved(tmp_path, "x.warc.zst", bytes(content)))
    assert urls(records) == URLS[:2] + URLS[3:]
    assert reasons(records) == {"broken_record": 1}
    assert f"x.warc.zst:{start}" in places(records)


def test_the_last_frame_is_torn(tmp_path: Path) -> None:
    records = read(saved(tmp_path, "x.warc.zst", zstandard_file(ANSWERS)[:-9]))
    assert (urls(records), reasons(records)) == (URLS[:-1], {"broken_record": 1})


@pytest.mark.parametrize("pack", ["gzip", "zstd"])
def test_a_file_that_was_compressed_as_a_whole_is_read(pack: str, tmp_path: Path) -> None:
    whole = b"".join(ANSWERS)
    content = gzip.compress(whole) if pack == "gzip" else zstandard.ZstdCompressor().compress(whole)
    records = read(saved(tmp_path, "x.warc.gz", content))
    assert (urls(records), reasons(records)) == (URLS, {})
    assert places(records)[:2] == ["x.warc.gz:0+0", f"x.warc.gz:0+{len(ANSWERS[0])}"]


def test_of_a_damaged_whole_only_what_is_shown_to_be_whole_is_read(tmp_path: Path) -> None:
    content = gzip.compress(b"".join(ANSWERS))
    torn = read(saved(tmp_path, "torn.warc.gz", content[:-40]))
    assert (len(urls(torn)) >= 3, reasons(torn)) == (True, {"broken_record": 1})
    made = []
    for number, url in enumerate(URLS):
        body = os.urandom(90_000).hex().encode()
        digest = f"sha1:{base64.b32encode(hashlib.sha1(body).digest()).decode()}"
        facts = {"Block_Digest": digest} if number == 1 else {}
        made.append(record("resource", body, Target_URI=url, Content_Type="text/plain", **facts))
    flipped = bytearray(gzip.compress(b"".join(made)))
    flipped[-7] ^= 0xFF  # the checksum
    records = read(saved(tmp_path, "flipped.warc.gz", bytes(flipped)))
    assert (urls(records), set(reasons(records))) == ([URLS[1]], {"broken_record"})


@pytest.mark.parametrize("name", ["x.warc.gz", "x.warc.zst", "x.wacz"])
def test_bombs_cost_no_memory(name: str, tmp_path: Path) -> None:
    bomb = answer(URLS[0], bytes(50_000_000))
    if name.endswith("zst"):
        content = zstandard_file([bomb, ANSWERS[1]])
    elif name.endswith("gz"):
        content = gzipped([bomb, ANSWERS[1]])
    else:
        content = wacz({"archive/x.warc": bomb + ANSWERS[1]}, compression=zipfile.ZIP_DEFLATED)
    file = saved(tmp_path, name, content)
    del content, bomb
    tracemalloc.start()
    records = read(file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (urls(records), reasons(records)) == ([URLS[1]], {"too_large": 1})
    assert peak < 16_000_000


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_wacz_file_is_read_without_unpacking_it(compression: int, tmp_path: Path) -> None:
    warcs = {
        "archive/rec-1.warc.gz": gzipped(ANSWERS[:2]),
        "archive/rec-2.warc": b"".join(ANSWERS[2:4]),
        "archive/rec-3.warc.zst": zstandard_file(ANSWERS[4:], dictionary=None),
    }
    file = saved(tmp_path, "koleksiyon.wacz", wacz(warcs, compression=compression))
    told: list[int] = []
    records = list(read_pages(file, max_bytes=MAX_BYTES, progress=told.append))
    assert (urls(records), reasons(records)) == (URLS, {})
    assert places(records)[0] == "koleksiyon.wacz/archive/rec-1.warc.gz:0"
    assert told == sorted(told)
    assert told[-1] <= file.stat().st_size


def test_a_wacz_file_of_wacz_files(tmp_path: Path) -> None:
    inner = {f"crawl-{n}.wacz": wacz({"archive/a.warc.gz": gzipped([ANSWERS[n]])}) for n in (0, 1)}
    inner["empty.wacz"] = wacz({})
    records = read(saved(tmp_path, "all.wacz", wacz(inner)))
    assert (urls(records), reasons(records)) == (URLS[:2], {"no_warc_file": 1})
    assert places(records)[1] == "all.wacz/crawl-1.wacz/archive/a.warc.gz:0"


def test_damage_in_a_wacz_file_costs_what_is_damaged(tmp_path: Path) -> None:
    members = [answer(url, os.urandom(3000).hex().encode()) for url in URLS]
    content = bytearray(wacz({"archive/a.warc.gz": gzipped(members[:3]), "archive/b.warc.gz": gzipped(members[3:])}))
    content[4_000] ^= 0xFF
    records = read(saved(tmp_path, "x.wacz", bytes(content)))
    assert (len(urls(records)), reasons(records)) == (4, {"broken_record": 1})
    whole = wacz({"archive/a.warc.gz": gzipped(members)})
    cut = read(saved(tmp_path, "cut.wacz", whole[: whole.index(b"PK\x01\x02") + 10]))
    assert urls(cut) == URLS
    assert reasons(cut)["no_warc_file"] == 1


OTHERS = {
    "x.arc": (b"filedesc://x.arc 0.0.0.0 20080430204825 text/plain 73\n1 0 Org\n", "ARC"),
    "x.arc.gz": (gzip.compress(b"filedesc://x.arc 0.0.0.0 20080430204825 text/plain 73\n"), "ARC"),
    "draft.warc.gz": (gzipped([record("response", b"x", version="0.18")]), "0.18"),
    "draft.warc": (record("response", b"x", version="0.17"), "0.17"),
    "later.warc": (record("response", b"x", version="2.0"), "2.0"),
    "x.warc.lz4": (b"\x04\x22\x4d\x18" + os.urandom(99), "LZ4"),
    "x.warc.bz2": (b"BZh91AY&SY" + os.urandom(99), "bzip2"),
    "x.warc.xz": (b"\xfd7zXZ\0" + os.urandom(99), "xz"),
    "x.tar": (b"x.warc.gz".ljust(257, b"\0") + b"ustar\0", "tar"),
    "x.har": (b"\xef\xbb\xbf" + json.dumps({"log": {"version": "1.2", "entries": []}}).encode(), "HAR"),
    "x.cdx": (b" CDX N b a m s k r M S V g\n", "CDX"),
    "x.cdxj": (b'example,liman)/haber 20250508100000 {"url": "https://liman.example/haber"}\n', "CDX"),
    "x.cdx.gz": (gzip.compress(b"example,liman)/haber?a=1 20250508100000 {}\n"), "CDX"),
    "x.html": (b"\n<!doctype html><title>404", "HTML"),
    "x.mhtml": (b"From: <Saved by Blink>\r\n", "MHTML"),
    "x.pdf": (b"%PDF-1.7", "PDF"),
    "empty.warc.gz": (b"", "empty"),
    "x.zip": (wacz({}), "without WARC files"),
    "new.zip": (wacz({"hts-cache/new.txt": b""}), "HTTrack"),
    "notzip.wacz": (b"PK\x03\x04" + bytes(40), "directory"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_of_another_kind_is_named_in_one_line(name: str, tmp_path: Path) -> None:
    content, said = OTHERS[name]
    (record,) = read(saved(tmp_path, name, content))
    assert isinstance(record, LeftOut)
    assert (record.reason, record.place, record.broken) == ("no_warc_file", name, True)
    assert said in record.detail


@pytest.mark.parametrize("content", [gzipped(ANSWERS), b"".join(ANSWERS), zstandard_file(ANSWERS, dictionary="plain")])
def test_standard_input(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    records = read(STDIN)
    assert (urls(records), reasons(records)) == (URLS, {})
    assert str(places(records)[0]).startswith("stdin:")


def test_standard_input_that_cannot_be_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    for content, reason in ((gzip.compress(b"".join(ANSWERS)), "broken_record"), (wacz({}), "no_warc_file")):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
        assert reasons(read(STDIN)) == {reason: 1}


FILES = [
    zstandard_file(ANSWERS, dictionary="plain"),
    zstandard_file(ANSWERS, frames=2),
    wacz({"archive/a.warc.gz": gzipped(ANSWERS)}),
    wacz({"archive/a.warc": b"".join(ANSWERS)}, compression=zipfile.ZIP_DEFLATED),
    gzip.compress(b"".join(ANSWERS)),
]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(FILES), st.lists(st.tuples(st.integers(0, 9_999), st.integers(0, 60), st.binary(max_size=30))))
def test_whatever_the_damage_reading_ends(content: bytes, cuts: list[tuple[int, int, bytes]]) -> None:

    damaged = bytearray(content)
    for at, length, instead in cuts:
        start = at % max(1, len(damaged))
        damaged[start : start + length] = instead
    with tempfile.TemporaryDirectory() as folder:
        for place in places(read(saved(Path(folder), "x.warc", bytes(damaged)))):
            assert place is not None
            assert place.startswith("x.warc")
