"""`depeche replay`: archived pages through the parser again, without the network."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from cli import reading
from cli.options import Since
from cli.output import Row, print_json, print_table, stderr
from cli.replay.files import Found, find_archives, size_of
from cli.replay.preview import Preview
from cli.replay.sending import Sender
from cli.settings import CliSettings
from cli.stack.stack import find_endpoints
from cli.times import shows_times
from cli.waiting import wait_until_landed
from services.fetcher.archive.left_out import LeftOut
from services.fetcher.archive.warc_pages import ArchivedPage, read_pages
from services.fetcher.settings import FetcherSettings
from services.indexer.schema.migrate import require_current
from services.parser.settings import ParserSettings
from services.parser.site_rules.rules import load_site_rules
from shared.log_setup import set_up_logging
from shared.messages import PageFetched
from shared.settings import load_settings

BAD_FATES = ("failed", "quarantined", "refused")
Give = Callable[[PageFetched, bytes], None]


class Read:
    """Counts of what the files held: pages, and by reason what was no page, each with the first of its kind."""

    def __init__(self, other_files: int) -> None:
        self.pages = 0
        self.damaged = False
        self.left_out: Counter[str] = Counter()
        self.first: dict[str, LeftOut] = {}
        if other_files:
            self.left_out["other_file"] = other_files

    def leave_out(self, record: LeftOut) -> None:
        """Count a record from which no page is taken."""
        self.left_out[record.reason] += 1
        self.first.setdefault(record.reason, record)
        self.damaged = self.damaged or record.broken


@shows_times
def replay(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    warcs: Annotated[
        list[Path], typer.Argument(metavar="ARCHIVE...", help="WARC or WACZ files, folders, - for standard input.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Parse here, show what would change in Postgres, write nothing.")
    ] = False,
    since: Since = None,
    url_prefix: Annotated[
        list[str] | None, typer.Option(help="Only pages whose URL begins with this; repeatable.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Name to store as the source of pages that have none.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a line of JSON a changed page, and the sum.")] = False,
) -> None:
    """Send archived pages through the parser again; the running stack stores them.

    Takes the files of Depeche's own archive and those of others, such as Common Crawl's CC-NEWS. An older page never
    replaces a newer one (docs/archive.md). Exit status 1: a file is damaged somewhere or cannot be read, or pages could
    not be parsed.

        depeche replay .depeche/archive/*.warc.gz --dry-run
        depeche replay .depeche/archive/*.warc.gz --url-prefix https://news.example/
    """
    set_up_logging(level="error", style="console")
    found = find_archives(warcs)
    pages = Pages(found, since, tuple(url_prefix or ()), source)
    endpoints = find_endpoints(load_settings(CliSettings))
    require_current(endpoints.database_url)
    if dry_run:
        rules = load_site_rules(load_settings(ParserSettings).site_rules)
        with Preview(endpoints.database_url, rules, as_json=as_json) as preview:
            pages.give(preview.show, batch=None)
        outcome: dict[str, Any] = {"outcomes": dict(preview.outcomes), "fields": dict(preview.fields)}
        failed = any(preview.outcomes[fate] for fate in BAD_FATES)
    else:
        batch = uuid.uuid4().hex
        room = load_settings(FetcherSettings).max_in_air
        with Sender(endpoints.redis_url, room) as sender:
            pages.give(sender.send, batch=batch)
            sender.flush()
            wait_until_landed(sender.ledger, batch, [], None)
        outcome = {"batch": batch, "fates": reading.fates_of_batch(endpoints.database_url, batch)}
        failed = any(outcome["fates"].get(fate) for fate in BAD_FATES)
    _say(pages.read, outcome, as_json=as_json)
    if failed or pages.read.damaged:
        raise typer.Exit(1)


class Pages:
    """The wanted pages of the files."""

    def __init__(self, found: Found, since: datetime | None, prefixes: tuple[str, ...], source: str | None) -> None:
        self._archives = found.archives
        self._since = since
        self._prefixes = prefixes
        self._source = source
        self._max_bytes = load_settings(FetcherSettings).max_page_bytes
        self.read = Read(found.others)

    def give(self, to: Give, *, batch: str | None) -> None:
        """Pass each page on, with a progress bar; reports each damaged place when it is met."""
        columns = (BarColumn(), DownloadColumn(), TimeElapsedColumn(), TextColumn("{task.fields[pages]:,} pages"))
        with Progress(TextColumn("read"), *columns, console=stderr, transient=True) as progress:
            task = progress.add_task("read", total=sum(map(size_of, self._archives)), pages=0)
            before = 0
            for archive in self._archives:

                def show(at: int, before: int = before) -> None:
                    progress.update(task, completed=before + at, pages=self.read.pages)

                for page in self._pages(archive, show):
                    to(fetched(page, batch, self._source), page.body)
                before += size_of(archive)

    def _pages(self, archive: Path, progress: Callable[[int], None]) -> Iterator[ArchivedPage]:
        for page in read_pages(archive, max_bytes=self._max_bytes, wanted=self._wanted, progress=progress):
            if isinstance(page, LeftOut):
                self.read.leave_out(page)
                if page.broken:
                    stderr.print(f"{page.place}: {page.detail}; skipped", markup=False, highlight=False, soft_wrap=True)
                continue
            self.read.pages += 1
            yield page

    def _wanted(self, url: str, at: datetime) -> bool:
        return (self._since is None or at >= self._since) and (not self._prefixes or url.startswith(self._prefixes))


def fetched(page: ArchivedPage, batch: str | None, source: str | None) -> PageFetched:
    """Return the PageFetched of an archived page, with a flight of its own."""
    origin = msgspec.structs.replace(page.origin, source=page.origin.source or source, batch=batch)
    return PageFetched(flight_id=uuid.uuid4().hex, origin=origin, answer=page.answer)


def _say(read: Read, outcome: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json({"pages": read.pages, "left_out": dict(read.left_out), **outcome})
        return
    if read.left_out:
        print_table(
            list(_left_out(read)), {"reason": "left out", "records": "records", "first": "the first"}, to=stderr
        )
    lines = {"pages": {"read": read.pages}, **outcome}
    lines.pop("batch", None)
    for name, numbers in lines.items():
        shown = ", ".join(f"{number:,} {key}" for key, number in sorted(numbers.items(), key=lambda item: -item[1]))
        stderr.print(f"{name}: {shown or 'none'}", markup=False, highlight=False)


def _left_out(read: Read) -> Iterator[Row]:
    for reason, records in read.left_out.most_common():
        first = read.first.get(reason)
        yield {"reason": reason, "records": records, "first": f"{first.place}: {first.detail}" if first else None}
