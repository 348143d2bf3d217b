"""`depeche headlines`: the headlines of tickers, rails, fronts and feeds."""

from typing import Annotated, Literal

import typer

from cli import reading
from cli.known_names import refuse_unknown
from cli.options import Host, Language, Limit, OfSource, Since, Until
from cli.output import AsFormat, Format, Json, Row, print_rows, say
from cli.settings import CliSettings
from cli.stack.stack import find_database
from cli.times import shows_times
from shared.parsed_page import HeadlineKind
from shared.settings import load_settings

COLUMNS = (
    "headline_id", "page_url", "source", "kind", "label", "position", "text", "url", "language", "published_at",
    "is_self", "first_seen_at", "gone_at", "article_id",
)  # fmt: skip
SHOWN = {"kind": "Kind", "label": "Label", "position": "#", "text": "Headline", "page_url": "On page"}

# Numbers are given in the order of first sight, and unlike the moments of first sight they have an index.
ORDERS = {"page": "page_id DESC, kind, label NULLS FIRST, position", "seen": "headline_id DESC"}
HEADLINES = f"""
SELECT {", ".join(f"h.{column}" for column in COLUMNS)}, h.published_precision
FROM news.headlines h
WHERE {{conditions}}
ORDER BY {{order}}
LIMIT %(limit)s
"""
CONDITIONS = {
    "kind": "kind = %(kind)s",
    "page": "page_url = %(page)s",
    "source": "source = %(source)s",
    "language": "language = %(language)s",
    "publisher": f"""EXISTS (
        SELECT 1 FROM news.articles a
        WHERE a.article_id = h.article_id AND {reading.OF_PUBLISHER.format(publisher="a.publisher")})""",
    "host": reading.ON_HOST.format(url="page_url"),
    "since": "first_seen_at >= %(since)s",
    "until": "first_seen_at < %(until)s",
    "standing": "gone_at IS NULL",
}


@shows_times
def headlines(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    kind: Annotated[HeadlineKind | None, typer.Option(help="Only lists of this kind.")] = None,
    page: Annotated[str | None, typer.Option(help="Only those of the page with this URL.")] = None,
    source: OfSource = None,
    language: Language = None,
    publisher: Annotated[str | None, typer.Option(help="Only those that lead to this publisher's stories.")] = None,
    host: Host = None,
    since: Since = None,
    until: Until = None,
    standing: Annotated[bool, typer.Option("--standing", help="Only those that stand on their page now.")] = False,
    sort: Annotated[
        Literal["page", "seen"],
        typer.Option(help="List by list, the newest pages first; or by first sight, newest first."),
    ] = "page",
    limit: Limit = 200,
    shape: AsFormat = Format.TABLE,
    as_json: Json = False,
) -> None:
    """List headlines of tickers, rails, fronts and feeds.

    Without `--sort seen` they come list by list, in their places. `--since` and `--until` go by when they were first
    seen.

        depeche headlines --kind ticker --since 2h
        depeche headlines --page https://paper.example/ --standing
    """
    database_url = find_database(load_settings(CliSettings))
    given: Row = {"kind": kind, "page": page, "source": source, "language": language, "publisher": publisher}
    given |= {"host": reading.as_host(host), "since": since, "until": until, "standing": standing}
    sql = HEADLINES.format(conditions=reading.where(CONDITIONS, given), order=ORDERS[sort])
    rows = reading.query(database_url, sql, {**given, "limit": limit})
    if not rows:
        refuse_unknown(database_url, "headlines", source=source, language=language)
        say("no headline is like that" if any(given.values()) else "there are no headlines yet")
    print_rows([reading.with_precision(row) for row in rows], SHOWN, COLUMNS, Format.JSON if as_json else shape)
