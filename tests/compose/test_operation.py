"""The stack at work: pages through all of it, workers that hang or die, servers that stop."""

import json
import subprocess
from collections.abc import Iterator
from itertools import islice

import psycopg
import pytest

from tests.compose.stack import Stack, docker, events, following, freeze, inspect

pytestmark = [pytest.mark.compose, pytest.mark.timeout(900)]

PAGES = 100


def story(number: int) -> str:
    return f"http://site:8000/story/{number}"


def wait_for(lines: Iterator[str], wanted: str, times: int = 1) -> None:
    """Read on until as many lines have had `wanted` in them."""
    seen = sum(1 for _ in islice((line for line in lines if wanted in line), times))
    assert seen == times, f"saw {wanted!r} {seen} times, not {times}"


def test_a_page_goes_through_the_stack(stack: Stack) -> None:
    [landed] = stack.cli("fetch", story(1), "--wait", "--timeout", "60", "--json")
    assert (landed["fate"], landed["http_status"]) == ("stored", 200)
    [article] = [row for row in stack.cli("articles", "--json") if row["url"] == story(1)]
    assert article["title"].startswith("Ferry 1 leaves Quillhaven on time")
    assert "a full load of barley" in article["body"]
    headlines = stack.cli("headlines", "--page", story(1), "--json")
    assert "Harbour council votes for a second breakwater" in {row["text"] for row in headlines}
    [status] = stack.cli("status", "--json")
    assert status["in_flight"] == 0
    assert status["pages"] >= 1


def test_pages_are_archived_in_a_volume_that_the_command_line_can_replay(stack: Stack) -> None:
    stack.cli("fetch", story(2), "--wait", "--timeout", "60", "--json")
    files = stack.compose("exec", "--no-TTY", "fetcher", "ls", "/archive").split()
    assert files
    replayed = ("replay", "--json", "--url-prefix", story(2), *(f"/archive/{name}" for name in files))
    *_, seen = stack.cli(*replayed, "--dry-run")
    assert seen["outcomes"] == {"same": 1}
    [sent] = stack.cli(*replayed)
    assert (sent["pages"], sent["fates"]) == (1, {"unchanged": 1})


def test_parse_reads_standard_input(stack: Stack) -> None:
    page = "<html lang=en><head><title>Tide tables</title></head><body><h1>Tide tables</h1></body></html>"
    [parsed] = stack.cli("parse", "-", "--url", "https://tides.example/", stdin=page)
    assert parsed["url"] == "https://tides.example/"


def test_postgres_answers_on_the_host_to_its_password_only(stack: Stack) -> None:
    password = stack.compose("exec", "--no-TTY", "postgres", "cat", "/run/depeche/postgres/password").strip()
    where = f"host=127.0.0.1 port={stack.settings['DEPECHE_POSTGRES_PORT']} dbname=depeche user=depeche password="
    with psycopg.connect(where + password) as connection:
        assert connection.execute("SELECT count(*) >= 0 FROM news.articles").fetchone() == (True,)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(where + "depeche")


def test_a_worker_that_dies_is_started_again(stack: Stack) -> None:
    [indexer] = stack.containers("indexer")
    with events(indexer) as happening:
        docker("exec", indexer, "python", "-c", "import os, signal; os.kill(-1, signal.SIGKILL)")
        wait_for(happening, "start")
        wait_for(happening, "health_status: healthy")


def test_a_worker_that_hangs_turns_unhealthy(stack: Stack) -> None:
    [tick] = stack.containers("tick")
    with events(tick) as happening:
        freeze(tick)
        wait_for(happening, "health_status: unhealthy")
        docker("exec", tick, "python", "-c", "import os, signal; os.kill(-1, signal.SIGCONT)")
        wait_for(happening, "health_status: healthy")


@pytest.mark.timeout(240)
def test_all_pages_land_although_one_of_three_parsers_is_killed(stack: Stack) -> None:
    stack.compose("up", "--detach", "--wait", "--scale", "parser=3")
    parsers = stack.containers("parser")
    assert len(parsers) == 3
    urls = [story(number) for number in range(1000, 1000 + PAGES)]
    fetch = ("run", "--rm", "--no-TTY", "cli", "fetch", "--file", "-", "--wait", "--timeout", "200", "--json")
    with (
        following("docker", "logs", "--follow", "--since", "0s", *stack.containers("site")) as served,
        subprocess.Popen(
            stack.command(*fetch), env=stack.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as waiting,
    ):
        assert waiting.stdin is not None
        waiting.stdin.write("\n".join(urls))
        waiting.stdin.close()
        # Frozen first, so that it surely holds a page: Redis goes on handing it what it asked for.
        wait_for(served, "/story/", times=20)
        freeze(parsers[0])
        wait_for(served, "/story/", times=40)
        docker("kill", parsers[0])
        assert waiting.stdout is not None
        landed = [json.loads(line) for line in waiting.stdout]
    assert {page["url"]: page["fate"] for page in landed} == dict.fromkeys(urls, "stored")
    assert "messages_lost" in stack.compose("logs", "--no-color", "tick")


def test_servers_stop_cleanly_and_keep_what_they_hold(stack: Stack) -> None:
    [before] = stack.cli("status", "--json")
    servers = stack.containers("redis", "postgres")
    stack.compose("stop", "redis", "postgres")
    assert [inspect(server)["State"]["ExitCode"] for server in servers] == [0, 0]
    stack.compose("up", "--detach", "--wait")
    assert stack.cli("status", "--json") == [before]
    assert stack.compose("exec", "--no-TTY", "redis", "sh", "-c", "ls /data/appendonlydir").strip()


def test_a_backup_can_be_restored(stack: Stack) -> None:
    script = """
        set -e
        pg_dump --username depeche --format custom depeche > /tmp/depeche.dump
        createdb --username depeche restored
        pg_restore --username depeche --dbname restored --exit-on-error /tmp/depeche.dump
        for database in depeche restored; do
            psql --username depeche --no-align --tuples-only --command 'SELECT count(*) FROM news.pages' $database
        done
        dropdb --username depeche restored
    """
    counts = stack.compose("exec", "--no-TTY", "postgres", "sh", "-c", script).split()
    assert len(counts) == 2
    assert counts[0] == counts[1] != "0"
