"""`depeche search`: articles by words."""

from typing import Annotated

import typer
from rich.text import Text

from cli.known_names import refuse_unknown
from cli.options import Language, Limit, OfSource, Since, Until
from cli.output import AsFormat, Format, Json, Row, as_text, print_line, print_rows, say
from cli.reading import query, with_precision
from cli.settings import CliSettings
from cli.stack.stack import find_database
from cli.times import shown, shows_times
from shared.failures import UserError
from shared.settings import load_settings

COLUMNS = ("article_id", "rank", "title", "excerpt", "url", "language", "source", "published_at", "first_seen_at")
SEARCH = f"""
SELECT {", ".join(COLUMNS)}, (SELECT a.published_precision FROM news.articles a WHERE a.article_id = found.article_id)
FROM news.search(%(words)s, in_language => %(language)s, from_source => %(source)s, since => %(since)s,
                 until => %(until)s, max_rows => %(limit)s) AS found
"""
NOTHING_FOUND = 1


@shows_times
def search(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help='Words, "phrases", `or`, and `-without`.')],
    language: Language = None,
    source: OfSource = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 10,
    shape: AsFormat = Format.TABLE,
    as_json: Json = False,
) -> None:
    """Find articles by words, in any form that their own language gives them, best first.

    Of words that very many articles have, the newest articles come first. `--since` and `--until` go by when an article
    was published or, where it does not say, first seen. A word after a hyphen is left out: write `--` before the first
    one. The exit status is 1 when nothing is found.

        depeche search harbour strike --since 7d
        depeche search -- '"new quay"' -ferry
    """
    if not " ".join(words).strip():
        raise UserError("Name the words to search for.")
    database_url = find_database(load_settings(CliSettings))
    given = {"words": " ".join(words), "language": language, "source": source, "since": since, "until": until}
    rows = [with_precision(row) for row in query(database_url, SEARCH, {**given, "limit": limit})]
    if as_json or shape is not Format.TABLE:
        print_rows(rows, {}, COLUMNS, Format.JSON if as_json else shape)
    else:
        for row in rows:
            _show(row)
    if not rows:
        refuse_unknown(database_url, "articles", source=source, language=language)
        say("no article has these words; an article is found some seconds after it has been stored")
        raise typer.Exit(NOTHING_FOUND)


def _show(row: Row) -> None:
    """Print a find in a few lines, with what was found in bold."""
    print_line(row["title"] or "without a title", style="bold")
    published = as_text(row["published_at"]).plain
    at = f"published {published}" if published else f"found {shown(row['first_seen_at'])}"
    facts = [f"article {row['article_id']}", at, row["language"], row["source"]]
    print_line(f"  {', '.join(filter(None, facts))}")
    print_line(f"  {row['url']}")
    excerpt = as_text(row["excerpt"] or "")
    excerpt.highlight_regex("«.*?»", "bold")
    print_line(Text("  ") + excerpt)
    print_line("")
