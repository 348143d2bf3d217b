"""`depeche rules`: do the site rules still fit the pages that prove them?"""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from cli.output import Row, print_json_lines, print_table, stderr
from services.parser.outline.decode import decode_page
from services.parser.page import parse_page
from services.parser.settings import ParserSettings
from services.parser.site_rules.rules import SHIPPED_RULES, SiteRule, SiteRules, read_rules
from services.parser.site_rules.selection import keys_without_match
from shared.failures import GiveUp, UserError
from shared.parsed_page import ParsedPage
from shared.settings import load_settings

app = typer.Typer(no_args_is_help=True)


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one rule on its test page. `different` has two values per field: with the rule, and without it."""

    rule: str
    test_page: str | None
    stale: list[str] = []
    empty: list[str] = []
    different: dict[str, dict[str, Any]] = {}
    error: str | None = None
    ok: bool


@app.callback()
def rules() -> None:
    """Site rules: exact instructions for the pages of a few sites (docs/site-rules.md)."""


@app.command()
def check(
    file: Annotated[
        Path | None,
        typer.Argument(help="Rules to check; without it, the shipped ones and those of DEPECHE_SITE_RULES."),
    ] = None,
    pages: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the test pages are, if not beside the rules' file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines, for programs.")] = False,
) -> None:
    """Apply every rule to its saved page: which selectors select nothing, which fields are empty, which are different?

    A rule fails if a selector selects nothing, or if its page is missing or not one of the rule's pages. Exit code 1
    if any does.

        depeche rules check
        depeche rules check my-rules.toml --pages saved/
    """
    files = [file] if file is not None else [SHIPPED_RULES, load_settings(ParserSettings).site_rules]
    findings = [_check(rule, pages or path.parent) for path in files if path is not None for rule in read_rules(path)]
    if as_json:
        print_json_lines(msgspec.structs.asdict(finding) for finding in findings)
    elif findings:
        _print(findings)
    else:
        stderr.print("there are no site rules to check", style="dim")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _check(rule: SiteRule, folder: Path) -> Finding:
    try:
        return _compare(rule, _read_test_page(rule, folder))
    except (GiveUp, UserError) as failure:
        detail = failure.detail if isinstance(failure, GiveUp) else str(failure)
        return Finding(rule=rule.name, test_page=rule.test_page, error=detail, ok=False)


def _read_test_page(rule: SiteRule, folder: Path) -> bytes:
    if rule.test_page is None:
        raise UserError("there is no test_page that proves it")
    try:
        return (folder / rule.test_page).read_bytes()
    except OSError as error:
        raise UserError(f"cannot read {folder / rule.test_page}: {error.strerror}") from error


def _compare(rule: SiteRule, body: bytes) -> Finding:
    """Parse the page with the rule and without it, as on the day when the rule was written, and compare the results."""
    url = parse_page(body, url=None).canonical_url
    if url is not None and SiteRules([rule]).rule_for(url, rule.seen) is None:
        raise UserError(f"the rule is not for the address of its test page, {url}")
    url = url or f"https://{rule.site}/page"
    stale = keys_without_match(decode_page(body, None), rule)
    general = _fields(parse_page(body, url=url), rule)
    ruled = _fields(parse_page(body, url=url, rule=rule, on_stale=stale.extend), rule)
    return Finding(
        rule=rule.name,
        test_page=rule.test_page,
        stale=list(dict.fromkeys(stale)),
        empty=[key for key, value in ruled.items() if not value],
        different={
            key: {"rule": value, "general": general[key]} for key, value in ruled.items() if value != general[key]
        },
        ok=not stale,
    )


def _fields(page: ParsedPage, rule: SiteRule) -> dict[str, Any]:
    """Return the values of the parse result that the keys of a rule stand for."""
    article = page.article
    return {
        "title": article.title if article else None,
        "author": article.authors if article else [],
        "date": article.published_at if article else None,
        "body": article.text if article else "",
        "ticker": [[line.text, line.url] for line in page.headlines if line.kind == rule.ticker_kind],
    }


def _print(findings: list[Finding]) -> None:
    rows: list[Row] = [
        {**msgspec.structs.asdict(finding), "result": "ok" if finding.ok else finding.error or "fails"}
        | {"different": list(finding.different)}
        for finding in findings
    ]
    columns = {
        "rule": "Rule",
        "test_page": "Test page",
        "stale": "Select nothing",
        "empty": "Empty",
        "different": "Other than without the rule",
        "result": "Result",
    }
    print_table(rows, columns)
