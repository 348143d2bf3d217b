"""`depeche inspect`: what the parser made of a page, as an HTML report."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from cli.inspect.lines import lines_of
from cli.inspect.report import report, summary
from cli.output import Json, console, print_json_lines, stderr
from cli.parse import read_source
from services.parser.inspect.fields import Field
from services.parser.inspect.inspection import inspect_page
from services.parser.settings import ParserSettings
from services.parser.site_rules.rules import load_site_rules
from shared.failures import PageFailure, UserError
from shared.settings import load_settings


def inspect(
    page: Annotated[str, typer.Argument(metavar="FILE|URL|-", help="A saved page, a web address, or standard input.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Where to write the report; - is standard output.", show_default=False),
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Address of the page, to make its links absolute; a URL has its own.")
    ] = None,
    fields: Annotated[
        bool, typer.Option("--fields", help="Print the fields alone: where each came from, and what was passed over.")
    ] = False,
    json: Json = False,
) -> None:
    """Show what the parser made of a page: an HTML report with the reason for each part (docs/inspect.md).

    Without -o, the report of page.html is page.inspect.html beside it; that of a web address or of standard input is
    inspect.html in this folder. With --fields or --json the fields are printed, and no report is written.

        depeche inspect https://news.example/story.html
    """
    rules = load_site_rules(load_settings(ParserSettings).site_rules)
    try:
        source = read_source(page, url)
        rule = rules.rule_for(source.url)
        inspection = inspect_page(
            source.body, url=source.url, content_type=source.content_type, visited_at=datetime.now(UTC), rule=rule
        )
    except PageFailure as failure:
        raise UserError(f"{page}: {failure.detail} ({failure.reason})") from failure
    if fields or json:
        _print_fields(inspection.fields, json=json)
        return
    document = report(inspection, "standard input" if page == "-" else page).encode()
    if output == Path("-"):
        sys.stdout.buffer.write(document)
        sys.stdout.buffer.flush()
        return
    path = output or _default_path(page)
    _write(path, document, page)
    stderr.print(f"wrote {path} ({summary(inspection)})", markup=False, highlight=False, soft_wrap=True)


def _print_fields(fields: list[Field], *, json: bool) -> None:
    if json:
        print_json_lines(msgspec.to_builtins(fields))
        return
    for line in lines_of(fields):
        console.print(line, soft_wrap=True)


def _default_path(page: str) -> Path:
    if page == "-" or page.startswith(("http://", "https://")):
        return Path("inspect.html")
    path = Path(page.removesuffix(".gz"))
    return path.with_name(f"{path.stem}.inspect.html")


def _write(path: Path, document: bytes, page: str) -> None:
    try:
        if path.exists() and Path(page).exists() and path.samefile(page):
            raise UserError(f"{path} is the page itself; name another file with -o.")
        path.write_bytes(document)
    except (OSError, ValueError) as error:
        raise UserError(f"Cannot write {path}: {getattr(error, 'strerror', None) or error}") from error
