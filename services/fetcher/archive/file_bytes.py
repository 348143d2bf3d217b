"""The bytes of an archive: a file in memory pages, a part of one, or a stream that is never held whole."""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# How far behind the place that was read last a stream's bytes can still be had.
LOOK_BACK = 4 * 1024 * 1024


class Bytes(Protocol):
    """What the readers of records need; mmap and bytes have it."""

    def __getitem__(self, piece: slice, /) -> bytes:
        """Return the bytes of the slice; fewer, or none, beyond the end."""
        ...

    def find(self, wanted: bytes, start: int = ..., end: int = ..., /) -> int:
        """Return where the bytes stand between start and end, or -1."""
        ...


class Whole(Bytes, Protocol):
    """Bytes whose number is known."""

    def __len__(self) -> int: ...


class Part(io.RawIOBase):
    """A part of a file's bytes, without a copy; also a file for zipfile, which reads and seeks."""

    def __init__(self, data: Bytes, start: int, end: int) -> None:
        super().__init__()
        self._data = data
        self._start = start
        self.size = max(0, end - start)
        self._at = 0

    def __getitem__(self, piece: slice) -> bytes:
        start, stop = (min(max(0, at or 0), self.size) for at in (piece.start, piece.stop))
        return self._data[self._start + start : self._start + stop]

    def find(self, wanted: bytes, start: int = 0, end: int | None = None) -> int:
        """Return where the bytes stand between start and end, or -1."""
        stop = self.size if end is None else min(end, self.size)
        found = self._data.find(wanted, self._start + start, self._start + stop)
        return found - self._start if found >= 0 else -1

    def __len__(self) -> int:
        return self.size

    def seekable(self) -> bool:
        """Return that one may seek."""
        return True

    def readable(self) -> bool:
        """Return that one may read."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to the place; returns it."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Return the place at which the next read begins."""
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill the buffer from the place on; returns how many bytes there were."""
        view = memoryview(buffer)
        piece = self[self._at : self._at + len(view)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


class Window:
    """A stream's bytes, read as far as they are asked for; what is more than LOOK_BACK behind is forgotten."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._kept = bytearray()
        self._at = 0

    def __getitem__(self, piece: slice) -> bytes:
        start, stop = piece.start or 0, piece.stop or 0
        self._fill(stop, start)
        return bytes(self._kept[max(0, start - self._at) : max(0, stop - self._at)])

    def find(self, wanted: bytes, start: int = 0, end: int | None = None) -> int:
        """Return where the bytes stand between start and end, or -1; looks only at what is not forgotten yet."""
        at = max(start, self._at)
        while end is None or at < end:
            stop = at + 65_536
            self._fill(stop, at)
            limit = len(self._kept) if end is None else end - self._at
            found = self._kept.find(wanted, at - self._at, limit)
            if found >= 0:
                return self._at + found
            if self._at + len(self._kept) < stop:
                return -1
            at = self._at + len(self._kept) - len(wanted) + 1
        return -1

    def _fill(self, stop: int, needed_from: int) -> None:
        """Read up to `stop`; forgets what lies long before `needed_from`."""
        while self._at + len(self._kept) < stop:
            piece = next(self._pieces, b"")
            if not piece:
                return
            self._kept += piece
            behind = min(needed_from - self._at - LOOK_BACK, len(self._kept))
            if behind > 0:
                del self._kept[:behind]
                self._at += behind
