"""`depeche export --layout hive`: a table of one file a day, brought up to date, and never seen half written."""

import datetime as dt
import hashlib
import json
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from cli.export import reading as export_reading
from cli.export.hive import DayFile, Manifest
from cli.export.parquet import type_name
from tests.cli.conftest import Run
from tests.cli.export.test_command import as_in_the_database, cursor_of
from tests.cli.export.test_mishaps import WAIT_AFTER_A_BATCH, Exports
from tests.cli.test_mistakes import one_sentence
from tests.support.changing import insert
from tests.support.tags import tag_sources

FIRST = dt.date(2026, 5, 6)
HIVE = ("--layout", "hive", "--to", "table")


@pytest.fixture
def days(database: psycopg.Connection) -> None:
    """Three days: of five articles, of none, of three; the last moment of a day and the first one of the next."""
    insert(database, *range(8))
    first = "UPDATE depeche.articles SET first_seen_at = %s WHERE article_id = ANY (%s)"
    midnight = dt.datetime(2026, 5, 7, tzinfo=dt.UTC)
    database.execute(first, [midnight - dt.timedelta(microseconds=1), [1, 2, 3, 4, 5]])
    database.execute(first, [midnight + dt.timedelta(days=1), [6, 7, 8]])


def exported(folder: Path) -> list[dict[str, Any]]:
    """The table as one, by a reader that knows the layout and not the manifest."""
    table = ds.dataset(folder, format="parquet", partitioning="hive").to_table()
    rows = sorted(table.to_pylist(), key=lambda row: row["article_id"])
    for row in rows:
        assert str(row["first_seen_at"].date()) == row.pop("day")
        for name in ("blocks", "images", "rights", "provenance"):
            row[name] = row[name] and json.loads(row[name])
    return [json.loads(msgspec.json.encode(row)) for row in rows]


def manifest(folder: Path) -> Manifest:
    return msgspec.json.decode((folder / "_manifest.json").read_bytes(), type=Manifest)


def written_days(before: dict[dt.date, DayFile], folder: Path) -> list[int]:
    """The days of the month whose file is another one than before."""
    return [
        file.day.day for file in manifest(folder).files if file.sha256 != getattr(before.get(file.day), "sha256", None)
    ]


@pytest.mark.usefixtures("days")
def test_the_folder_is_the_table(export: Run, database: psycopg.Connection, tmp_path: Path) -> None:
    cursor = cursor_of(export(*HIVE))
    folder = tmp_path / "table"
    assert exported(folder) == as_in_the_database(database)
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == ["day=2026-05-06", "day=2026-05-08"]
    found = manifest(folder)
    assert (found.cursor, found.table, found.partitioned_by) == (cursor, "news.articles", "day")
    assert [(file.day, file.rows, file.cursor) for file in found.files] == [
        (FIRST, 5, cursor),
        (FIRST + dt.timedelta(days=2), 3, cursor),
    ]
    for file in found.files:
        data = (folder / file.path).read_bytes()
        assert (file.bytes, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        schema = pq.read_schema(folder / file.path)
        assert [(column.name, column.parquet) for column in found.schema] == [
            (field.name, type_name(field.type)) for field in schema
        ]
    types = {column.name: (column.postgres, column.parquet) for column in found.schema}
    assert types["published_at"] == ("timestamp with time zone", "timestamp[us, tz=UTC]")
    assert types["provenance"] == ("jsonb", "string")


@pytest.mark.usefixtures("days")
def test_a_second_run_writes_the_days_that_have_changed(
    export: Run, database: psycopg.Connection, tmp_path: Path
) -> None:
    first = cursor_of(export(*HIVE))
    folder = tmp_path / "table"
    before = {file.day: file for file in manifest(folder).files}
    ran = export(*HIVE)
    assert ran.err.startswith("exported 0 days, 0 articles")
    assert written_days(before, folder) == []
    insert(database, 6)
    insert(database, 20)
    database.execute("UPDATE depeche.articles SET first_seen_at = '2026-06-01' WHERE article_id = 10")
    last = cursor_of(export(*HIVE))
    assert written_days(before, folder) == [8, 1]
    assert exported(folder) == as_in_the_database(database)
    assert {file.cursor for file in manifest(folder).files} == {manifest(folder).cursor} == {last}
    assert first != last


@pytest.mark.usefixtures("days")
def test_an_export_that_is_killed_goes_on_where_it_was(
    export: Run, database: psycopg.Connection, database_url: str, tmp_path: Path
) -> None:
    """Killed in the second day: the first one is whole and known, of the second there is nothing to be seen."""
    folder = tmp_path / "table"
    second = WAIT_AFTER_A_BATCH.replace(
        "    yield next(rows)\n", "    yield next(rows)\n    if self.total == 5: return\n"
    )
    with Exports(tmp_path, database_url).start(*HIVE, before=second, stdin=-1) as process:
        assert process.stderr
        assert process.stderr.readline() == "waiting\n"
        assert "Another export is writing into" in one_sentence(export(*HIVE))
        process.send_signal(signal.SIGKILL)
    found = manifest(folder)
    assert (found.cursor, [file.day for file in found.files]) == (None, [FIRST])
    assert [path.name for path in folder.glob("*/*.parquet")] == ["articles.parquet"]
    assert len(exported(folder)) == 5
    before = {file.day: file for file in found.files}
    assert export(*HIVE).err.startswith("exported 1 day, 3 articles")
    assert written_days(before, folder) == [8]
    assert exported(folder) == as_in_the_database(database)
    assert not list(folder.glob("*/.*"))


@pytest.mark.usefixtures("days")
def test_what_changed_before_it_went_on_is_not_left_out(
    export: Run, database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    batches = export_reading.Articles.batches

    def until_the_second_day(articles: export_reading.Articles) -> Any:
        if articles.total != 5:
            raise KeyboardInterrupt
        return batches(articles)

    with monkeypatch.context() as patched:
        patched.setattr(export_reading.Articles, "batches", until_the_second_day)
        assert export(*HIVE).status == 130
    insert(database, 1)
    assert export(*HIVE).err.startswith("exported 2 days, 8 articles")
    assert exported(tmp_path / "table") == as_in_the_database(database)


@pytest.mark.usefixtures("days")
def test_a_reader_never_sees_half_a_day(export: Run, database: psycopg.Connection, tmp_path: Path) -> None:
    """The files are at any moment whole ones, of five and of three articles."""
    export(*HIVE)
    folder, stop, seen = tmp_path / "table", threading.Event(), list[int]()

    def look() -> None:
        while not stop.is_set():
            for path in sorted(folder.glob("*/*.parquet")):
                seen.append(pq.read_table(path).num_rows)

    reader = threading.Thread(target=look)
    reader.start()
    try:
        for _ in range(25):
            insert(database, *range(8))
            export(*HIVE)
    finally:
        stop.set()
        reader.join()
    assert len(seen) > 25
    assert set(seen) == {5, 3}
    assert exported(folder) == as_in_the_database(database)


@pytest.mark.usefixtures("days")
def test_an_article_that_is_of_the_choice_no_longer_leaves_its_file(
    export: Run, database: psycopg.Connection, tmp_path: Path
) -> None:
    database.execute("UPDATE depeche.articles SET language = 'fr' WHERE article_id IN (2, 7)")
    tag_sources(database, wire=["de"])
    french = (*HIVE, "--language", "fr")
    cursor_of(export(*french))
    folder = tmp_path / "table"
    assert [row["article_id"] for row in exported(folder)] == [2, 7]
    insert(database, 6)
    database.execute("UPDATE depeche.articles SET language = 'en' WHERE article_id = 7")
    cursor_of(export(*french))
    assert [row["article_id"] for row in exported(folder)] == [2]
    assert [(file.day.day, file.rows) for file in manifest(folder).files] == [(6, 1), (8, 0)]
    assert "another choice" in one_sentence(export(*HIVE))


@pytest.mark.usefixtures("days")
def test_a_folder_whose_cursor_is_lost_is_written_anew_when_told(
    export: Run, database: psycopg.Connection, tmp_path: Path
) -> None:
    export(*HIVE)
    database.execute("UPDATE depeche.feed SET dropped_txid = 1000000000000, dropped_change = 1")
    assert "--overwrite" in one_sentence(export(*HIVE))
    database.execute("UPDATE depeche.feed SET dropped_txid = 0, dropped_change = 0")
    assert export(*HIVE, "--overwrite").err.startswith("exported 2 days, 8 articles")
    assert exported(tmp_path / "table") == as_in_the_database(database)


@pytest.mark.usefixtures("days")
def test_files_with_other_columns_are_written_anew(export: Run, tmp_path: Path) -> None:
    export(*HIVE)
    file = tmp_path / "table" / "_manifest.json"
    older = json.loads(file.read_bytes())
    older["schema"].pop()
    file.write_text(json.dumps(older))
    assert export(*HIVE).err.startswith("exported 2 days, 8 articles")
    assert export(*HIVE).err.startswith("exported 0 days")


MISTAKES: list[tuple[tuple[str, ...], str]] = [
    (("--layout", "hive"), "needs a folder"),
    ((*HIVE, "--format", "jsonl"), "Parquet only"),
    ((*HIVE, "--since", "0.0"), "keeps its cursor"),
    ((*HIVE, "--cursor-file", "cursor"), "keeps its cursor"),
]


@pytest.mark.parametrize(("arguments", "says"), MISTAKES)
def test_what_does_not_go_together_is_told(export: Run, arguments: tuple[str, ...], says: str, tmp_path: Path) -> None:
    assert says in one_sentence(export(*arguments))
    assert not (tmp_path / "table").exists()


def write_other(folder: Path) -> None:
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")


def write_bad(folder: Path) -> None:
    folder.mkdir()
    (folder / "_manifest.json").write_text("{")


@pytest.mark.parametrize(
    ("prepare", "says"),
    [
        (write_other, "holds other things"),
        (write_bad, "Cannot read table/_manifest.json"),
        (lambda folder: folder.write_text("a file"), "Cannot write into table"),
    ],
)
def test_a_folder_of_something_else_is_left_alone(
    export: Run, tmp_path: Path, prepare: Callable[[Path], None], says: str
) -> None:
    prepare(tmp_path / "table")
    assert says in one_sentence(export(*HIVE, "--overwrite"))
