"""Names that a person may mistype: a source or language that nothing is stored of is refused, with those there are."""

import difflib
from collections.abc import Sequence
from typing import Literal

from cli.reading import query
from shared.failures import UserError

# How many names a sentence lists; the most similar ones come first.
MOST_LISTED = 30

# Each name is found by a step through an index, or in a small table, and not by reading all rows.
SOURCES = """
WITH RECURSIVE of_articles (source) AS (
    (SELECT source FROM news.articles WHERE source IS NOT NULL ORDER BY source LIMIT 1)
    UNION ALL
    SELECT (SELECT a.source FROM news.articles a WHERE a.source > of_articles.source ORDER BY a.source LIMIT 1)
    FROM of_articles WHERE of_articles.source IS NOT NULL
)
SELECT source AS name FROM of_articles WHERE source IS NOT NULL
UNION SELECT name FROM news.sources
ORDER BY name
"""
LANGUAGES = "SELECT DISTINCT language AS name FROM news.{view} WHERE language IS NOT NULL ORDER BY name"
IS_SOURCE_OF_A_PAGE = "SELECT 1 FROM news.pages WHERE source = %(name)s LIMIT 1"


def refuse_unknown(
    database_url: str, view: Literal["articles", "headlines"], *, source: str | None, language: str | None
) -> None:
    """Raise UserError if nothing at all is stored of this source or in this language; called when nothing was found."""
    if source is not None:
        names = [row["name"] for row in query(database_url, SOURCES)]
        if source not in names and not query(database_url, IS_SOURCE_OF_A_PAGE, {"name": source}):
            raise UserError(f"No source is called {source!r}. {listed('Sources', source, names)}")
    if language is not None:
        names = [row["name"] for row in query(database_url, LANGUAGES.format(view=view))]
        if language not in names:
            raise UserError(f"Nothing is stored in the language {language!r}. {listed('Languages', language, names)}")


def listed(what: str, asked_for: str, names: Sequence[str]) -> str:
    """Return the names that there are as a sentence, those that are most like the one asked for first."""
    if not names:
        return "Nothing has been stored yet."
    similar = difflib.get_close_matches(asked_for, names, n=5)
    ordered = [*similar, *(name for name in names if name not in similar)]
    more = f" and {len(ordered) - MOST_LISTED:,} more" if len(ordered) > MOST_LISTED else ""
    return f"{what} that there are: {', '.join(ordered[:MOST_LISTED])}{more}."
