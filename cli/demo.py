"""`depeche demo`: the whole pipeline on a bundled sample press site, checked against what the site is known to say."""

import shutil
import uuid
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from cli import reading
from cli.articles import read_articles
from cli.output import Row, console, print_line, print_table, stderr
from cli.sample_site.catalogue import SamplePage, sample_pages
from cli.sample_site.expected import compare
from cli.sample_site.server import SampleSite
from cli.settings import CliSettings
from cli.stack.servers import running_servers
from cli.stack.stack import DEMO, Endpoints, Workers, running_stack
from cli.waiting import wait_until_landed
from shared.broker.redis_client import connect_redis
from shared.failures import UserError
from shared.flight.ledger import Ledger
from shared.messages import FetchRequest, Follow, Origin
from shared.settings import load_settings
from shared.signals import interrupted_once, stop_event

# Seconds; the sample site is ingested in about 10.
PATIENCE_S = 75.0
# Front pages lead to the articles; a source may also be a feed, a sitemap or a text dump.
STARTS = ("", "fr/", "ar/", "en/", "es/", "feed.xml", "atom.xml", "news-sitemap.xml", "mirror.txt")

MOST_DIFFERENCES = 30


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Go on running until Ctrl-C, to look around meanwhile.")] = False,
) -> None:
    """Ingest a bundled press site through the three services, show what Postgres then holds, and check it.

    Needs no server and no network: Redis and Postgres are embedded, the site is served on loopback. Everything that
    was started is stopped; the data stays in DEPECHE_HOME/demo (default: .depeche/demo) until the next demo. While it
    runs, the other commands find it, unless another stack runs in DEPECHE_HOME.

        depeche demo
        depeche demo --keep
    """
    home = load_settings(CliSettings).home.resolve() / DEMO
    if running_stack(home):
        raise UserError(f"A demo is running in {home} already. Wait for it, or set DEPECHE_HOME to another folder.")
    shutil.rmtree(home, ignore_errors=True)
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"Cannot make {home}: {error.strerror}. Set DEPECHE_HOME to another folder.") from error
    with interrupted_once():
        good = _run(home, keep=keep)
    if not good:
        raise typer.Exit(1)


def _run(home: Path, *, keep: bool) -> bool:
    console.print("Starting Redis, Postgres, fetcher, parser, indexer, tick and the sample press site …", style="dim")
    settings = CliSettings(home=home, redis_url=None, database_url=None)
    env = {
        "DEPECHE_ALLOW_NETWORKS": "127.0.0.0/8",
        "DEPECHE_HOST_DELAY": "0.05",
        "DEPECHE_FETCHER_THREADS": "4",
    }
    with (
        SampleSite() as site,
        running_servers(settings) as servers,
        Workers(home, servers.endpoints, env, cwd=home),  # away from any .env
    ):
        endpoints = servers.endpoints
        landed = _ingest(site.base_url, endpoints)
        _show_articles(endpoints)
        _show_side_by_side(endpoints)
        differences = _check(site.base_url, endpoints)
        if keep:
            _stay()
    if not landed:
        stderr.print(
            f"Not everything has landed after {PATIENCE_S:.0f} s; the logs are in {home / 'logs'}", style="red"
        )
    return landed and not differences


def _stay() -> None:
    print_line("The demo goes on until Ctrl-C. In another terminal: depeche articles, depeche show 1, depeche dsn")
    with stop_event() as stop:
        stop.wait()


def _ingest(base_url: str, endpoints: Endpoints) -> bool:
    ledger = Ledger(connect_redis(endpoints.redis_url))
    batch = uuid.uuid4().hex
    follow = Follow()
    requests = [
        FetchRequest(origin=Origin(url=base_url + path, batch=batch, source="sample"), follow=follow) for path in STARTS
    ]
    return wait_until_landed(ledger, batch, ledger.accept(requests), PATIENCE_S)


def _show_articles(endpoints: Endpoints) -> None:
    rows = read_articles(endpoints.database_url, {"limit": 100})
    columns = {"published_at": "Published", "language": "", "title": "Title", "authors": "Authors"}
    print_table(rows, columns, title="Articles (news.articles)")


RICHEST_TICKER = """
SELECT a.page_id, a.title, a.lead, a.authors, a.published_at, a.published_precision, a.body
FROM news.articles a JOIN news.headlines h USING (page_id)
WHERE h.kind = 'ticker' AND h.gone_at IS NULL
GROUP BY a.page_id, a.article_id, a.title, a.lead, a.authors, a.published_at, a.published_precision, a.body
ORDER BY count(*) DESC, a.article_id LIMIT 1
"""
TICKER_OF = """
SELECT position, text FROM news.headlines WHERE page_id = %(page_id)s AND kind = 'ticker' AND gone_at IS NULL
ORDER BY position
"""


def _show_side_by_side(endpoints: Endpoints) -> None:
    found = reading.query(endpoints.database_url, RICHEST_TICKER)
    if not found:
        return
    article = found[0]
    ticker = reading.query(endpoints.database_url, TICKER_OF, {"page_id": article["page_id"]})
    table = Table(title="One page, separated", title_justify="left", show_lines=False, expand=True)
    table.add_column("Its ticker (news.headlines)", ratio=2)
    table.add_column("Its article (news.articles)", ratio=3)
    left = "\n".join(f"{row['position']:>2}  {escape(row['text'])}" for row in ticker)
    byline = ", ".join(article["authors"])
    body = article["body"][:900].rpartition(" ")[0]
    table.add_row(
        left, f"[bold]{escape(article['title'] or '')}[/bold]\n[dim]{escape(byline)}[/dim]\n\n{escape(body)} …"
    )
    console.print(table)


PAGES = "SELECT page_id, url, page_type, language, fate, reason FROM news.pages"
ARTICLE_OF = """
SELECT title, lead, kicker, authors, publisher, section, tags, language, published_at, published_precision, modified_at,
       modified_precision, source_url, blocks, body AS text
FROM news.articles WHERE page_id = %(page_id)s
"""
HEADLINES_OF = """
SELECT kind, label, position, text, url, language, published_at, published_precision, is_self
FROM news.headlines WHERE page_id = %(page_id)s ORDER BY headline_id
"""


def _check(base_url: str, endpoints: Endpoints) -> list[str]:
    stored = {row["url"]: row for row in reading.query(endpoints.database_url, PAGES)}
    differences = []
    as_expected = 0
    for page in sample_pages():
        row = stored.get(base_url.rstrip("/") + page.path)
        wrong = _differences(page, row, base_url, endpoints)
        as_expected += not wrong
        differences += [f"{page.path}: {sentence}" for sentence in wrong]
    total = as_expected + len({d.partition(": ")[0] for d in differences})
    style = "green" if not differences else "red"
    console.print(f"Checked: {as_expected} of {total} pages are stored as expected.", style=style, highlight=False)
    for sentence in differences[:MOST_DIFFERENCES]:
        console.print(f"  {sentence}", markup=False, highlight=False)
    if len(differences) > MOST_DIFFERENCES:
        console.print(f"  … and {len(differences) - MOST_DIFFERENCES} more", highlight=False)
    return differences


def _differences(page: SamplePage, row: Row | None, base_url: str, endpoints: Endpoints) -> list[str]:
    if row is None:
        return ["has not been stored: nothing led to it"]
    if row["fate"] not in ("stored", "unchanged"):
        return [f"was not stored: {row['fate']}, {row['reason']}"]
    parameters = {"page_id": row["page_id"]}
    article = [reading.with_precision(a) for a in reading.query(endpoints.database_url, ARTICLE_OF, parameters)]
    headlines = [reading.with_precision(h) for h in reading.query(endpoints.database_url, HEADLINES_OF, parameters)]
    found: dict[str, Any] = {
        "url": row["url"],
        "page_type": row["page_type"],
        "language": row["language"],
        "article": _as_parsed(article[0]) if article else None,
        "headlines": [_as_parsed(headline) for headline in headlines],
    }
    return compare(page.expected, found, base_url)


def _as_parsed(row: Row) -> Row:
    """Return a row of Postgres in the shape of the parse result, with times as ISO 8601 text."""
    return {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in row.items()}
