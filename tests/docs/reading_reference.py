"""The reference part of docs/reading.md, from the comments in the database: python -m tests.docs.reading_reference"""

from pathlib import Path

import psycopg

from benchmarks.report import write_section
from tests.servers import data_folder, postgres_for_tests

DOCUMENT = Path(__file__).parents[2] / "docs" / "reading.md"

VIEWS = """
SELECT relname, coalesce(obj_description(oid, 'pg_class'), '')
FROM pg_class WHERE relnamespace = 'news'::regnamespace AND relkind IN ('v', 'm', 'r') ORDER BY relname
"""
COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod), coalesce(col_description(attrelid, attnum), '')
FROM pg_attribute
WHERE attrelid = format('news.%%I', %s::text)::regclass AND attnum > 0 AND NOT attisdropped
ORDER BY attnum
"""
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
