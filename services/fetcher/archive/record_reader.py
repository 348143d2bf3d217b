"""Reads the WARC records of one WARC file: gzip members, Zstandard frames, or plain records by their lengths.

fastwarc's own iteration stops at the first broken member, and yields a torn record as if it were whole.
"""

import contextlib
import zlib
from collections.abc import Generator, Iterator
from dataclasses import replace

import zstandard

from services.fetcher.archive.file_bytes import Bytes, Window
from services.fetcher.archive.left_out import TO_THE_END, LeftOut, Member, broken, other_file
from services.fetcher.archive.packed_records import (
    DAMAGE,
    DICTIONARY_START,
    GZIP_START,
    ZSTD_START,
    Broken,
    GzipMember,
    Packed,
    Torn,
    ZstdRecord,
    after_extensions,
    dictionary_at,
    missing_dictionary,
)
from services.fetcher.archive.warc_heads import HEAD_BYTES, TRAILING_BYTES, record_length
from services.fetcher.download.body_decoding import too_large

PLAIN_START = b"WARC/1."
SHARED = "several records share one gzip member; `warcio recompress` puts each into its own"


class RecordReader:
    """The records of one WARC file, whose places are `name:offset`, or `name+offset` within what was packed as one."""

    def __init__(
        self, data: Bytes, name: str, max_bytes: int, *, start_mark: bytes | None = None, separator: str = ":"
    ) -> None:
        self._data = data
        self._name = name
        self._max_bytes = max_bytes
        self._most = max_bytes + HEAD_BYTES
        self._start_mark = start_mark or _start_mark(data)
        self._separator = separator
        self._dictionary: zstandard.ZstdCompressionDict | None = None

    def all(self) -> Iterator[Member]:
        """Yields each record of the file."""
        try:
            start = self._without_extensions(0)
        except Broken as problem:
            yield other_file(self._name, str(problem))
            return
        if self._dictionary is None and (number := missing_dictionary(self._data, start)):
            yield other_file(self._name, f"packed with the Zstandard dictionary {number}, which the file does not hold")
            return
        yield from self._from(start)

    def at(self, start: int) -> Member:
        """Returns the record that begins at this place, of a file that is packed without a dictionary."""
        return next(self._at(start))

    def after(self, start: int) -> Iterator[Member]:
        """Yields each record from the next place on that looks like one."""
        yield from self._from(self._next_start(start))

    def _from(self, start: int) -> Iterator[Member]:
        while self._data[start : start + 1]:
            start = yield from self._at(start)
            with contextlib.suppress(Broken):
                start = self._without_extensions(start)

    def _at(self, start: int) -> Generator[Member, None, int]:
        """Yields the record at this place; several, where they were packed together. Returns where reading goes on."""
        place = f"{self._name}{self._separator}{start}"
        head = self._data[start : start + len(PLAIN_START)]
        if head.startswith(GZIP_START):
            return (yield from self._packed(GzipMember(self._data, start), start, place))
        if head.startswith(ZSTD_START):
            return (yield from self._packed(ZstdRecord(self._data, start, self._dictionary), start, place))
        try:
            content, end = self._plain(start, head)
        except Broken as problem:
            return (yield from self._broken(start, place, problem))
        yield self._whole(content, start, place, end)
        return end

    def _packed(self, packed: Packed, start: int, place: str) -> Generator[Member, None, int]:
        content, total = bytearray(), 0
        problem = None
        try:
            for piece in packed:
                total += len(piece)
                if len(content) <= self._most:
                    content += piece
        except DAMAGE as damage:
            problem = damage
        length = record_length(content)
        if length is not None and total > length + TRAILING_BYTES:
            return (yield from self._shared(packed, start, place, problem))
        if problem is not None:
            return (yield from self._broken(start, place, problem))
        if total or not isinstance(packed, ZstdRecord):  # the format allows empty frames
            yield self._whole(bytes(content), start, place, packed.end)
        return packed.end

    def _shared(
        self, packed: Packed, start: int, place: str, problem: Exception | None
    ) -> Generator[Member, None, int]:
        """Yields the records that were packed together, by unpacking them again as a stream."""
        if isinstance(packed, ZstdRecord) and len(packed.frame_ends) > 1:
            return (yield from self._broken(start, place, Broken("its frames do not fit together")))
        if isinstance(self._data, Window):  # which cannot be read twice
            return (yield from self._broken(start, place, problem or Broken(SHARED), packed.end))
        again: Packed = (
            ZstdRecord(self._data, start, self._dictionary)
            if isinstance(packed, ZstdRecord)
            else GzipMember(self._data, start)
        )
        doubtful = problem is not None and not isinstance(problem, Torn)
        damaged = False
        for member in RecordReader(Window(_until_damage(again)), place, self._max_bytes, separator="+").all():
            damaged = damaged or (isinstance(member.content, LeftOut) and member.content.broken)
            yield replace(member, end=start, doubtful=doubtful)
        if problem is None:
            return packed.end
        if damaged:
            return self._after(start, problem)
        return (yield from self._broken(start, place, problem))

    def _plain(self, start: int, head: bytes) -> tuple[bytes, int]:
        """Returns one uncompressed record, as long as its Content-Length says, and where it ends; raises Broken."""
        if head != PLAIN_START:
            raise Broken("neither a packed nor a plain WARC record begins there")
        data = self._data
        length = record_length(data[start : start + HEAD_BYTES])
        if length is None:
            raise Broken("its head has no end, or no Content-Length")
        end = start + length
        content = data[start : min(end, start + self._most + 1)]
        if not data[end - 1 : end]:
            raise Torn("the file ends in the middle of it")
        while data[end : end + 2] == b"\r\n":
            end += 2
        return content + b"\r\n\r\n", end

    def _whole(self, content: bytes, start: int, place: str, end: int) -> Member:
        if len(content) <= self._most:
            return Member(place=place, end=end, content=content)
        failure = too_large(f"the record at byte {start}", self._max_bytes)
        return Member(place=place, end=end, content=LeftOut(place=place, reason=failure.reason, detail=failure.detail))

    def _broken(
        self, start: int, place: str, problem: Exception, end: int | None = None
    ) -> Generator[Member, None, int]:
        end = self._after(start, problem) if end is None else end
        yield broken(place, end, f"no whole record at byte {start}: {problem}")
        return end

    def _after(self, start: int, problem: Exception) -> int:
        """Returns where reading goes on after damage.

        The bytes up to the file's end belong to a torn record's page, and might contain a forged record.
        """
        return TO_THE_END if isinstance(problem, Torn) else self._next_start(start + 1)

    def _next_start(self, after: int) -> int:
        """Returns where the next record begins. The first bytes of a packed one also occur by chance in packed data."""
        if self._start_mark == PLAIN_START:
            found = self._data.find(b"\r\n\r\n" + PLAIN_START, after)
            return found + 4 if found >= 0 else TO_THE_END
        while (found := self._data.find(self._start_mark, after)) >= 0:
            if self._first_unpacked(self._data[found : found + 4096]) == PLAIN_START:
                return found
            after = found + 1
        return TO_THE_END

    def _first_unpacked(self, packed: bytes) -> bytes:
        with contextlib.suppress(zlib.error, zstandard.ZstdError):
            if self._start_mark == GZIP_START:
                return zlib.decompressobj(wbits=31).decompress(packed[:512], len(PLAIN_START))
            unpack = zstandard.ZstdDecompressor(dict_data=self._dictionary)
            return unpack.stream_reader(packed).read(len(PLAIN_START))
        return b""

    def _without_extensions(self, start: int) -> int:
        """Returns where the skippable frames of Zstandard that stand at `start` end; takes the dictionary in them."""
        if self._start_mark == ZSTD_START and self._data[start : start + 4] == DICTIONARY_START:
            self._dictionary = dictionary_at(self._data, start)
        return after_extensions(self._data, start) if self._start_mark == ZSTD_START else start


def _start_mark(data: Bytes) -> bytes:
    head = data[: len(PLAIN_START)]
    if head == PLAIN_START:
        return PLAIN_START
    return ZSTD_START if head.startswith((ZSTD_START, DICTIONARY_START)) else GZIP_START


def _until_damage(packed: Packed) -> Iterator[bytes]:
    with contextlib.suppress(*DAMAGE):
        yield from packed
