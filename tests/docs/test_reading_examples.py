"""Every SQL example of the documentation runs against the current schema, as a downstream service may run it."""

import re
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).parents[2]
SQL = re.compile(r"^```sql\n(.*?)^```", re.MULTILINE | re.DOTALL)
EXAMPLES = [
    (document.relative_to(ROOT).as_posix(), number, example)
    for document in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    for number, example in enumerate(SQL.findall(document.read_text("utf-8")), start=1)
]


def test_the_readme_shows_how_to_read() -> None:
    assert sum(document == "README.md" for document, _, _ in EXAMPLES) >= 3


@pytest.mark.parametrize(("document", "number", "example"), EXAMPLES, ids=[f"{d}-{n}" for d, n, _ in EXAMPLES])
def test_the_example_runs(document: str, number: int, example: str, database: psycopg.Connection) -> None:
    database.execute("SET ROLE depeche_reader")
    result = database.execute(example.encode())
    assert result.description, f"example {number} of {document} selects nothing"
