"""A command loads what it needs and no more, and is listed by the first sentence of its own help."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from cli.main import COMMANDS, app

# What takes long to load, and what only some commands need.
OF_WORKERS = {"celery", "kombu", "httpx", "selectolax", "py3langid", "numpy", "pyarrow", "prometheus_client"}
OF_SERVERS = {"psycopg", "redis", "pydantic"}
# Runs a command, and says last which of the modules named it has loaded.
LOADED = """
import atexit, sys
from cli.main import main
heavy = sys.argv.pop(1).split(",")
atexit.register(lambda: print("loaded:", *sorted(sys.modules.keys() & set(heavy)), file=sys.stderr))
sys.exit(main())
"""


@pytest.mark.parametrize(
    ("command", "heavy"),
    [
        ("--version", OF_WORKERS | OF_SERVERS),
        ("--help", OF_WORKERS | OF_SERVERS),
        ("status --json", OF_WORKERS),
        ("articles", OF_WORKERS),
        ("headlines", OF_WORKERS),
        ("search harbour", OF_WORKERS),
        ("dsn", OF_WORKERS | {"psycopg"}),
    ],
)
def test_a_command_loads_no_more_than_it_needs(
    command: str, heavy: set[str], redis_url: str, database_url: str, tmp_path: Path
) -> None:
    env = {**os.environ, "DEPECHE_REDIS_URL": redis_url, "DEPECHE_DATABASE_URL": database_url}
    arguments = [sys.executable, "-c", LOADED, ",".join(heavy), *command.split()]
    done = subprocess.run(arguments, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == (3 if "status" in command else 0), done.stderr  # 3: there is no worker
    assert done.stderr.splitlines()[-1] == "loaded:", done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_listed_by_the_first_sentence_of_its_help(name: str) -> None:
    help_text = typer.main.get_command(app).load(name).help  # type: ignore[attr-defined]
    assert COMMANDS[name].summary == " ".join(help_text.split("\n\n")[0].split())
