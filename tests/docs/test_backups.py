"""The commands of docs/operations.md for backups do what it says, with an embedded stack that is stopped."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli.stack.embedded import embedded_postgres
from services.indexer.schema.migrate import migrate
from tests.cli.backup.conftest import add_pages, pages_in
from tests.support.documented import ROOT, commands
from tests.support.servers import data_folder


@pytest.mark.workers
def test_the_commands_for_the_embedded_stack(tmp_path: Path) -> None:
    backup, restore = commands("docs/operations.md", "Backing up", "depeche")
    with data_folder() as home:
        with embedded_postgres(home) as url:
            migrate(url)
            add_pages(url, "one")
        depeche(home, tmp_path, backup)
        with embedded_postgres(home) as url:
            add_pages(url, "two")
        said = depeche(home, tmp_path, [*restore, "--yes"])  # there is nobody to ask
        with embedded_postgres(home) as url:
            assert pages_in(url) == 1
        (kept,) = re.findall(r"is kept as (\w+)", said)
        assert "dropped" in depeche(home, tmp_path, ["restore", "--drop", kept])


def depeche(home: Path, folder: Path, arguments: list[str]) -> str:
    """What a command says, as an operator runs it."""
    environment = {**os.environ, "DEPECHE_HOME": str(home), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "cli.main", *arguments]
    with (folder / "complaints").open("w+b") as complaints:
        ran = subprocess.run(
            command,
            check=False,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
        )
    assert ran.returncode == 0, (folder / "complaints").read_text("utf-8")
    return ran.stdout.decode()


def test_the_client_is_that_of_the_server() -> None:
    image = re.compile(r"(?:image: \$\{DEPECHE_POSTGRES_IMAGE:-|ARG POSTGRES_IMAGE=)(postgres:[^\s}]+)")
    named = {name: image.findall((ROOT / name).read_text("utf-8")) for name in ("docker-compose.yml", "Dockerfile")}
    assert len(named["Dockerfile"]) == 1
    assert named["Dockerfile"] == named["docker-compose.yml"]
