"""Unpacks WARC records one by one: gzip members, and frames of Zstandard with or without a dictionary.

https://iipc.github.io/warc-specifications/specifications/warc-zstd/ is the format of .warc.zst: a record is one frame
or several, a skippable frame at the file's start may hold the dictionary, and other skippable frames are passed over.
"""

import zlib
from collections.abc import Iterator
from typing import Protocol

import zstandard

from services.fetcher.archive.file_bytes import Bytes
from services.fetcher.archive.warc_heads import HEAD_BYTES, record_length

GZIP_START, ZSTD_START, DICTIONARY_START = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"\x5d\x2a\x4d\x18"
PIECE_BYTES = 65_536
# As `zstd -d` accepts without being told; the specification asks readers for 8 MiB.
WINDOW_BYTES = 128 * 1024 * 1024
MAX_DICTIONARY_BYTES = 8 * 1024 * 1024
RLE_BLOCK, RESERVED_BLOCK = 1, 3


class Broken(Exception):
    """These bytes are not a WARC record."""


class Torn(Broken):
    """The file ends in the middle of a WARC record."""


DAMAGE = (Broken, zlib.error, zstandard.ZstdError)


class Packed(Protocol):
    """The bytes of one packed record, piece by piece; `end` is where they end in the file, once they were all read."""

    end: int

    def __iter__(self) -> Iterator[bytes]:
        """Yield the record's bytes; raises one of DAMAGE."""
        ...


class GzipMember:
    """One gzip member; its checksum is verified."""

    def __init__(self, data: Bytes, start: int) -> None:
        self._data = data
        self.end = start

    def __iter__(self) -> Iterator[bytes]:
        inflate = zlib.decompressobj(wbits=31)
        position = self.end
        while not inflate.eof:
            piece = self._data[position : position + PIECE_BYTES]
            if not piece:
                raise Torn("the file ends in the middle of it")
            position += len(piece)
            while piece and not inflate.eof:
                yield inflate.decompress(piece, 1 << 20)
                piece = inflate.unconsumed_tail
        self.end = position - len(inflate.unused_data)


class ZstdRecord:
    """The frames of one record. Its blocks are unpacked one by one: each makes 128 KiB at the most."""

    def __init__(self, data: Bytes, start: int, dictionary: zstandard.ZstdCompressionDict | None) -> None:
        self._data = data
        self._decompressor = zstandard.ZstdDecompressor(dict_data=dictionary, max_window_size=WINDOW_BYTES)
        self.end = start
        self.frame_ends: list[int] = []

    def __iter__(self) -> Iterator[bytes]:
        head, size = b"", 0
        while True:
            for piece in self._frame():
                head += piece[: max(0, HEAD_BYTES - len(head))]
                size += len(piece)
                yield piece
            self.frame_ends.append(self.end)
            length = record_length(head)
            if size >= length if length is not None else b"\r\n\r\n" in head or len(head) >= HEAD_BYTES:
                return
            following = after_extensions(self._data, self.end)
            if self._data[following : following + 4] != ZSTD_START:
                return
            self.end = following

    def _frame(self) -> Iterator[bytes]:
        unpack = self._decompressor.decompressobj()
        for block in self._blocks():
            yield unpack.decompress(block)
        if not unpack.eof:
            raise Broken("its frame does not end where it says")

    def _blocks(self) -> Iterator[bytes]:
        """Yields the frame's header, its blocks and its checksum; a block's size stands in its first three bytes."""
        first = self._data[self.end : self.end + 18]
        size = zstandard.frame_header_size(first)
        parameters = zstandard.get_frame_parameters(first)
        yield self._taken(size)
        last = False
        while not last:
            head = int.from_bytes(self._data[self.end : self.end + 3], "little")
            last, kind, size = bool(head & 1), head >> 1 & 3, head >> 3
            if kind == RESERVED_BLOCK:
                raise Broken("it is no Zstandard block")
            yield self._taken(3 + (1 if kind == RLE_BLOCK else size))
        if parameters.has_checksum:
            yield self._taken(4)

    def _taken(self, size: int) -> bytes:
        taken = self._data[self.end : self.end + size]
        if len(taken) < size:
            raise Torn("the file ends in the middle of it")
        self.end += size
        return taken


def is_extension(head: bytes) -> bool:
    """Returns whether a skippable frame begins with these four bytes."""
    return head[1:4] == DICTIONARY_START[1:] and head[0] >> 4 == 5


def after_extensions(data: Bytes, start: int) -> int:
    """Returns where the skippable frames that stand at `start` end."""
    while is_extension(data[start : start + 4]):
        start += 8 + int.from_bytes(data[start + 4 : start + 8], "little")
    return start


def dictionary_at(data: Bytes, start: int) -> zstandard.ZstdCompressionDict:
    """Returns the dictionary that the frame at `start` holds, as it is or compressed; raises Broken."""
    size = int.from_bytes(data[start + 4 : start + 8], "little")
    if size > MAX_DICTIONARY_BYTES:
        raise Broken(f"its dictionary is larger than {MAX_DICTIONARY_BYTES:,} bytes")
    content = data[start + 8 : start + 8 + size]
    try:
        if content.startswith(ZSTD_START):
            unpack = zstandard.ZstdDecompressor(max_window_size=MAX_DICTIONARY_BYTES).stream_reader(content)
            content = unpack.read(MAX_DICTIONARY_BYTES)
        dictionary = zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_FULLDICT)
        zstandard.ZstdDecompressor(dict_data=dictionary)  # looks whether it can be used
    except zstandard.ZstdError as error:
        raise Broken(f"its dictionary cannot be read: {error}") from error
    return dictionary


def missing_dictionary(data: Bytes, start: int) -> int | None:
    """Returns the number of the dictionary that the frame at `start` was packed with, or None without one."""
    try:
        return zstandard.get_frame_parameters(data[start : start + 18]).dict_id or None
    except zstandard.ZstdError:
        return None
