"""The log files of a stack on this machine: their last lines, and those that are added."""

from collections.abc import Iterator
from pathlib import Path

from cli.stack.stack import WORKERS
from shared.failures import UserError

BLOCK = 64 * 1024


def log_files(home: Path) -> dict[str, Path]:
    """Return service -> the file that `depeche up` has its log written to, whether it is there or not."""
    files = {name: home / "logs" / f"{name}.log" for name in WORKERS}
    return {**files, "redis": home / "redis" / "redis.log", "postgres": home / "postgres" / "log"}


class LogFile:
    """One file, read from its last lines on; a file that is not there yet is read once it is."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_up_to = 0
        self._rest = b""

    def last_lines(self, most: int) -> list[str]:
        """Return the last lines of the file as it is now, `most` at the most; `new_lines` goes on from there."""
        try:
            with self._path.open("rb") as file:
                size = self._read_up_to = file.seek(0, 2)
                found, start, block = b"", size, BLOCK
                while start > 0 and found.count(b"\n") <= most:
                    start, block = max(0, size - block), 2 * block
                    file.seek(start)
                    found = file.read(size - start)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise UserError(f"Cannot read {self._path}: {error.strerror}.") from error
        whole, newline, self._rest = found.rpartition(b"\n")
        return _text(whole + newline)[-most:]

    def new_lines(self) -> Iterator[str]:
        """Yield the lines that were added since the last look; a file that was replaced is read from its beginning."""
        try:
            with self._path.open("rb") as file:
                if file.seek(0, 2) < self._read_up_to:
                    self._read_up_to, self._rest = 0, b""
                file.seek(self._read_up_to)
                added = file.read()
        except FileNotFoundError:
            return
        self._read_up_to += len(added)
        whole, newline, rest = (self._rest + added).rpartition(b"\n")
        self._rest = rest
        yield from _text(whole + newline)


def _text(lines: bytes) -> list[str]:
    return lines.decode("utf-8", "replace").split("\n")[:-1]
