"""`depeche backup`: a file is there when it is whole, and says what it has."""

import fcntl
import json
import os
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from cli.backup import tools
from cli.backup.tools import Tool, Work, find_tool, run_tool
from services.indexer.schema.files import all_migrations
from shared.failures import UserError
from shared.version import VERSION
from tests.cli.conftest import Run
from tests.support.servers import PostgresForTests, users

On = Callable[[str], Run]


def test_it_notes_what_a_restore_needs_to_know(
    filled: str, on: On, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    for number, size in ((1, 10), (2, 30)):
        (archive / f"{number}.warc.gz").write_bytes(b"x" * size)
        os.utime(archive / f"{number}.warc.gz", (number, number))
    monkeypatch.setenv("DEPECHE_ARCHIVE", str(archive))
    ran = on(filled)("backup", "one.dump", "--json")
    assert ran.status == 0, ran.err
    told = json.loads(ran.out)
    assert told.pop("file") == "one.dump"
    assert told == json.loads((tmp_path / "one.dump.json").read_text())
    assert (told["pages"], told["articles"]) == (5, 5)
    assert (told["schema"], told["depeche"]) == (all_migrations()[-1].version, VERSION)
    assert told["dump_bytes"] == (tmp_path / "one.dump").stat().st_size
    assert told["archive"] == {"newest": "2.warc.gz", "newest_bytes": 30, "files": 2, "bytes": 40}
    assert (tmp_path / "one.dump").stat().st_mode & 0o077 == 0, "it has everything, and is for its owner"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["archive", "one.dump", "one.dump.json"]


def test_a_file_that_is_there_is_replaced_only_with_force(dump: Path, filled: str, on: On) -> None:
    before = dump.stat().st_ino
    ran = on(filled)("backup", "one.dump")
    assert (ran.status, dump.stat().st_ino) == (2, before)
    assert "one.dump is there already" in ran.err
    assert on(filled)("backup", "one.dump", "--force").status == 0
    assert dump.stat().st_ino != before


def test_what_a_killed_backup_left_is_overwritten(filled: str, on: On, tmp_path: Path) -> None:
    (tmp_path / "one.dump.part").write_bytes(b"half" * 1_000_000)
    assert on(filled)("backup", "one.dump").status == 0
    assert not (tmp_path / "one.dump.part").exists()
    assert on(filled)("restore", "one.dump", "--yes", "--drop-old").status == 0


def test_two_backups_do_not_write_one_file(filled: str, on: On, tmp_path: Path) -> None:
    with (tmp_path / "one.dump.part").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        ran = on(filled)("backup", "one.dump")
    assert ran.status == 2
    assert "Another backup is writing" in ran.err


@pytest.mark.parametrize(("name", "said"), [("no/one.dump", "Cannot write"), (".", "is a folder")])
def test_a_place_that_cannot_be_written_is_one_sentence(name: str, said: str, filled: str, on: On) -> None:
    ran = on(filled)("backup", name)
    assert ran.status == 2
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_a_database_that_is_not_depeche_s_is_not_backed_up(postgres: PostgresForTests, on: On, tmp_path: Path) -> None:
    with postgres.database(template="template0") as url:
        ran = on(url)("backup", "one.dump")
    assert ran.status == 2
    assert "has no tables of Depeche's" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_it_needs_to_read_everything(filled: str, on: On, database: psycopg.Connection) -> None:
    with users(database, {"only_reads": "depeche_reader"}):
        ran = on(make_conninfo(filled, user="only_reads"))("backup", "one.dump")
    assert ran.status == 2
    assert "A backup needs the owner of the tables" in ran.err


def fake(folder: Path, script: str, major: int = 18) -> Tool:
    path = folder / "pg_dump"
    path.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo "pg_dump (PostgreSQL) {major}.1" && exit\n{script}\n')
    path.chmod(0o755)
    return Tool(path=path, major=major)


def test_a_full_disk_is_said_and_leaves_no_file(
    filled: str, on: On, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = fake(tmp_path, "echo half; echo 'pg_dump: error: could not write: No space left on device' >&2; exit 1")
    monkeypatch.setattr("cli.backup.dumping.find_tool", lambda *_, **__: full)
    ran = on(filled)("backup", "one.dump")
    assert ran.status == 2
    assert "A disk is full." in ran.err
    assert [file.name for file in tmp_path.iterdir()] == ["pg_dump"]


def test_a_password_is_in_no_command_line(tmp_path: Path) -> None:
    tool = fake(tmp_path, f'echo "$@ and $PGPASSWORD" > {tmp_path}/given')
    url = "postgresql://me:s3cret@db.example:5433/news?sslmode=require"
    run_tool(tool, Work(what="It", arguments=["--x"], database_url=url))
    arguments, password = (tmp_path / "given").read_text().split(" and ")
    assert "s3cret" not in arguments
    assert "host=db.example" in arguments
    assert "sslmode=require" in arguments
    assert password == "s3cret\n"


def test_the_program_fits_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "_wheel_folders", list)
    monkeypatch.setattr(tools, "VERSIONED", str(tmp_path))
    for major in (15, 17, 18):
        (tmp_path / str(major) / "bin").mkdir(parents=True)
        fake(tmp_path / str(major) / "bin", "", major)
    monkeypatch.setenv("PATH", "")
    assert find_tool("pg_dump", at_least=17).major == 17, "the server's own version"
    assert find_tool("pg_dump", at_least=16).major == 17, "else the next newer one"
    with pytest.raises(UserError, match="pg_dump 19 or newer is needed, and here is 15, 17, 18"):
        find_tool("pg_dump", at_least=19)
    assert find_tool("pg_dump", at_least=15, server=15).major == 15
    with pytest.raises(UserError, match=r"16 or newer \(but older than 17\) is needed"):
        find_tool("pg_dump", at_least=16, server=16)
    with pytest.raises(UserError, match="made by pg_dump 18 cannot be restored into Postgres 16"):
        find_tool("pg_dump", at_least=18, server=16)
    with pytest.raises(UserError, match="there is none here"):
        find_tool("pg_restore", at_least=17)
