"""`depeche show`: one article as text, with the headlines of its page."""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Annotated, Any

import typer
from rich.text import Text

from cli import reading
from cli.output import Json, Row, as_text, console, print_json, print_line
from cli.settings import CliSettings
from cli.stack.stack import find_database
from cli.times import shown, shows_times
from cli.trace.rows import wanted
from shared.failures import UserError
from shared.settings import load_settings

# Columns to read a text in, where the terminal is wider.
WIDEST = 100

# An address may be the article's own, that of the page where it was read, or of a page that was read as this article.
WHICH = """
SELECT article_id FROM news.articles WHERE url_key = ANY (%(keys)s::uuid[]) OR article_id = %(number)s
UNION ALL
SELECT (SELECT v.article_id FROM news.visits v
        WHERE v.page_id = p.page_id AND v.parser_version IS NOT NULL ORDER BY v.at DESC LIMIT 1)
FROM news.pages p WHERE p.url_key = ANY (%(keys)s::uuid[])
LIMIT 1
"""
ARTICLE = "SELECT * FROM news.articles WHERE article_id = %(article_id)s"
PAGE = "SELECT page_id, url, page_type, fate, landed_at FROM news.pages WHERE {which}"
HEADLINES = """
SELECT kind, label, position, text, url, language, published_at, published_precision, is_self, first_seen_at, article_id
FROM news.headlines WHERE page_id = %(page_id)s AND gone_at IS NULL
ORDER BY kind, label NULLS FIRST, position
"""


@shows_times
def show(
    which: Annotated[str, typer.Argument(metavar="URL|ID", help="Any address of the article, or its article_id.")],
    headlines: Annotated[
        bool, typer.Option("--headlines/--no-headlines", help="Whether to show the headlines on its page.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Print one article as text, with the headlines that stand on its page now; of a front or feed, its headlines.

    With --json one object: `article` with all columns of news.articles, or null, `page`, and `headlines`.

        depeche show 4711
        depeche show https://paper.example/story.html --no-headlines
    """
    found = _found(find_database(load_settings(CliSettings)), which.strip(), headlines=headlines)
    if as_json:
        print_json(found)
        return
    if found["article"]:
        _show_article(found["article"])
    else:
        print_line(found["page"]["url"], style="bold")
        print_line(f"{found['page']['page_type'] or 'not read'}, visited {shown(found['page']['landed_at'])}")
    _show_headlines(found["headlines"])


def _found(database_url: str, which: str, *, headlines: bool) -> Row:
    """Return the article, its page, and the headlines there; raises UserError if nothing of that is stored."""
    of = wanted(which) if which else None
    if of is None or of.flight_id is not None:
        raise UserError("Name the URL of an article, or its article_id, as `depeche articles` shows it.")
    parameters = {"keys": of.keys, "number": of.page_id}
    ids = reading.query(database_url, WHICH, parameters)
    article = None
    if ids and ids[0]["article_id"] is not None:
        [article] = reading.query(database_url, ARTICLE, ids[0])
    by = "page_id = %(page_id)s" if article else "url_key = ANY (%(keys)s::uuid[])"
    pages = reading.query(database_url, PAGE.format(which=by), article or parameters)
    if not pages:
        raise UserError(_unknown(which, is_number=of.page_id is not None))
    lines = reading.query(database_url, HEADLINES, pages[0]) if headlines else []
    return {
        "article": reading.with_precision(article) if article else None,
        "page": pages[0],
        "headlines": [reading.with_precision(line) for line in lines],
    }


def _unknown(which: str, *, is_number: bool) -> str:
    if is_number:
        return f"There is no article {which}. `depeche articles` and `depeche search` show which there are."
    return f"Nothing is stored of {which}. `depeche trace {which}` says whether it is on its way."


def _show_article(article: Row) -> None:
    if article["kicker"]:
        print_line(article["kicker"], style="dim")
    print_line(article["title"] or "without a title", style="bold")
    for line in _facts(article):
        print_line(line, style="dim")
    blocks = article["blocks"]
    if article["lead"] and (not blocks or blocks[0].get("text") != article["lead"]):
        print_line("")
        _paragraph(as_text(article["lead"]).plain, style="bold")
    for block in blocks:
        print_line("")
        _show_block(block)


def _facts(article: Row) -> Iterator[str]:
    """Yield who published it and when, where it is, and what is to be known of it."""
    who = ", ".join(article["authors"])
    yield ", ".join(filter(None, [who, article["publisher"], article["section"]]))
    published, modified = as_text(article["published_at"]).plain, as_text(article["modified_at"]).plain
    said = [f"published {published}" if published else f"found {shown(article['first_seen_at'])}"]
    said += [f"changed {modified}"] if modified and modified != published else []
    said += [f"withdrawn {shown(article['withdrawn_at'])}"] if article["withdrawn_at"] else []
    yield ", ".join([*said, article["language"] or "language unknown", f"version {article['version']}"])
    yield f"article {article['article_id']}  {article['url']}"
    for sign in ("truncated", "paywalled", "consent_wall", "live_blog"):
        if article[sign]:
            yield f"it is marked {sign}: news.articles says what that means"


def _show_block(block: dict[str, Any]) -> None:
    """Print a block of the body, as wide as a text is read well."""
    kind, text = block["type"], as_text(block.get("text") or "").plain
    if kind == "heading":
        _paragraph(text, style="bold")
    elif kind == "quote":
        _paragraph(text, indent="  | ")
    elif kind == "list":
        for item in block.get("items") or [text]:
            _paragraph(as_text(item).plain, first="  - ", indent="    ")
    elif kind == "table":
        for row in block.get("rows") or []:
            _paragraph(" | ".join(as_text(cell).plain for cell in row), indent="  ")
    elif kind in {"image", "embed"}:
        said = [block.get("caption"), block.get("credit"), block.get("url")]
        _paragraph(f"[{kind}: {', '.join(as_text(part).plain for part in said if part) or text}]", style="dim")
    else:
        _paragraph(text)


def _paragraph(text: str, *, first: str | None = None, indent: str = "", style: str = "") -> None:
    """Print a paragraph; its lines are broken on a terminal only."""
    first = indent if first is None else first
    lines = [first + text]
    if console.is_terminal:
        wide = min(console.width, WIDEST)
        lines = textwrap.wrap(text, wide, initial_indent=first, subsequent_indent=indent) or [""]
    for line in lines:
        print_line(line, style=style)


def _show_headlines(headlines: Sequence[Row]) -> None:
    for (kind, label), lines in groupby(headlines, key=lambda line: (line["kind"], line["label"])):
        print_line("")
        print_line(f"{kind}: {label}" if label else kind, style="bold")
        for line in lines:
            stored = f"  article {line['article_id']}" if line["article_id"] else ""
            print_line(Text(f"{line['position']:>4}  ") + as_text(line["text"]) + Text(stored, style="dim"))
