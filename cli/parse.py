"""`depeche parse`: the parser alone, no server needed."""

import gzip
import sys
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.progress import Progress

from cli.output import print_json, stderr
from cli.wording import counted
from services.fetcher.app import download_options
from services.fetcher.download.download import Downloader
from services.fetcher.settings import FetcherSettings
from services.parser.page import parse_page
from services.parser.settings import ParserSettings
from services.parser.site_rules.rules import SiteRules, load_site_rules
from services.parser.version import PARSER_VERSION
from shared.failures import GiveUp, PageFailure, UserError
from shared.parsed_page import ParsedPage
from shared.settings import load_settings


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A page to be parsed, with its URL and its content type, if they are known."""

    body: bytes
    url: str | None
    content_type: str | None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a manifest."""

    id: str | int
    file: str
    url: str | None = None


def parse(
    page: Annotated[
        str | None, typer.Argument(metavar="FILE|URL|-", help="A saved page, a web address, or standard input.")
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Address of the page, to make its links absolute; a URL has its own.")
    ] = None,
    manifest: Annotated[
        Path | None,
        typer.Option(help='Many pages: JSON lines {"id", "file", "url"}; files ending in .gz are read as is.'),
    ] = None,
) -> None:
    """Separate a page's article from its headlines and print both as JSON (docs/messages.md has the shape).

    Site rules (docs/site-rules.md) apply to pages whose address is known.

        depeche parse https://news.example/story.html
        depeche parse - --url https://news.example/story.html < page.html
        depeche parse --manifest pages.jsonl > parsed.jsonl
    """
    if (page is None) == (manifest is None):
        raise UserError("Name one page (a file, a URL, or - for standard input), or a --manifest of many.")
    rules = load_site_rules(load_settings(ParserSettings).site_rules)
    if manifest is not None:
        _parse_many(manifest, rules)
    elif page is not None:
        _parse_one(page, url, rules)


def _parse_one(page: str, url: str | None, rules: SiteRules) -> None:
    try:
        source = read_source(page, url)
        rule = rules.rule_for(source.url)
        now = datetime.now(UTC)
        print_json(parse_page(source.body, url=source.url, content_type=source.content_type, visited_at=now, rule=rule))
    except PageFailure as failure:
        raise UserError(f"{page}: {failure.detail} ({failure.reason})") from failure


def read_source(page: str, url: str | None) -> Source:
    """Return a saved page, standard input (`-`), or a page of the web; raises UserError and PageFailure."""
    if page.startswith(("http://", "https://")):
        return _download(page)
    body = sys.stdin.buffer.read() if page == "-" else _read_file(Path(page))
    return Source(body=body, url=url, content_type=content_type_of(page))


def _download(url: str) -> Source:
    downloader = Downloader(download_options(load_settings(FetcherSettings)))
    try:
        response = downloader.download(url)
    finally:
        downloader.close()
    return Source(body=response.body, url=response.url, content_type=response.content_type)


def _parse_many(manifest: Path, rules: SiteRules) -> None:
    entries = list(_read_manifest(manifest))
    unreadable = 0
    with Progress(console=stderr, transient=True) as progress:
        for entry in progress.track(entries, description="parsing"):
            result = _result(entry, rules)
            unreadable += "error" in result
            print_json(result)
    if unreadable:
        stderr.print(
            f"{unreadable:,} of {counted(len(entries), 'page')} could not be parsed; their lines have an `error`"
        )
        raise typer.Exit(1)


def _result(entry: Entry, rules: SiteRules) -> dict[str, Any]:
    try:
        body = _read_file(Path(entry.file))
        rule = rules.rule_for(entry.url)
        kind = content_type_of(entry.file)
        parsed = parse_page(body, url=entry.url, content_type=kind, visited_at=datetime.now(UTC), rule=rule)
    except (GiveUp, UserError) as failure:
        reason = failure.reason if isinstance(failure, GiveUp) else "unreadable_file"
        detail = failure.detail if isinstance(failure, GiveUp) else str(failure)
        nothing = ParsedPage(url=entry.url, page_type="other", parser_version=PARSER_VERSION)
        return {"id": entry.id, **msgspec.to_builtins(nothing), "error": {"reason": reason, "detail": detail}}
    return {"id": entry.id, **msgspec.to_builtins(parsed)}


def _read_manifest(manifest: Path) -> Iterator[Entry]:
    for number, line in enumerate(_read_file(manifest).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield msgspec.json.decode(line, type=Entry)
        except msgspec.DecodeError as error:
            wrong = "it is not what a line has to be" if isinstance(error, msgspec.ValidationError) else "it is no JSON"
            raise UserError(
                f"{manifest}, line {number}: {wrong}. "
                'Write {"id": 1, "file": "page.html", "url": "https://news.example/"}; `url` may be left out.'
            ) from error


def _read_file(path: Path) -> bytes:
    try:
        body = path.read_bytes()
        return gzip.decompress(body) if path.suffix == ".gz" else body
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise UserError(f"Cannot read {path}: {getattr(error, 'strerror', None) or error}") from error


def content_type_of(name: str) -> str | None:
    """Return the content type that a file's name stands for; None if the content has to tell."""
    return "text/plain" if name.removesuffix(".gz").endswith(".txt") else None
