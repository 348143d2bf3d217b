"""Finds the WARC files within a zip file, such as a WACZ file, without unpacking it to the disk.

https://specs.webrecorder.net/wacz/1.1.1/ wants them in the folder `archive`, stored as they are; py-wacz, Browsertrix
and ArchiveWeb.page do so. A WACZ file of several, as Browsertrix makes one of a collection, holds WACZ files in
the same way. Files that a zip program has compressed again are read as a stream.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.fetcher.archive.file_bytes import Part, Whole, Window

WARC_NAME = re.compile(r"\.w(?:arc|et|at)(?:\.gz|\.zst)?$", re.IGNORECASE)
WACZ_NAME = re.compile(r"\.wacz$", re.IGNORECASE)
LOCAL_HEAD = struct.Struct("<4s22xHH")
LOCAL_START = b"PK\x03\x04"
PIECE_BYTES = 65_536
MAX_NAME_CHARS = 200
IS_ENCRYPTED = 0x1
# A WACZ file may hold WACZ files, but these hold WARC files.
MAX_DEPTH = 2


class UnreadableZip(Exception):
    """The zip file, or one of the files in it, cannot be read; says why."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A WARC file within a zip file, from `start` to `end` of the file.

    Of one that cannot be read, `data` is why. `damage` gets a sentence where a compressed one turns out to be damaged.
    """

    name: str
    start: int
    end: int
    data: "Part | Window | str"
    damage: list[str]


def warc_entries(data: Whole, *, depth: int = 1) -> Iterator[Entry]:
    """Yields the WARC files in the zip file; raises UnreadableZip where it is damaged or holds none."""
    part = Part(data, 0, len(data))
    try:
        archive = zipfile.ZipFile(part)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableZip(f"a zip file whose directory cannot be read ({error})") from error
    found = False
    for info in archive.infolist():
        if WARC_NAME.search(info.filename):
            found = True
            yield _entry(archive, info, part)
        elif WACZ_NAME.search(info.filename) and depth < MAX_DEPTH:
            found = True
            yield from _nested(archive, info, part, depth)
    if not found:
        raise UnreadableZip(_without_warcs(archive))


def _nested(archive: zipfile.ZipFile, info: zipfile.ZipInfo, part: Part, depth: int) -> Iterator[Entry]:
    outer = _entry(archive, info, part)
    if not isinstance(outer.data, Part):
        why = "a zip file that is compressed within a zip file; `unzip` unpacks it"
        yield replace(outer, data=outer.data if isinstance(outer.data, str) else why)
        return
    try:
        for entry in warc_entries(outer.data, depth=depth + 1):
            name = f"{outer.name}/{entry.name}"
            yield replace(entry, name=name, start=outer.start + entry.start, end=outer.start + entry.end)
    except UnreadableZip as problem:
        yield replace(outer, data=str(problem))


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, part: Part) -> Entry:
    name = "".join(c if c.isprintable() else "?" for c in info.filename)[-MAX_NAME_CHARS:]
    damage: list[str] = []
    content: Part | Window | str
    start = part.size
    head = part[info.header_offset : info.header_offset + LOCAL_HEAD.size]
    if len(head) == LOCAL_HEAD.size and head.startswith(LOCAL_START):
        _, name_bytes, extra_bytes = LOCAL_HEAD.unpack(head)
        start = info.header_offset + LOCAL_HEAD.size + name_bytes + extra_bytes
    end = start + info.compress_size
    if end > part.size:
        content = "it does not stand where the zip file's directory says"
    elif info.flag_bits & IS_ENCRYPTED:
        content = "it is encrypted"
    elif info.compress_type == zipfile.ZIP_STORED:
        content = Part(part, start, end)
    else:
        content = Window(_unpacked(archive, info, damage))
    return Entry(name=name, start=start, end=end, data=content, damage=damage)


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, damage: list[str]) -> Iterator[bytes]:
    """Yields the file's bytes; ends early, with a sentence in `damage`, where it is damaged."""
    try:
        with archive.open(info) as stream:
            while piece := stream.read(PIECE_BYTES):
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        damage.append(f"it cannot be unpacked to its end ({error})")


def _without_warcs(archive: zipfile.ZipFile) -> str:
    names = archive.namelist()
    if any("hts-cache" in name or name.endswith("hts-log.txt") for name in names[:1000]):
        return "a zip file of HTTrack, without WARC files; `httrack2warc` makes WARC files of its folder"
    return "a zip file without WARC files"
