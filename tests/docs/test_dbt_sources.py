"""The sources that docs/examples/dbt gives to dbt are the views that there are. tests/clients runs dbt itself."""

import psycopg

from tests.support.dbt_sources import DOCUMENT, sources


def test_they_are_the_views_of_the_database(database: psycopg.Connection) -> None:
    assert DOCUMENT.read_text("utf-8") == sources(database), "run python -m tests.support.dbt_sources"
