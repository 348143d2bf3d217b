"""The export benchmark: what it fills the database with, and what it measures."""

from pathlib import Path

import psycopg
import pytest

from benchmarks.export import COPY, EXPORT, fill, report, run
from shared.failures import UserError
from tests.support.pages import article, page

PAGES = [page([], article=article(f"Text {number}.")) for number in range(3)]


def test_the_last_tenth_is_new_since_the_cursor(database: psycopg.Connection) -> None:
    cursor = fill(database, PAGES, 100)
    changed = database.execute("SELECT article_id FROM news.changes_since(%s)", [cursor]).fetchall()
    assert len(changed) == 10
    bodies = database.execute("SELECT body, count(*) FROM news.articles GROUP BY body ORDER BY body").fetchall()
    assert [body for body, _ in bodies] == ["Text 0.", "Text 1.", "Text 2."]
    assert sum(count for _, count in bodies) == 100


def test_each_way_is_measured_in_a_process_of_its_own(
    database: psycopg.Connection, database_url: str, tmp_path: Path
) -> None:
    fill(database, PAGES, 100)
    exported = run(EXPORT, ["export", "--to", str(tmp_path / "a.jsonl")], database_url, tmp_path)
    copied = run(COPY, [str(tmp_path / "copied")], database_url, tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert exported.file_mb == pytest.approx(copied.file_mb, rel=0.1)
    assert 10 < copied.memory_mb < exported.memory_mb
    assert 0 < exported.cpu <= exported.seconds * 4
    assert "| a way, all |" in report({"a way, all": [exported]}, 100)


def test_a_way_that_fails_is_told(database_url: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is no cursor"):
        run(EXPORT, ["export", "--since", "x", "--to", str(tmp_path / "a.jsonl")], database_url, tmp_path)
