"""The stack at work: pages through all of it, workers that hang or die, servers that stop."""

import re

import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.compose.stack import ROOT, Stack, docker, events, freeze, inspect, story, wait_for
from tests.support.documented import commands
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.compose, pytest.mark.timeout(900)]

PAGES = 100


def test_a_page_goes_through_the_stack(stack: Stack) -> None:
    [landed] = stack.cli("fetch", story(1), "--wait", "--timeout", "120", "--json")
    assert (landed["fate"], landed["http_status"]) == ("stored", 200)
    [article] = [row for row in stack.cli("articles", "--json") if row["url"] == story(1)]
    assert article["title"].startswith("Ferry 1 leaves Quillhaven on time")
    assert "a full load of barley" in article["body"]
    headlines = stack.cli("headlines", "--page", story(1), "--json")
    assert "Harbour council votes for a second breakwater" in {row["text"] for row in headlines}
    [status] = stack.cli("status", "--json")
    assert status["in_flight"] == 0
    assert status["pages"] >= 1


def test_articles_are_stored_grouped_and_found_by_a_user_who_may_only_write(stack: Stack) -> None:
    stack.cli("fetch", story(10), story(11), "--wait", "--timeout", "120", "--json")
    both = f"(SELECT article_id FROM news.articles WHERE url IN ('{story(10)}', '{story(11)}'))"
    in_one_story = f"SELECT count(DISTINCT story_id) FROM news.articles WHERE article_id IN {both} AND story_id > 0"
    found = f"SELECT count(*) FROM news.search('barley deck', max_rows => 1000) WHERE article_id IN {both}"
    wait_until(lambda: (stack.sql(in_one_story), stack.sql(found)) == ("1", "2"), what="a story and what search finds")
    clients = "backend_type = 'client backend' AND application_name <> 'psql'"
    assert stack.sql(f"SELECT DISTINCT usename FROM pg_stat_activity WHERE {clients}") == "depeche_indexer"


def test_pages_are_archived_in_a_volume_that_the_command_line_can_replay(stack: Stack) -> None:
    stack.cli("fetch", story(2), "--wait", "--timeout", "120", "--json")
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


def test_the_indexers_password_is_asked_for_and_gives_no_more_than_its_role(stack: Stack) -> None:
    file = "/run/depeche/indexer/DEPECHE_DATABASE_URL"
    dsn = stack.compose("exec", "--no-TTY", "indexer", "cat", file).strip()
    where = {"host": "127.0.0.1", "port": stack.settings["DEPECHE_POSTGRES_PORT"]}
    with (
        psycopg.connect(make_conninfo(dsn, **where)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("DELETE FROM depeche.articles")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(make_conninfo(dsn, **where, password="depeche"))


def test_the_dashboard_answers_on_the_host_to_its_password_only(stack: Stack) -> None:
    address = f"http://127.0.0.1:{stack.settings['DEPECHE_DASHBOARD_PORT']}/"
    assert httpx.get(address, trust_env=False).status_code == 401
    told = "/run/depeche/dashboard/DEPECHE_DASHBOARD_PASSWORD"
    password = stack.compose("exec", "--no-TTY", "dashboard", "cat", told).strip()
    shown = httpx.get(address, auth=("anybody", password), trust_env=False, timeout=60).text
    assert "1 fetcher" in shown
    assert "Cannot use" not in shown
    assert password not in str(inspect(stack.containers("dashboard")[0]))


def test_the_command_line_does_not_own_the_database(stack: Stack) -> None:
    assert stack.compose("run", "--rm", "--no-TTY", "cli", "dsn").startswith("postgresql://depeche_cli:")
    assert "up to date" not in stack.compose("run", "--rm", "--no-TTY", "cli", "migrate", check=False)
    assert "up to date" in stack.compose("run", "--rm", "--no-TTY", "migrate", "migrate")


def test_new_passwords_can_be_drawn(stack: Stack) -> None:
    """As docs/operations.md has it."""
    commands = re.search(r"To draw new ones:\n\n((?:    .+\n)+)", (ROOT / "docs/operations.md").read_text("utf-8"))
    assert commands is not None
    before = stack.compose("exec", "--no-TTY", "indexer", "sh", "-c", "cat /run/depeche/*/*")
    stack.shell(commands[1])
    assert stack.compose("exec", "--no-TTY", "indexer", "sh", "-c", "cat /run/depeche/*/*") != before
    stack.compose("up", "--detach", "--wait")
    [landed] = stack.cli("fetch", story(3), "--wait", "--timeout", "120", "--json")
    assert landed["fate"] == "stored"


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


def test_all_pages_land_although_one_of_three_parsers_is_killed(stack: Stack) -> None:
    stack.compose("up", "--detach", "--wait", "--scale", "parser=3")
    parsers = stack.containers("parser")
    assert len(parsers) == 3
    urls = [story(number) for number in range(1000, 1000 + PAGES)]
    with stack.logs("site") as served, stack.fetching(urls) as landed:
        # Frozen first, so that it surely holds a page: Redis goes on handing it what it asked for.
        wait_for(served, "/story/", times=20)
        freeze(parsers[0])
        wait_for(served, "/story/", times=40)
        docker("kill", parsers[0])
    assert {page["url"]: page["fate"] for page in landed} == dict.fromkeys(urls, "stored")
    assert "worker_lost" in stack.compose("logs", "--no-color", "tick")


def test_servers_stop_cleanly_and_keep_what_they_hold(stack: Stack) -> None:
    before = held(stack)
    servers = stack.containers("redis", "postgres")
    stack.compose("stop", "redis", "postgres")
    assert [inspect(server)["State"]["ExitCode"] for server in servers] == [0, 0]
    stack.compose("up", "--detach", "--wait")
    assert held(stack) == before
    assert stack.compose("exec", "--no-TTY", "redis", "sh", "-c", "ls /data/appendonlydir").strip()


def held(stack: Stack) -> dict[str, object]:
    """What the servers hold."""
    [status] = stack.cli("status", "--json")
    return {name: status[name] for name in ("stages", "pages", "articles", "headlines", "quarantined")}


def test_the_documented_commands_back_up_and_restore(stack: Stack) -> None:
    """What came after the backup is gone with the restore, and can be found again; workers run all the time."""
    backup, restore, read = commands("docs/operations.md", "Backing up", "docker compose")
    before = stack.sql("SELECT count(*) FROM news.pages")
    said = stack.compose(*without_terminal(backup))
    assert f"{int(before):,} pages" in said
    assert stack.compose(*read[: read.index(">")], "--help"), "cat is there"
    with stack.fetching([story(900)]):
        pass
    assert stack.sql("SELECT count(*) FROM news.pages") != before
    said = stack.compose(*without_terminal(restore), "--yes")
    assert stack.sql("SELECT count(*) FROM news.pages") == before
    kept = re.search(r"is kept as (\w+)", said)
    assert kept is not None
    assert "dropped" in stack.compose("run", "--rm", "--no-TTY", "restore", "--drop", kept[1])
    with stack.fetching([story(901)]) as landed:
        pass
    assert [page["fate"] for page in landed] == ["stored"]


def without_terminal(command: list[str]) -> list[str]:
    """The command as a script runs it."""
    return ["run", "--no-TTY", *command[1:]]
