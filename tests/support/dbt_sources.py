"""The views of schema `news` as dbt's sources, from the database's comments: python -m tests.support.dbt_sources"""

from typing import Any

import psycopg
import yaml

from tests.docs.news_schema import COLUMNS, VIEWS
from tests.support.documented import ROOT
from tests.support.servers import data_folder, postgres_for_tests

PROJECT = ROOT / "docs" / "examples" / "dbt"
DOCUMENT = PROJECT / "models" / "sources.yml"
HEAD = "# The views of schema `news`, written by tests/support/dbt_sources.py from the database's own comments.\n"
# A view that says when the pipeline has last stored something.
FRESH = {
    "visits": {"loaded_at_field": "landed_at", "freshness": {"warn_after": {"count": 1, "period": "hour"}}},
}


def sources(database: psycopg.Connection) -> str:
    """The text of sources.yml."""
    tables: list[dict[str, Any]] = []
    for view, about in database.execute(VIEWS).fetchall():
        columns = [
            {"name": name, "data_type": of_type, "description": comment}
            for name, of_type, comment in database.execute(COLUMNS, [view])
        ]
        config = {"config": FRESH[view]} if view in FRESH else {}
        tables.append({"name": view, "description": about, **config, "columns": columns})
    source = {
        "name": "news",
        "schema": "news",
        "description": "What Depeche has ingested: docs/reading.md.",
        "tables": tables,
    }
    return HEAD + yaml.safe_dump({"version": 2, "sources": [source]}, sort_keys=False, allow_unicode=True, width=110)


if __name__ == "__main__":
    with (
        data_folder() as home,
        postgres_for_tests(home) as server,
        server.database() as url,
        psycopg.connect(url) as connection,
    ):
        DOCUMENT.write_text(sources(connection), "utf-8")
