"""What goes wrong with an export: no half file stands under its name, and nothing is lost for the next one."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from shared.signals import ctrl_c_noted
from tests.cli.conftest import Run
from tests.cli.test_mistakes import one_sentence
from tests.support.changing import insert

PROJECT = Path(__file__).parents[3]
FILES = ("a.jsonl", "a.jsonl.zst", "a.parquet")
FULL_BYTES = 1_000_000
MAIN = "from cli.main import main; sys.exit(main())"


class Exports:
    """Exports in processes of their own, in a folder of their own."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self._env = {**os.environ, "DEPECHE_DATABASE_URL": database_url, "PYTHONPATH": str(PROJECT)}

    def start(self, *arguments: str, before: str = "", **options: Any) -> "subprocess.Popen[str]":
        """Start one; `before` is Python that runs first."""
        return subprocess.Popen(
            [sys.executable, "-c", f"import os, sys, signal\n{before}\n{MAIN}", "export", *arguments],
            env=self._env,
            cwd=self.folder,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            **options,
        )

    def run(self, *arguments: str, before: str = "", **options: Any) -> tuple[int, str]:
        """Its exit status, and what it said."""
        with self.start(*arguments, before=before, **options) as process:
            _, err = process.communicate(timeout=60)
        assert "Traceback" not in err
        assert "Exception ignored" not in err
        return process.returncode, err

    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def exports(tmp_path: Path, database: psycopg.Connection, database_url: str) -> Exports:
    """With 1,200 articles, which random texts keep large in every format: 5 MB in the least."""
    insert(database, *range(1200))
    database.execute(
        "UPDATE depeche.articles SET body = (SELECT string_agg(md5(random()::text || article_id || n), '')"
        " FROM generate_series(1, 125) AS n)"
    )
    return Exports(tmp_path, database_url)


# The first batch is written; what comes after it waits for a line of standard input.
WAIT_AFTER_A_BATCH = """
from cli.export import reading as export_reading
batches = export_reading.Articles.batches
def one_and_wait(self):
    rows = batches(self)
    yield next(rows)
    print("waiting", file=sys.stderr, flush=True)
    os.read(0, 1)
    yield from rows
export_reading.Articles.batches = one_and_wait
"""


@pytest.fixture
def waiting(exports: Exports) -> Callable[..., "subprocess.Popen[str]"]:
    """Starts an export that has written a batch, and waits."""

    def start(*arguments: str) -> "subprocess.Popen[str]":
        process = exports.start(*arguments, before=WAIT_AFTER_A_BATCH, stdin=subprocess.PIPE)
        assert process.stderr is not None
        assert process.stderr.readline() == "waiting\n"
        return process

    return start


Waiting = Callable[..., "subprocess.Popen[str]"]


@pytest.mark.parametrize(
    ("name", "number"), [*((name, signal.SIGINT) for name in FILES), ("a.parquet", signal.SIGTERM)]
)
def test_interrupted_it_leaves_nothing_behind(
    name: str, number: signal.Signals, exports: Exports, waiting: Waiting
) -> None:
    (exports.folder / "cursor").write_text("0.0\n")
    (exports.folder / name).write_text("of yesterday")
    with waiting("--to", name, "--overwrite", "--cursor-file", "cursor") as process:
        assert any(file.endswith(".part") for file in exports.files())
        process.send_signal(number)
        _, err = process.communicate("\n", timeout=60)
    assert process.returncode == 130
    assert err == f"Interrupted while writing {name}. Nothing of it is left there.\n"
    assert exports.files() == [name, "cursor"]
    assert (exports.folder / name).read_text() == "of yesterday"
    assert (exports.folder / "cursor").read_text() == "0.0\n"


def test_a_second_ctrl_c_is_heeded_at_once() -> None:
    with ctrl_c_noted() as end_if_pressed:
        end_if_pressed()
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            end_if_pressed()


def test_killed_it_leaves_no_half_file_under_the_name(exports: Exports, waiting: Waiting) -> None:
    with waiting("--to", "a.parquet", "--cursor-file", "cursor") as process:
        process.kill()
        process.communicate(timeout=60)
    assert [name for name in exports.files() if not name.endswith(".part")] == []


@pytest.mark.parametrize("name", FILES)
def test_postgres_goes_away(name: str, exports: Exports, waiting: Waiting, database: psycopg.Connection) -> None:
    with waiting("--to", name, "--cursor-file", "cursor") as process:
        database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        _, err = process.communicate("\n", timeout=60)
    assert process.returncode == 2
    assert err.startswith("depeche: Postgres: ")
    assert err.count("\n") == 1
    assert exports.files() == []


def test_a_crash_between_file_and_cursor_repeats_and_loses_nothing(
    exports: Exports, database: psycopg.Connection
) -> None:
    assert exports.run("--to", "1.jsonl", "--cursor-file", "cursor")[0] == 0
    cursor = (exports.folder / "cursor").read_text()
    insert(database, 7)
    die = "import cli.export.command\ncli.export.command._keep_cursor = lambda *_: os.kill(os.getpid(), signal.SIGKILL)"
    assert exports.run("--to", "2.jsonl", "--cursor-file", "cursor", before=die)[0] == -signal.SIGKILL
    assert (exports.folder / "cursor").read_text() == cursor
    assert exports.run("--to", "3.jsonl", "--cursor-file", "cursor")[0] == 0
    assert (exports.folder / "2.jsonl").read_bytes() == (exports.folder / "3.jsonl").read_bytes()
    (row,) = map(json.loads, (exports.folder / "3.jsonl").read_text("utf-8").splitlines())
    assert row["version"] == 2
    assert exports.files() == ["1.jsonl", "2.jsonl", "3.jsonl", "cursor"]


@pytest.mark.parametrize("name", FILES)
def test_a_disk_that_is_full(name: str, exports: Exports) -> None:
    """The limit on a file's size stands for the disk: the write fails in the same place."""
    full = f"import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, ({FULL_BYTES}, {FULL_BYTES}))"
    status, err = exports.run("--to", name, "--cursor-file", "cursor", before=full)
    assert status == 2
    assert err == f"depeche: Cannot write {name}: File too large. Nothing of it is left there.\n"
    assert exports.files() == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("shape", ["jsonl", "parquet"])
def test_standard_output_onto_a_full_disk(shape: str, exports: Exports) -> None:
    with Path("/dev/full").open("wb") as full:
        status, err = exports.run("--format", shape, "--cursor-file", "cursor", stdout=full)
    assert status == 2
    assert err == "depeche: Cannot write standard output: No space left on device. What it has is not all.\n"
    assert exports.files() == []


@pytest.mark.parametrize("shape", ["jsonl", "parquet"])
def test_nobody_reads_standard_output_any_more(shape: str, exports: Exports) -> None:
    process = exports.start("--format", shape, "--cursor-file", "cursor", stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.read(10)
    process.stdout.close()
    with process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err == ""
    assert exports.files() == []


def test_half_a_parquet_file_on_standard_output_does_not_look_like_a_whole_one(waiting: Waiting) -> None:
    with waiting("--format", "parquet") as process:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate("\n", timeout=60)
    assert process.returncode == 130
    assert "PAR1" not in (out or "")[4:]
    assert err == "Interrupted while writing standard output. What it has is not all.\n"


def test_a_cursor_that_cannot_be_kept_is_told(export: Run, database: psycopg.Connection, tmp_path: Path) -> None:
    insert(database, 1)
    no_room_for_a_longer_name = "c" * 250
    ran = export("--to", "a.jsonl", "--cursor-file", no_room_for_a_longer_name)
    (now,) = database.execute("SELECT news.cursor_now()").fetchone() or ("",)
    assert f"The articles are exported, but: Cannot write {no_room_for_a_longer_name}" in one_sentence(ran)
    assert f"Go on with --since {now}." in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--since", "yesterday"], '"yesterday" is no cursor of news.changes'),
        (["--since", ""], '"" is no cursor of news.changes'),
        (["--since", "999999999.0"], "lies ahead of this database"),
        (["--since", "1.0", "--cursor-file", "c"], "not both"),
        (["--cursor-file", "none/c"], "no folder none"),
        (["--cursor-file", "folder"], "folder"),
        (["--cursor-file", "binary"], "binary"),
        (["--cursor-file", "bad"], '"bad" is no cursor'),
        (["--to", "a.csv"], "does not end in .jsonl or .parquet"),
        (["--to", "a.parquet", "--format", "jsonl"], "no name for the format jsonl"),
        (["--to", "a.parquet.gz"], "no name for the format parquet"),
        (["--to", "a.zst", "--format", "parquet"], "no name for the format parquet"),
        (["--to", "none/a.jsonl"], "No such file"),
        (["--to", "there.jsonl"], "is there already"),
        (["--to", "folder", "--format", "jsonl", "--overwrite"], "not an ordinary file"),
        (["--to", "/dev/null", "--format", "jsonl", "--overwrite"], "not an ordinary file"),
    ],
)
def test_a_mistake_is_one_sentence(arguments: list[str], named: str, export: Run, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "bad").write_text("bad\n")
    (tmp_path / "there.jsonl").write_text("of yesterday")
    before = sorted(tmp_path.iterdir())
    assert named in one_sentence(export(*arguments))
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "there.jsonl").read_text() == "of yesterday"


def test_a_cursor_after_which_changes_are_not_kept(export: Run, database: psycopg.Connection) -> None:
    insert(database, 1)
    (first,) = database.execute("SELECT cursor FROM news.changes").fetchone() or ("",)
    insert(database, 2)
    database.execute("UPDATE depeche.feed SET dropped_txid = 1 + split_part(%s, '.', 1)::bigint", [first])
    said = one_sentence(export("--since", first))
    assert "are not kept any more. An export without a cursor has all articles." in said
    assert export().out.count("\n") == 2


def test_an_unknown_format_is_told_with_those_that_there_are(export: Run) -> None:
    ran = export("--format", "csv")
    assert ran.status == 2
    assert "parquet" in ran.err


def test_parquet_is_nothing_for_a_terminal(exports: Exports) -> None:
    ours, terminal = os.openpty()
    with os.fdopen(ours), os.fdopen(terminal) as screen:
        status, err = exports.run("--format", "parquet", stdout=screen)
    assert status == 2
    assert "nothing for a terminal" in err


def test_a_link_stays_a_link(export: Run, tmp_path: Path) -> None:
    (tmp_path / "real.jsonl").write_text("of yesterday")
    (tmp_path / "link.jsonl").symlink_to("real.jsonl")
    assert export("--to", "link.jsonl", "--overwrite").status == 0
    assert (tmp_path / "link.jsonl").is_symlink()
    assert (tmp_path / "real.jsonl").read_text() == ""


def test_the_command_line_starts_without_the_library_for_parquet() -> None:
    check = "import sys, cli.main; sys.exit('pyarrow' in sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True, env={**os.environ, "PYTHONPATH": str(PROJECT)})
