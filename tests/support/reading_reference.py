"""What documents have from the database, written anew: python -m tests.support.reading_reference

That is the reference of docs/reading.md, from the comments in the database, and the diagram of docs/schema.md.
"""

from pathlib import Path

import psycopg

from benchmarks.report import write_section
from tests.docs import schema_diagram
from tests.docs.news_schema import COLUMNS, VIEWS
from tests.support.servers import data_folder, postgres_for_tests

DOCUMENT = Path(__file__).parents[2] / "docs" / "reading.md"

FUNCTIONS = """
SELECT proname, pg_get_function_arguments(oid), pg_get_function_result(oid),
       coalesce(obj_description(oid, 'pg_proc'), '')
FROM pg_proc WHERE pronamespace = 'news'::regnamespace ORDER BY proname
"""


def reference(database: psycopg.Connection) -> str:
    """Every view with its columns, then every function. A comment that is missing leaves its place empty."""
    parts = []
    for view, about in database.execute(VIEWS).fetchall():
        rows = [f"| `{name}` | {of_type} | {comment} |" for name, of_type, comment in database.execute(COLUMNS, [view])]
        parts.append("\n".join([f"### news.{view}\n\n{about}\n\n| column | type | |\n|---|---|---|", *rows]))
    for name, arguments, result, about in database.execute(FUNCTIONS).fetchall():
        parts.append(f"### news.{name}\n\n`news.{name}({arguments})` gives `{result}`. {about}")
    return "\n\n".join(parts)


if __name__ == "__main__":
    with (
        data_folder() as home,
        postgres_for_tests(home) as server,
        server.database() as url,
        psycopg.connect(url) as connection,
    ):
        write_section("reference", reference(connection), DOCUMENT)
        write_section("diagram", schema_diagram.diagram(connection), schema_diagram.DOCUMENT)
