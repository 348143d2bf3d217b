"""Where an export goes: a file that is whole or not there, or standard output."""

import contextlib
import errno
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from cli.output import stderr
from shared.failures import UserError


class Counted(io.RawIOBase):
    """Hands on what is written, and counts it."""

    def __init__(self, to: BinaryIO) -> None:
        self._to: BinaryIO | None = to
        self.bytes = 0

    def cut_off(self) -> None:
        """Hand nothing on any more: some writers write an end when they are closed, even of what is not complete."""
        self._to = None

    def writable(self) -> bool:
        """For those who ask before they write."""
        return True

    def write(self, data: Any, /) -> int:
        """Write all of these bytes."""
        if self._to is not None:
            self._to.write(data)
        size = memoryview(data).nbytes
        self.bytes += size
        return size


@contextlib.contextmanager
def written(path: Path | None, *, overwrite: bool = False) -> Iterator[Counted]:
    """What to write to. A file has its name when the block has ended well, and what it holds is on the disk by then.

    Raises UserError when it cannot be written, and BrokenPipeError when nobody reads standard output any more.
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
    """A file beside the target, which takes its place in the end. What a link leads to is replaced, not the link."""
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
    """So that the new name outlives a power cut; some file systems know no such thing."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(opened)
