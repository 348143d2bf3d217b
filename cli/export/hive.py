"""A folder with one Parquet file for each day, and a manifest of them: `day=2026-05-08/articles.parquet`.

The day is the one (UTC) on which an article was seen first, which never changes. So a change of an article touches one
file, and an export that is run again writes only the days of which an article has changed. A day has one file, since a
file takes the place of another in one step: a reader sees the old day or the new one. What does not belong to the table
has a name that readers of this layout pass over, with `.` or `_` in front.
"""

import contextlib
import fcntl
import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Self

import msgspec

from cli import reading
from cli.export.parquet import parquet, schema_of, type_name
from cli.export.reading import CHOSEN, Articles, Column, Wanted, columns_now, cursor_now
from cli.export.target import written
from services.indexer.connection import Connection
from services.parser.version import PARSER_VERSION
from shared.failures import UserError
from shared.version import VERSION

MANIFEST = "_manifest.json"
LOCK = ".lock"
FILE = "articles.parquet"
DAY = "(a.first_seen_at AT TIME ZONE 'UTC')::date"

DAYS = f"SELECT DISTINCT {DAY} FROM news.articles AS a WHERE {CHOSEN}"
# Whatever the choice: an article that belongs to it no longer has to leave its file.
DAYS_CHANGED = f"""
SELECT DISTINCT {DAY} FROM news.changes_since(%s, 2147483647) AS c JOIN news.articles AS a USING (article_id)
"""


class ManifestColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column with its type in Postgres and in the files (as Arrow names it)."""

    name: str
    postgres: str
    parquet: str


class DayFile(msgspec.Struct, frozen=True, kw_only=True):
    """A day's file. It has every change up to `cursor`, and perhaps later ones."""

    path: str
    day: date
    rows: int
    bytes: int
    sha256: str
    cursor: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What the folder holds. The files are all there and have all changes up to `cursor`, once there is one."""

    table: str = "news.articles"
    partitioned_by: str = "day"
    cursor: str | None = None
    exported_at: datetime | None = None
    depeche_version: str = VERSION
    parser_version: str = PARSER_VERSION
    source: str | None = None
    language: str | None = None
    tag: str | None = None
    schema: list[ManifestColumn] = []
    files: list[DayFile] = []


class Days:
    """An export into a folder, under way. `files`, `rows` and `bytes` are what it has written."""

    def __init__(self, folder: Path, connection: Connection, wanted: Wanted) -> None:
        self._folder = folder
        self._connection = connection
        self._wanted = wanted
        self._columns = columns_now(connection)
        self.cursor = cursor_now(connection, None)
        self.files = self.rows = self.bytes = 0
        found = _manifest_in(folder)
        self._known = {file.day: file for file in found.files}
        self._manifest = msgspec.structs.replace(
            found,
            schema=_described(self._columns),
            depeche_version=VERSION,
            parser_version=PARSER_VERSION,
            **_choice_of(wanted),
        )
        if self._known and _choice(found) != _choice_of(wanted):
            raise UserError(f"{folder} has another choice of --source, --language and --tag; name another folder.")
        self._is_other_schema = found.schema != self._manifest.schema

    @classmethod
    @contextlib.contextmanager
    def opened(cls, folder: Path, database_url: str, wanted: Wanted) -> Iterator[Self]:
        """Open a folder of such an export, or make it; raises UserError if it holds other things, or is in use."""
        with _lock(folder), reading.connected(database_url) as connection:
            for rest in folder.glob(f"day=*/.{FILE}.*.part"):  # of an export that was killed
                rest.unlink()
            days = cls(folder, connection, wanted)
            if not (folder / MANIFEST).exists():
                days._save(cursor=None)  # so that a folder whose first export was killed is known
            yield days

    def due(self, *, again: bool) -> list[date]:
        """Return the days to write: those without a file, and those of which an article has changed since.

        With `again`, or where the columns are others than in the files, these are all days.
        """
        chosen = msgspec.structs.asdict(self._wanted)
        days = {day for (day,) in self._connection.execute(DAYS.encode(), chosen)}
        if again or self._is_other_schema:
            return sorted(days | set(self._known))
        days -= set(self._known)
        for cursor in {file.cursor for file in self._known.values()}:
            days |= self._changed_since(cursor)
        return sorted(days)

    def _changed_since(self, cursor: str) -> set[date]:
        try:
            cursor_now(self._connection, cursor)
        except UserError as error:
            raise UserError(f"{error} Give --overwrite to write all days anew.") from error
        return {day for (day,) in self._connection.execute(DAYS_CHANGED, [cursor])}

    def write(self, day: date, end_if_pressed: Callable[[], None]) -> None:
        """Write a day's file, and then the manifest."""
        articles = Articles(self._connection, msgspec.structs.replace(self._wanted, day=day))
        try:
            if articles.total or day in self._known:
                self._known[day] = self._written(day, articles, end_if_pressed)
                self._save(cursor=self._manifest.cursor)
        finally:
            articles.close()

    def _written(self, day: date, articles: Articles, end_if_pressed: Callable[[], None]) -> DayFile:
        path, rows, digest = self._folder / f"day={day}" / FILE, 0, hashlib.sha256()
        path.parent.mkdir(exist_ok=True)
        facts = {"depeche.cursor": self.cursor, "depeche.day": str(day), "depeche.parser_version": PARSER_VERSION}
        with written(path, overwrite=True) as file:
            file.digest = digest
            with parquet(file, self._columns, facts) as write:
                for batch in articles.batches():
                    write(batch)
                    rows += len(batch)
                    end_if_pressed()
        self.files, self.rows, self.bytes = self.files + 1, self.rows + rows, self.bytes + file.bytes
        return DayFile(
            path=path.relative_to(self._folder).as_posix(),
            day=day,
            rows=rows,
            bytes=file.bytes,
            sha256=digest.hexdigest(),
            cursor=self.cursor,
        )

    def finish(self) -> None:
        """Note that the files have all changes up to the cursor, those included that were not written now."""
        self._known = {day: msgspec.structs.replace(file, cursor=self.cursor) for day, file in self._known.items()}
        self._save(cursor=self.cursor)

    def _save(self, *, cursor: str | None) -> None:
        files = [self._known[day] for day in sorted(self._known)]
        now = datetime.now(UTC)
        manifest = msgspec.structs.replace(self._manifest, files=files, cursor=cursor, exported_at=now)
        with written(self._folder / MANIFEST, overwrite=True) as file:
            file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")


def _described(columns: list[Column]) -> list[ManifestColumn]:
    schema = schema_of(columns)
    return [
        ManifestColumn(name=column.name, postgres=column.type, parquet=type_name(schema.field(column.name).type))
        for column in columns
    ]


def _choice(manifest: Manifest) -> dict[str, str | None]:
    return {"source": manifest.source, "language": manifest.language, "tag": manifest.tag}


def _choice_of(wanted: Wanted) -> dict[str, str | None]:
    return {"source": wanted.source, "language": wanted.language, "tag": wanted.tag}


def _manifest_in(folder: Path) -> Manifest:
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        return Manifest()
    except (OSError, msgspec.MsgspecError) as error:
        raise UserError(f"Cannot read {folder / MANIFEST}: {error}") from error


@contextlib.contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Keep other exports out of the folder. The lock is the process's, and ends with it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = [path.name for path in folder.iterdir() if not path.name.startswith(".")]
        if others and MANIFEST not in others:
            raise UserError(f"{folder} holds other things than such an export; name an empty folder, or a new one.")
        with (folder / LOCK).open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
    except BlockingIOError as error:
        raise UserError(f"Another export is writing into {folder}.") from error
    except OSError as error:
        raise UserError(f"Cannot write into {folder}: {error.strerror or error}.") from error
