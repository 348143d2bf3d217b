"""sources.toml -> Source structs. The file is read again when it has changed."""

import threading
import time
import tomllib
from pathlib import Path

import structlog

from services.fetcher.sources.mistakes import Checked, check_text
from services.fetcher.sources.options import NO_OPTIONS, SourceOptions
from services.fetcher.sources.source import Source
from shared.failures import UserError

log = structlog.get_logger()

LOOK_AGAIN_S = 2.0


def read_sources(path: Path) -> list[Source]:
    """Returns the sources of a file; raises UserError with each mistake and its line number, one per line of text."""
    return _read(path, strict=False).sources


def check_sources(path: Path) -> list[Source]:
    """Returns the sources of a file as `read_sources` does; raises UserError also for what the stack puts up with.

    Those are an address that two sources have, an interval under the floor, and a file without any source.
    """
    sources = _read(path, strict=True).sources
    if not sources:
        raise UserError(f"{path} is empty: there is no [[source]] in it. docs/sources.md shows how to write one.")
    return sources


def _read(path: Path, *, strict: bool) -> Checked:
    try:
        checked = check_text(path.read_text("utf-8-sig"), strict=strict)
    except OSError as error:
        raise UserError(f"Cannot read the sources file {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UserError(f"{path} is not TOML: line {line} is not UTF-8; store the file in UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path} is not TOML: {error}") from error
    if checked.mistakes:
        lines = [f"{path}{f', line {m.line}' if m.line else ''}: {m.text}" for m in checked.mistakes]
        raise UserError("\n".join(lines))
    return checked


class SourcesFile:
    """The sources as the file has them now. When a changed file is broken, that is logged and the old sources stay.

    Reading 10,000 sources takes half a second, so a thread of its own does it while the old sources stay in use.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stamp = self._seen = _stamp(path)
        self._look_at = time.monotonic() + LOOK_AGAIN_S
        self._looking = threading.Lock()
        self._use(read_sources(path) if path else [])

    @property
    def enabled(self) -> dict[str, Source]:
        """The sources that are to be visited, by name; the same object as long as the file has not changed."""
        self._look()
        return self._enabled

    def options_of(self, name: str | None) -> SourceOptions:
        """Returns how pages of this source are fetched, also for a source that is not enabled.

        The tick may have read a new source before this process has. So an unknown name makes the call wait until this
        process has read the file, too.
        """
        self._look()
        if name is None:
            return NO_OPTIONS
        if name not in self._all:
            with self._looking:
                self._read_if_changed()
        source = self._all.get(name)
        return source.options if source is not None else NO_OPTIONS

    def _look(self) -> None:
        if time.monotonic() < self._look_at or not self._looking.acquire(blocking=False):
            return
        self._look_at = time.monotonic() + LOOK_AGAIN_S
        # A half-written file may be valid TOML with half of the sources, so two looks must find it equal.
        before, self._seen = self._seen, _stamp(self._path)
        if self._seen == self._stamp or self._seen != before:
            self._looking.release()
        else:
            threading.Thread(target=self._read_and_release, name="sources-file", daemon=True).start()

    def _read_and_release(self) -> None:
        try:
            self._read_if_changed()
        finally:
            self._looking.release()

    def _read_if_changed(self) -> None:
        """Read the file if it has changed; the caller must hold the lock."""
        stamp = _stamp(self._path)
        if self._path is None or stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._use(read_sources(self._path))
            log.info("sources_file_read", file=str(self._path), sources=len(self._all))
        except UserError as error:
            problem, kept = str(error), len(self._all)
            log.error("sources_file_broken", file=str(self._path), problem=problem, kept=kept)  # noqa: TRY400

    def _use(self, sources: list[Source]) -> None:
        for source in sources:
            if not source.verify_tls:
                log.warning("tls_not_verified", source=source.name, url=source.url)
        self._all = {source.name: source for source in sources}
        self._enabled = {source.name: source for source in sources if source.enabled}


def _stamp(path: Path | None) -> tuple[int, int, int] | None:
    """Returns values that change with the file, also when a file of the same age replaces it; None without a file."""
    try:
        found = path.stat() if path else None
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino) if found else None
