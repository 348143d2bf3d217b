"""`depeche articles`: the stored articles, newest first."""

from typing import Annotated, Literal

import typer

from cli import reading
from cli.known_names import refuse_unknown
from cli.options import Host, Language, Limit, OfSource, Since, Until
from cli.output import AsFormat, Format, Json, Row, print_rows, say
from cli.settings import CliSettings
from cli.stack.stack import find_database
from cli.times import shows_times
from shared.settings import load_settings

COLUMNS = (
    "article_id", "url", "canonical_url", "source", "title", "lead", "authors", "publisher", "section", "tags",
    "language", "published_at", "modified_at", "source_url", "body", "first_seen_at", "fetched_at", "source_tags",
)  # fmt: skip
SHOWN = {
    "article_id": "ID",
    "published_at": "Published",
    "language": "",
    "title": "Title",
    "authors": "Authors",
    "url": "URL",
}

# Articles without a date come last, and are in no span of time of publication.
ORDERS = {
    "published": ("published_at", "published_at DESC NULLS LAST, article_id DESC"),
    "seen": ("first_seen_at", "first_seen_at DESC, article_id DESC"),
}
ARTICLES = f"""
SELECT {", ".join(COLUMNS)}, published_precision, modified_precision
FROM news.articles
WHERE {{conditions}}
ORDER BY {{order}}
LIMIT %(limit)s
"""
CONDITIONS = {
    "source": "source = %(source)s",
    "language": "language = %(language)s",
    "tag": "source_tags @> ARRAY[%(tag)s::text]",
    "publisher": reading.OF_PUBLISHER.format(publisher="publisher"),
    "host": reading.ON_HOST.format(url="url"),
    "since": "{at} >= %(since)s",
    "until": "{at} < %(until)s",
}


@shows_times
def articles(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    source: OfSource = None,
    language: Language = None,
    tag: Annotated[str | None, typer.Option(help="Only those of sources with this tag.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Only this publisher's, as its pages name it.")] = None,
    host: Host = None,
    since: Since = None,
    until: Until = None,
    sort: Annotated[
        Literal["published", "seen"],
        typer.Option(help="Newest first by publication, or by first sight; --since and --until mean the same."),
    ] = "published",
    limit: Limit = 50,
    shape: AsFormat = Format.TABLE,
    as_json: Json = False,
) -> None:
    """List articles, newest first.

    Those without a date come last; `--sort seen` lists all in the order in which they were found. `depeche show ID`
    prints one of them whole.

        depeche articles --since 6h --language fr
        depeche articles --host paper.example --format csv > articles.csv
    """
    database_url = find_database(load_settings(CliSettings))
    given: Row = {"source": source, "language": language, "tag": tag, "publisher": publisher}
    given |= {"host": reading.as_host(host), "since": since, "until": until}
    rows = read_articles(database_url, {**given, "limit": limit}, sort=sort)
    if not rows:
        refuse_unknown(database_url, "articles", source=source, language=language)
        say("no article is like that" if any(given.values()) else "there are no articles yet")
    print_rows(rows, SHOWN, COLUMNS, Format.JSON if as_json else shape)


def read_articles(database_url: str, given: Row, *, sort: str = "published") -> list[Row]:
    """Return the newest articles that are like that; a date without a time is given as a date."""
    at, order = ORDERS[sort]
    conditions = reading.where(CONDITIONS, given).format(at=at)
    rows = reading.query(database_url, ARTICLES.format(conditions=conditions, order=order), given)
    return [reading.with_precision(row) for row in rows]
