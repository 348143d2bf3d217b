"""Whatever a user gets wrong is said in one sentence, with exit status 2 and without a traceback."""

import gzip
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.cli.conftest import Run
from tests.support.running import Ran

NOBODY = "redis://:hush@127.0.0.1:1/0"


def one_sentence(ran: Ran) -> str:
    assert ran.status == 2
    assert ran.out == ""
    assert "Traceback" not in ran.err
    assert ran.err.startswith("depeche: ")
    assert ran.err.count("\n") == 1
    assert "hush" not in ran.err
    return ran.err


@pytest.mark.parametrize(
    "command",
    [
        "status",
        "articles",
        "headlines",
        "export",
        "dsn",
        "migrate",
        "fetch https://news.example/",
        "trace https://news.example/",
    ],
)
def test_no_stack_is_running(command: str, run: Run, tmp_path: Path) -> None:
    sentence = one_sentence(run(*command.split()))
    assert str(tmp_path / ".depeche") in sentence
    assert "depeche up" in sentence


def test_a_stack_that_was_killed_is_not_running(run: Run, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    file = tmp_path / ".depeche" / "run" / "stack.json"
    file.parent.mkdir(parents=True)
    file.write_text(f'{{"redis_url": "{NOBODY}", "database_url": "dbname=x", "pid": {ended.pid}}}')
    assert "No stack is running" in one_sentence(run("status"))


def test_an_unreachable_redis(run_on_servers: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPECHE_REDIS_URL", NOBODY)
    sentence = one_sentence(run_on_servers("fetch", "https://news.example/", "--wait"))
    assert "Redis at redis://:***@127.0.0.1:1/0" in sentence
    assert "DEPECHE_REDIS_URL" in sentence


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "nonsense", "redis://127.0.0.1:port/0", "redis://[::1/0"])
def test_a_redis_url_that_is_none(url: str, run_on_servers: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPECHE_REDIS_URL", url)
    assert "DEPECHE_REDIS_URL" in one_sentence(run_on_servers("fetch", "https://news.example/"))


@pytest.mark.parametrize("dsn", ["host=127.0.0.1 port=1 password=hush", "nonsense hush", "dbname=none host=127.0.0.1"])
def test_an_unreachable_postgres(dsn: str, run_on_servers: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPECHE_DATABASE_URL", dsn)
    for command in ("articles", "headlines", "export", "migrate"):
        assert "DEPECHE_DATABASE_URL" in one_sentence(run_on_servers(command))


def test_a_database_without_the_schema(run_on_servers: Run, monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("DEPECHE_DATABASE_URL", make_conninfo(database_url, dbname="postgres"))
    for command in ("articles", "export"):
        assert "depeche migrate" in one_sentence(run_on_servers(command))


def test_a_role_that_may_not_read(run_on_servers: Run, monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS reader")
        connection.execute("CREATE ROLE reader LOGIN")
    monkeypatch.setenv("DEPECHE_DATABASE_URL", make_conninfo(database_url, user="reader"))
    for command in ("articles", "export", "migrate"):
        assert "permission denied" in one_sentence(run_on_servers(command))


@pytest.mark.parametrize(
    ("name", "value"), [("ALLOW_NETWORKS", "home"), ("TOTAL_TIMEOUT", "-1"), ("MAX_REDIRECTS", "x")]
)
def test_a_wrong_setting(name: str, value: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"DEPECHE_{name}", value)
    assert f"DEPECHE_{name}" in one_sentence(run("parse", "http://127.0.0.1:1/"))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ALLOW_NETWORKS", "10.0.0.0/8,foo", "'foo': it is no network"),
        ("HOST_DELAY", "soon", "'soon': it is no number"),
        ("FETCHER_THREADS", "2.5", "'2.5': it is no whole number"),
        ("MAX_REDIRECTS", "99", "'99': it can be 20 at the most"),
        ("FETCH_ATTEMPTS", "0", "'0': it has to be 1 or more"),
        ("PARSE_MAX_MEMORY", "1", "'1': it has to be 16777216 or more"),
        ("READ_TIMEOUT", "0", "'0': it has to be greater than 0"),
        ("OBEY_ROBOTS", "perhaps", "'perhaps': write true or false"),
    ],
)
def test_what_is_wrong_with_a_setting_is_said_in_plain_words(
    name: str, value: str, said: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"DEPECHE_{name}", value)
    assert f"DEPECHE_{name}={said}" in one_sentence(run("parse", "http://127.0.0.1:1/"))


@pytest.mark.parametrize("command", ["up", "demo", "status", "articles"])
@pytest.mark.parametrize("home", ["file", "file/below"])
def test_a_home_that_is_no_folder(
    home: str, command: str, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("DEPECHE_HOME", home)
    assert home in one_sentence(run(command))


def test_an_env_file_that_is_no_text(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"DEPECHE_HOME=\xff\xfe\n")
    assert ".env" in one_sentence(run("status"))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["fetch"], "at least one URL"),
        (["fetch", ""], "These pages cannot be fetched: a URL is empty."),
        (["fetch", "https://news.example/", "--source", "s" * 201], "--source can have 200 characters at the most"),
        (["fetch", "https://news.example/", "--follow", "tickers"], "tickers"),
        (["fetch", "--file", "none.txt"], "none.txt"),
        (["fetch", "--file", "."], "directory"),
        (["fetch", "--file", "binary"], "binary"),
        (["parse"], "Name one page"),
        (["parse", "a.html", "--manifest", "b.jsonl"], "Name one page"),
        (["parse", "none.html"], "none.html: No such file"),
        (["parse", "."], "directory"),
        (["parse", "binary.gz"], "binary.gz"),
        (["parse", "cut.gz"], "cut.gz"),
        (["parse", "bad.gz"], "bad.gz"),
        (["parse", "film.html"], "film.html"),
        (["parse", "http://127.0.0.1:1/"], "address_denied"),
        (["parse", "--manifest", "none.jsonl"], "none.jsonl"),
        (["parse", "--manifest", "binary"], "binary, line 1: it is no JSON"),
        (["parse", "--manifest", "bad.jsonl"], "bad.jsonl, line 2: it is not what a line has to be"),
        (["up", "--sources", "none.toml"], "none.toml"),
        (["up", "--sources", "binary"], "is not TOML"),
    ],
)
def test_a_wrong_argument(arguments: list[str], named: str, run_on_servers: Run, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "binary.gz").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "cut.gz").write_bytes(GZIPPED[:20])
    (tmp_path / "bad.gz").write_bytes(GZIPPED[:10] + b"\xff" * 40)
    (tmp_path / "film.html").write_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(5_000))
    (tmp_path / "bad.jsonl").write_text('{"id": 1, "file": "a"}\n{"id": 1}\n')
    assert named in one_sentence(run_on_servers(*arguments))


GZIPPED = gzip.compress(b"<p>A page</p>")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["fetch", "--nonsense"],
        ["articles", "-n", "0"],
        ["articles", "-n", "x"],
        ["fetch", "u", "--timeout", "-1"],
    ],
)
def test_wrong_usage_names_the_mistake(arguments: list[str], run: Run) -> None:
    ran = run(*arguments)
    assert ran.status == 2
    assert "Traceback" not in ran.err
    assert "Error" in ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["articles", "-n", "many"], "it is no whole number"),
        (["articles", "-n", "0"], "it has to be 1 or more"),
        (["articles", "--format", "xml"], "'xml' is not one of 'table', 'json', 'csv', 'tsv'"),
        (["articles", "--since", "lately"], "'lately' is no moment"),
        (["replay", "a.warc.gz", "--since", "lately"], "'lately' is no moment"),
        (["headlines", "--kind", "tickers"], "'tickers' is not one of 'ticker', 'latest'"),
        (["quarantine", "list", "--stage", "x"], "'x' is not one of 'fetch', 'parse', 'index'"),
        (["status", "--every", "x"], "it is no number"),
    ],
)
def test_what_is_wrong_with_an_option_is_said_in_plain_words(arguments: list[str], said: str, run: Run) -> None:
    ran = run(*arguments)
    assert ran.status == 2
    told = " ".join(ran.err.replace("│", " ").split())
    assert said in told
    assert "Value error" not in told
    assert "Input should" not in told
