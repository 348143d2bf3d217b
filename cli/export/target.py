"""Where an export goes: a file that is whole or not there, or standard output."""

import contextlib
import errno
import hashlib
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from cli.output import stderr
from shared.failures import UserError


class Counted(io.RawIOBase):
    """Passes on the bytes that are written, and counts them; `digest`, where it is set, is fed with them."""

    digest: "hashlib._Hash | None" = None

    def __init__(self, to: BinaryIO) -> None:
        self._to: BinaryIO | None = to
        self.bytes = 0

    def cut_off(self) -> None:
        """Pass nothing on any more: some writers write an end when they are closed, even of an incomplete file."""
        self._to = None

    def writable(self) -> bool:
        """Return True, for writers that ask before they write."""
        return True

    def write(self, data: Any, /) -> int:
        """Write all of these bytes; returns how many they are."""
        if self._to is not None:
            self._to.write(data)
            if self.digest is not None:
                self.digest.update(data)
        size = memoryview(data).nbytes
        self.bytes += size
        return size


@contextlib.contextmanager
def written(path: Path | None, *, overwrite: bool = False) -> Iterator[Counted]:
    """Open a file or standard output for writing.

    The file gets its name after the block, once its bytes are on the disk; if the block raises, the path stays as it
    was. Raises UserError if the file cannot be written, and BrokenPipeError if nobody reads standard output any more.
    """
    name, left = (path, "Nothing of it is left there.") if path else ("standard output", "What it has is not all.")
    try:
        with _whole(path.resolve(), overwrite=overwrite) if path else _standard_output() as file:
            yield Counted(file)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UserError(f"Cannot write {name}: {error.strerror or error}. {left}") from error
    except KeyboardInterrupt:
        stderr.print(f"Interrupted while writing {name}. {left}", markup=False, highlight=False, soft_wrap=True)
        raise


@contextlib.contextmanager
def _whole(target: Path, *, overwrite: bool) -> Iterator[BinaryIO]:
    """Open a file beside the target, and put it in the target's place at the end.

    If the target is a link, the file that it leads to is replaced, and not the link.
    """
    _refuse(target, overwrite=overwrite)
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _refuse(target, overwrite=overwrite)
        partial.replace(target)
        _sync_folder(target.parent)
    finally:
        partial.unlink(missing_ok=True)


@contextlib.contextmanager
def _standard_output() -> Iterator[BinaryIO]:
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


def _refuse(target: Path, *, overwrite: bool) -> None:
    if target.exists() and not target.is_file():
        raise UserError(f"{target} is not an ordinary file; use `-` for standard output.")
    if target.exists() and not overwrite:
        raise UserError(f"{target} is there already; name another file, or add --overwrite.")


def _sync_folder(folder: Path) -> None:
    """Make the new name outlast a power cut; some file systems cannot do this, which is ignored."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(opened)
