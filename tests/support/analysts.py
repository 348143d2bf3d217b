"""The answers of docs/analysts.md, written anew: python -m tests.support.analysts [IMAGE]

With the name of an image, the picture is drawn as well, by docs/examples/plot_ticker.py and the packages of
`make test-readers`.
"""

import datetime as dt
import re
import subprocess
import sys
from pathlib import Path

import psycopg

from tests.support.documented import ROOT
from tests.support.morning import fill
from tests.support.servers import data_folder, postgres_for_tests

DOCUMENT = ROOT / "docs" / "analysts.md"
PLOT = ROOT / "docs" / "examples" / "plot_ticker.py"
READERS = ROOT / ".venv-readers" / "bin" / "python"
# A statement, and the table that follows it.
QUESTION = re.compile(r"(?P<sql>^```sql\n(?P<statement>.*?)^```\n)(?:\n(?:^\|[^\n]*\n)+)?", re.MULTILINE | re.DOTALL)


def answered(connection: psycopg.Connection, text: str) -> str:
    """The guide with the answers that the database gives."""
    connection.execute("SET timezone = 'UTC'")

    def with_answer(found: re.Match[str]) -> str:
        return f"{found['sql']}\n{table(connection, found['statement'])}"

    return QUESTION.sub(with_answer, text)


def table(connection: psycopg.Connection, statement: str) -> str:
    """The rows of a statement as a table of Markdown."""
    with connection.transaction():
        connection.execute("SET LOCAL ROLE depeche_reader")
        found = connection.execute(statement.encode())
        names = [column.name for column in found.description or []]
        rows = [names, ["---"] * len(names), *([shown(value) for value in row] for row in found)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def shown(value: object) -> str:
    """A value in one cell."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(shown, value))
    if isinstance(value, dt.timedelta):
        return f"{value.total_seconds() / 3600:g} h"
    return str(value).replace("|", "\\|").replace("\n", " ")


def draw(database_url: str, image: Path) -> None:
    """Draw the picture by the packages of the readers' environment."""
    subprocess.run([READERS, PLOT, database_url, image], check=True, timeout=300)


def main() -> None:
    """Fill a database with the morning, and write what it answers."""
    with data_folder() as home, postgres_for_tests(home) as server, server.database() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            fill(connection)
            DOCUMENT.write_text(answered(connection, DOCUMENT.read_text("utf-8")), "utf-8")
        for image in sys.argv[1:]:
            draw(url, Path(image))


if __name__ == "__main__":
    main()
