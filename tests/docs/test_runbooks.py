"""Each alert has its runbook, all have the same shape, and their commands do what they say on a running stack."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cli.stack import stack as cli_stack
from cli.stack.stack import Endpoints
from services.indexer.followers.source_health import look
from shared.broker.redis_client import connect_redis
from tests.cli.test_help import COMMANDS
from tests.deploy.manifests import compose
from tests.docs.runbooks import BOOKS, FOLDER, PROGRAMS, SECTIONS, alerts, book, compose_calls, words
from tests.e2e.stack import SETTINGS, Stack, running_stack
from tests.e2e.test_pages import story
from tests.e2e.test_quarantine import BROKEN_PARSER
from tests.support.running import depeche
from tests.support.servers import PostgresForTests
from tests.support.site import Site

# What a line of Compose may do, with the options that take a value.
SUBCOMMANDS = {"up", "run", "exec", "restart", "stop", "ps", "logs", "down"}
WITH_VALUE = {"--scale", "--profile", "--entrypoint", "--tail"}
RUN_BY_DEPECHE = {"cli": (), "migrate": (), "backup": ("backup",), "restore": ("restore",)}


def test_each_alert_leads_to_its_runbook_and_none_is_stale() -> None:
    named = {name: book_of(rule) for name, rule in alerts().items()}
    assert {name: file for name, file in named.items() if file not in BOOKS} == {}
    about = {book(name).alert: name for name in BOOKS if book(name).alert}
    assert about == {(name, rule["labels"]["severity"]): named[name] for name, rule in alerts().items()}


def book_of(rule: dict[str, Any]) -> str:
    """The runbook that an alert names."""
    folder, _, name = rule["annotations"].get("runbook", "").rpartition("/")
    return name if folder == "docs/runbooks" else f"none ({folder})"


def test_the_list_has_every_runbook() -> None:
    listed = re.findall(r"\]\(([\w-]+\.md)\)", (FOLDER / "README.md").read_text("utf-8"))
    assert sorted(set(listed)) == BOOKS


@pytest.mark.parametrize("name", BOOKS)
def test_all_have_the_same_shape(name: str) -> None:
    found = book(name)
    assert found.sections == SECTIONS
    assert len(found.text.splitlines()) < 80
    assert [line for line in found.shown if not line.startswith(PROGRAMS)] == []


@pytest.mark.parametrize("name", BOOKS)
def test_commands_of_depeche_are_right(name: str) -> None:
    """Those within sentences, too, which have placeholders and are not run."""
    for line in (*book(name).shown, *book(name).inline):
        if line.startswith("depeche "):
            is_right(words(line)[1:])


def is_right(arguments: list[str]) -> None:
    """Raises for a command or an option that is none."""
    if not arguments or arguments[0].startswith("-"):
        return
    named = next(path for path in COMMANDS if path == tuple(arguments[: len(path)]))
    COMMANDS[named].make_context(named[-1], arguments[len(named) :])


def test_lines_of_compose_name_services_and_commands_that_there_are() -> None:
    services = compose()
    assert len(compose_calls()) > 30
    for call in compose_calls():
        _, rest = split(call)
        assert rest[0] in SUBCOMMANDS, call
        more, positional = split(rest[1:])
        if rest[0] in {"run", "exec"}:
            service, arguments = positional[0], rest[rest.index(positional[0]) + 1 :]
            assert service in services, call
            if rest[0] == "run" and "--entrypoint" not in more and service in RUN_BY_DEPECHE:
                is_right([*RUN_BY_DEPECHE[service], *arguments])
        else:
            assert set(positional) <= {*services, "SERVICE"}, call
        scaled = [each.partition("=")[0] for each in more if "=" in each]
        assert set(scaled) <= set(services), call


def split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Options with their values up to the first word that is neither, and the words; all words of `up` and the like."""
    options: list[str] = []
    rest = list(arguments)
    while rest and rest[0].startswith("-"):
        options.append(rest.pop(0))
        if options[-1] in WITH_VALUE:
            options.append(rest.pop(0))
    return options, rest


class World:
    """A stack like that of the runbooks' reader: source, stories, archive and a case in quarantine."""

    def __init__(self, stack: Stack, site: Site, folder: Path, case: int) -> None:
        self.stack, self.folder = stack, folder
        self.done: set[str] = set()
        root = site.url("")
        self._names = {
            "https://beacon.example": root,
            "discover beacon.example": f"discover {root}/",
            "--host beacon.example": "--host 127.0.0.1",
            "4711": str(case),
        }

    def words(self, line: str) -> list[str]:
        """The words of a command, with the names that things have here."""
        for name, here in self._names.items():
            line = line.replace(name, here)
        found = []
        for word in words(line):
            files = sorted(str(path) for path in self.folder.glob(word)) if "*" in word else []
            assert files or "*" not in word, f"there is no {word}"
            found += files or [word]
        return found


@pytest.fixture(scope="module")
def world(redis_server: str, postgres: PostgresForTests, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("reader")
    home = folder / ".depeche"
    archive = home / "archive"
    archive.mkdir(parents=True)
    (folder / "broken_parser.py").write_text(BROKEN_PARSER)
    redis_url = redis_server.removesuffix("/0") + "/2"
    connect_redis(redis_url).flushdb()
    with pytest.MonkeyPatch.context() as patch, Site() as site, postgres.database() as database_url:
        patch.setitem(cli_stack.WORKERS, "parser", "broken_parser")
        site.serve("/", front(site.url("")))
        site.serve("/story.html", story("The harbour has opened again"))
        site.serve("/broken", story("BROKEN"))
        sources = folder / "sources.toml"
        sources.write_text(f'[[source]]\nname = "beacon"\nurl = "{site.url("/")}"\nevery = "1h"\n')
        endpoints = Endpoints(redis_url=redis_url, database_url=database_url)
        settings = {
            "PYTHONPATH": f"{folder}:{Path.cwd()}",
            "DEPECHE_ARCHIVE": str(archive),
            "DEPECHE_ARCHIVE_MIN_FREE": "0",
            "DEPECHE_SOURCES": str(sources),
        }
        with running_stack(home, endpoints, **settings) as stack:
            stack.wait_until(lambda: stack.rows("SELECT FROM news.articles"), what="the source's story")
            stack.land(site.url("/broken"))
            (home / "mended").touch()
            with psycopg.connect(database_url, autocommit=True) as connection:
                look(connection)  # as the indexer does every five minutes
            (case,) = stack.rows("SELECT quarantine_id FROM news.quarantine")
            yield World(stack, site, folder, case["quarantine_id"])


def front(root: str) -> bytes:
    links = f'<h3><a href="{root}/story.html">The harbour has opened again after the works</a></h3>'
    return f"<html><head><title>Beacon</title></head><body><main>{links}</main></body></html>".encode()


@pytest.fixture
def _reader(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the reader's shell has set."""
    monkeypatch.chdir(world.folder)
    own = {
        "DEPECHE_HOME": str(world.stack.home),
        "DEPECHE_REDIS_URL": world.stack.endpoints.redis_url,
        "DEPECHE_DATABASE_URL": world.stack.endpoints.database_url,
        "DEPECHE_SOURCES": str(world.folder / "sources.toml"),
        "DEPECHE_ARCHIVE": str(world.stack.home / "archive"),
        "DEPECHE_ARCHIVE_MIN_FREE": "0",
    }
    for name, value in {**SETTINGS, **own}.items():
        monkeypatch.setenv(name, value)


@pytest.mark.workers
@pytest.mark.usefixtures("_reader")
@pytest.mark.parametrize("name", sorted(BOOKS, key=lambda name: name == "clean-the-quarantine.md"))
def test_the_commands_do_what_they_say(
    name: str, world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command once, however many runbooks show it."""
    for line in book(name).shown:
        if line in world.done or not line.startswith(("depeche ", "df ")):
            continue
        world.done.add(line)
        command = world.words(line)
        if command[0] == "df":
            assert subprocess.run(command, check=False, capture_output=True).returncode == 0
            continue
        ran = depeche(monkeypatch, capsys, *command[1:])
        assert ran.status == 0, f"{line}\n{ran.out}\n{ran.err}"
        assert ran.out or ran.err, line
        if "pause" in command:
            assert depeche(monkeypatch, capsys, "sources", "resume", "--all").status == 0


def test_lines_of_git_do_what_they_say(tmp_path: Path) -> None:
    """Between two versions in a clone."""
    lines = [line for name in BOOKS for line in book(name).shown if line.startswith("git ")]
    assert lines
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    git(tmp_path, "init", "--quiet", str(origin))
    git(origin, "commit", "--quiet", "--allow-empty", "-m", "The first version")
    git(origin, "tag", "v0.1.0")
    git(tmp_path, "clone", "--quiet", str(origin), str(clone))
    git(origin, "commit", "--quiet", "--allow-empty", "-m", "The second version")
    for line in sorted(set(lines), reverse=True):  # pull, then go back
        git(clone, *words(line)[1:])


def git(folder: Path, *arguments: str) -> None:
    who = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    who |= {
        f"GIT_{role}_{part}": "reader@beacon.example" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")
    }
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=folder, env={**os.environ, **who}, check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stderr}"
