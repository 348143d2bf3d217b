"""DuckDB, Polars, pandas, Arrow, ADBC, connectorx, SQLAlchemy and psycopg read the same articles, in documented types.

They run in an environment of their own: `make test-readers` makes it, and runs these.
"""

import json
import os
import re
import subprocess
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.support.analysts import PLOT, READERS
from tests.support.documented import ROOT
from tests.support.morning import fill
from tests.support.running import depeche
from tests.support.servers import users

pytestmark = pytest.mark.postgres

SCRIPT = Path(__file__).parent / "read_all.py"
PATIENCE_S = 300
FILES = ("duckdb", "polars", "pandas", "pyarrow")
EARLIER = "UPDATE depeche.articles SET first_seen_at = first_seen_at - interval '1 day' * (article_id % 3)"


def by_reader(arguments: list[str | Path], folder: Path) -> str:
    keep = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
    done = subprocess.run(
        [READERS, *arguments], check=False, cwd=folder, env=keep, capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def documented() -> dict[str, dict[str, str]]:
    """Reader -> column -> its type, from the table of docs/reading.md."""
    text = (ROOT / "docs" / "reading.md").read_text("utf-8")
    table = text.partition("<!-- types -->\n")[2].partition("<!-- /types -->")[0]
    head, _, *rows = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table.splitlines()]
    names = [cell.strip("`") for cell in head[2:]]
    return {name: {row[0].strip("`"): row[at].strip("`") for row in rows} for at, name in enumerate(names, start=2)}


def test_all_read_the_same_in_the_types_that_are_documented(
    database: psycopg.Connection,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    fill(database)
    database.execute(EARLIER)
    database.execute("SET timezone = 'UTC'")
    rows = database.execute("SELECT article_id, published_at FROM news.articles ORDER BY article_id").fetchall()
    with users(database, {"a_desk": "depeche_reader"}):
        facts = conninfo_to_dict(database_url)
        dsn = f"user=a_desk host={facts['host']} dbname={facts['dbname']}"
        monkeypatch.setenv("DEPECHE_DATABASE_URL", dsn)
        assert depeche(monkeypatch, capsys, "export", "--layout", "hive", "--to", str(tmp_path / "table")).status == 0
        url = f"postgresql://a_desk@{quote(str(facts['host']), safe='')}/{facts['dbname']}"
        found = json.loads(by_reader([SCRIPT, tmp_path / "table", dsn, url], tmp_path))
    for name, read in found.items():
        assert read["ids"] == [row[0] for row in rows], name
        assert read["at"] == [row[1].isoformat() for row in rows], name
    for name in FILES:
        assert found[name]["days"] == ["2025-11-17", "2025-11-18", "2025-11-19"]
    types = documented()
    assert set(types) == set(found) - {"psycopg"}
    for name, of_columns in types.items():
        assert found[name]["types"] == of_columns, name


def test_the_picture_of_the_guide_is_drawn(database: psycopg.Connection, database_url: str, tmp_path: Path) -> None:
    fill(database)
    by_reader([PLOT, database_url, tmp_path / "ticker.png"], tmp_path)
    drawn = (tmp_path / "ticker.png").read_bytes()
    assert re.match(rb"\x89PNG\r\n", drawn)
    assert len(drawn) > 20_000
