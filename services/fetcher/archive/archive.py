"""Archives every page as it came, in WARC files.

Each fetcher process writes a file of its own, with one write per exchange, so that a killed process leaves whole WARC
records and at most one torn record at the end. The archive is no part of the guarantee: when it cannot be written, for
example on a full disk, that is logged and the page goes on without it.
"""

import contextlib
import errno
import math
import os
import socket
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog
from prometheus_client import Counter, Gauge

from services.fetcher.archive.warc_records import Visit, exchange_records, warcinfo_record
from services.fetcher.download.exchange import RawExchange
from shared.failures import UserError
from shared.messages import ArchivedBody

log = structlog.get_logger()

# After a failure nothing is written for this long (s), so that a full disk does not log a line for every page.
PAUSE_S = 30.0

FAILURES = Counter("depeche_archive_failures", "Times that the archive could not be written; each pauses it.")
MISSED = Counter("depeche_archive_missed_pages", "Pages that went on without being archived.")
FREE = Gauge("depeche_archive_free_bytes", "Free room on the archive's disk.")


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Where an exchange stands in the archive.

    `place` is "file.warc.gz:offset" of the answer's WARC record, or None where that record has no body of its own.
    `body` is the WARC record that has the page's body, to which a later visit may refer.
    """

    place: str | None
    body: ArchivedBody | None


class Archive:
    """Appends exchanges to WARC files in `folder`; for any number of threads."""

    def __init__(self, folder: Path, *, max_bytes: int, min_free: int, software: str) -> None:
        """`min_free` bytes are left free on the disk.

        Raises UserError when the folder cannot be written to. A full disk raises nothing here: it may have room later.
        """
        self._folder = folder
        self._max_bytes = max_bytes
        self._min_free = min_free
        self._software = software
        self._lock = threading.Lock()
        self._file: _WarcFile | None = None
        self._missed = 0
        self._paused_until = 0.0
        _require_folder(folder)
        FREE.set_function(lambda: _free_or_nan(folder))

    def keep(self, raw: RawExchange, visit: Visit, before: ArchivedBody | None) -> Kept | None:
        """Write the exchange; returns where it stands, or None when the write failed.

        `before` is where the page's body was last archived.
        """
        records = exchange_records(raw, visit, before)  # compressed before the lock is taken
        with self._lock:
            if time.monotonic() < self._paused_until:
                self._miss()
                return None
            try:
                place = self._append(records.packed)
            except OSError as error:
                self._pause(error)
                return None
            if self._missed:
                log.warning("archive_resumed", folder=str(self._folder), pages_missed=self._missed)
                self._missed = 0
        return Kept(place=None if records.repetition else place, body=records.body)

    def close(self) -> None:
        """Close the present file."""
        with self._lock:
            self._end_file()

    def _append(self, records: bytes) -> str:
        if _free(self._folder) < self._min_free + len(records):
            raise OSError(errno.ENOSPC, f"less than {self._min_free:,} bytes would be free (DEPECHE_ARCHIVE_MIN_FREE)")
        if self._file is not None and (self._file.size + len(records) > self._max_bytes or self._file.is_deleted()):
            self._end_file()
        if self._file is None:
            self._file = _WarcFile(self._folder, self._software)
        return f"{self._file.path.name}:{self._file.append(records)}"

    def _miss(self) -> None:
        self._missed += 1
        MISSED.inc()

    def _pause(self, error: OSError) -> None:
        self._miss()
        FAILURES.inc()
        self._paused_until = time.monotonic() + PAUSE_S
        if self._file is not None and self._file.torn:
            self._end_file()
        log.error(
            "archive_failed",
            folder=str(self._folder),
            error=error.strerror or str(error),
            pages_missed=self._missed,
            again_in_s=PAUSE_S,
        )

    def _end_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class _WarcFile:
    """A file that only grows, by whole WARC records."""

    def __init__(self, folder: Path, software: str) -> None:
        self.path = _new_name(folder)
        self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        self.size = 0
        self.torn = False
        try:
            self.append(warcinfo_record(self.path.name, software))
        except OSError:
            os.close(self._descriptor)
            self.path.unlink(missing_ok=True)
            raise

    def is_deleted(self) -> bool:
        """Returns whether the file was deleted while it is open: further writes to it would be lost."""
        return os.fstat(self._descriptor).st_nlink == 0

    def append(self, records: bytes) -> int:
        """Write the records at the end, all or nothing; returns their offset."""
        offset, rest = self.size, memoryview(records)
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError:
            self.torn = True
            os.ftruncate(self._descriptor, offset)
            self.torn = False
            raise
        self.size += len(records)
        return offset

    def close(self) -> None:
        """Close the file. An error that a network drive reports only now is ignored: it comes too late to be of use."""
        with contextlib.suppress(OSError):
            os.close(self._descriptor)


def _new_name(folder: Path) -> Path:
    """Returns a file name that sorts by time. The process id alone would not do: in a container it may always be 1."""
    started = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    host = "".join(c if c.isalnum() else "-" for c in socket.gethostname())[:64]
    return folder / f"depeche-{started}-{host}-{os.getpid()}.warc.gz"


def _free(folder: Path) -> int:
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def _free_or_nan(folder: Path) -> float:
    """Returns the free room for a scrape, which has to succeed even when the disk is gone."""
    try:
        return _free(folder)
    except OSError:
        return math.nan


def _require_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise UserError(
            f"DEPECHE_ARCHIVE={str(folder)!r} is no folder that can be written to ({error.strerror})."
        ) from error
