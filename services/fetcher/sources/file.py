"""sources.toml -> Source structs. The file is read again when it has changed."""

import difflib
import threading
import time
import tomllib
from pathlib import Path
from typing import Any

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from services.fetcher.sources.options import NO_OPTIONS, SourceOptions
from services.fetcher.sources.source import Source
from services.fetcher.sources.toml_places import Places
from shared.failures import UserError

log = structlog.get_logger()

LOOK_AGAIN_S = 2.0


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    source: list[Source] = []


def read_sources(path: Path) -> list[Source]:
    """Returns the sources of a file; raises UserError with each mistake and its line number, one per line of text."""
    text = ""
    try:
        text = path.read_text("utf-8")
        sources = _File.model_validate(tomllib.loads(text)).source
    except OSError as error:
        raise UserError(f"Cannot read the sources file {path}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is not TOML: {error}") from error
    except ValidationError as error:
        places = Places(text)
        raise UserError("\n".join(f"{path}{_mistake(e, places)}" for e in error.errors())) from error
    first: dict[str, int] = {}
    for number, source in enumerate(sources):
        if first.setdefault(source.name, number) != number:
            line = Places(text).line_of(("source", number, "name"))
            raise UserError(f"{path}{_at(line)}: two sources have the name {source.name!r}.")
    return sources


def _mistake(error: Any, places: Places) -> str:
    """Returns a mistake with its line, as `, line 7: [[source]] number 2, every: write a number …`."""
    location = error["loc"]
    keys = [part for part in location if isinstance(part, str)]
    if error["type"] == "extra_forbidden":
        within = list(_File.model_fields) if len(location) == 1 else list(Source.model_fields)
        nearest = difflib.get_close_matches(keys[-1], within, 1)
        message = "there is no such key" + (f"; do you mean {nearest[0]}?" if nearest else "")
    else:
        message = error["msg"].removeprefix("Value error, ")
    names = [f"number {part + 1}" if isinstance(part, int) else part for part in _shown(location)]
    return f"{_at(places.line_of(location))}: [[source]] {', '.join(names)}: {message}"


def _shown(location: tuple[int | str, ...]) -> list[int | str]:
    """Returns the number of the source and the key, without the deeper steps that pydantic adds for itself."""
    return [part for part in location if part != "source"][:2]


def _at(line: int | None) -> str:
    return f", line {line}" if line else ""


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
