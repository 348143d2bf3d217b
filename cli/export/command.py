"""`depeche export`: the articles as a file, all of them or what has changed since the last export."""

import contextlib
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from cli.export.formats import COMPRESSED, Write, json_lines
from cli.export.reading import Articles, Wanted, articles
from cli.export.target import Counted, written
from cli.output import stderr
from cli.settings import CliSettings
from cli.stack.stack import find_database
from cli.wording import counted
from services.parser.version import PARSER_VERSION
from shared.failures import UserError
from shared.settings import load_settings
from shared.signals import ctrl_c_noted


class Layout(StrEnum):
    """How the rows are laid out: in one file, or in a folder by day, as Hive and Spark name it."""

    FILE = "file"
    HIVE = "hive"


class Format(StrEnum):
    """The formats; a file's name ends in one of them."""

    JSONL = "jsonl"
    PARQUET = "parquet"


def export(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    to: Annotated[
        str, typer.Option("--to", "-o", metavar="FILE|FOLDER|-", help="File to write, or `-` for standard output.")
    ] = "-",
    layout: Annotated[
        Layout,
        typer.Option(help="`hive`: --to is a folder with a Parquet file for each day, to be brought up to date."),
    ] = Layout.FILE,
    shape: Annotated[
        Format | None,
        typer.Option("--format", help="Without it, by the file's name: .jsonl, .jsonl.gz, .jsonl.zst or .parquet."),
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="CURSOR", help="Only articles that have changed after this cursor.")
    ] = None,
    cursor_file: Annotated[
        Path | None,
        typer.Option(help="Begin after the cursor in this file, and write the next one into it; the first time, all."),
    ] = None,
    source: Annotated[str | None, typer.Option(help="Only this source's.")] = None,
    language: Annotated[str | None, typer.Option(help="Only this language's (ISO 639-1, such as fr).")] = None,
    tag: Annotated[str | None, typer.Option(help="Only those of sources with this tag.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")] = False,
) -> None:
    """Export articles as they read now: one row each, all columns of news.articles, withdrawn ones too.

    The last line, on standard error, has the cursor to go on from: an export --since it has every article that has
    changed meanwhile. A file is there only once it is complete. docs/reading.md has more.

        depeche export --to articles.parquet
        depeche export --cursor-file cursor --to - >> changed.jsonl
        depeche export --layout hive --to /srv/articles
    """
    if layout is Layout.HIVE:
        _by_day(to, shape, cursor_file, Wanted(since=since, source=source, language=language, tag=tag), overwrite)
        return
    path = None if to == "-" else Path(to)
    shape = shape_of(path, shape)
    wanted = Wanted(since=_since(since, cursor_file), source=source, language=language, tag=tag)
    database_url = find_database(load_settings(CliSettings))
    began = time.monotonic()
    with (
        ctrl_c_noted(signal.SIGTERM) as end_if_pressed,
        written(path, overwrite=overwrite) as file,
        articles(database_url, wanted) as found,
        _writer(file, shape, path, found, wanted) as write,
        _progress(found.total, shown=path is not None or not sys.stdout.isatty()) as show,
    ):
        done = 0
        for rows in found.batches():
            write(rows)
            done += len(rows)
            show(done)
            end_if_pressed()
    _keep_cursor(cursor_file, found.cursor)
    seconds = time.monotonic() - began
    summary = f"{counted(done, 'article')}, {file.bytes / 1e6:,.1f} MB, {seconds:.1f} s, cursor {found.cursor}"
    stderr.print(f"exported {summary}", markup=False, highlight=False, soft_wrap=True)


def _by_day(to: str, shape: Format | None, cursor_file: Path | None, wanted: Wanted, overwrite: bool) -> None:
    if to == "-":
        raise UserError("--layout hive needs a folder; name it with --to.")
    if shape not in {None, Format.PARQUET}:
        raise UserError("--layout hive writes Parquet only.")
    if cursor_file is not None or wanted.since is not None:
        raise UserError("--layout hive keeps its cursor in the folder; leave --since and --cursor-file out.")
    from cli.export.hive import Days  # noqa: PLC0415 - as cli.export.parquet

    database_url = find_database(load_settings(CliSettings))
    began = time.monotonic()
    with ctrl_c_noted(signal.SIGTERM) as end_if_pressed, Days.opened(Path(to), database_url, wanted) as days:
        due = days.due(again=overwrite)
        with _progress(len(due), shown=True) as show:
            for done, day in enumerate(due, start=1):
                days.write(day, end_if_pressed)
                show(done)
        days.finish()
    seconds = time.monotonic() - began
    written_now = f"{counted(days.files, 'day')}, {counted(days.rows, 'article')}, {days.bytes / 1e6:,.1f} MB"
    summary = f"{written_now}, {seconds:.1f} s, cursor {days.cursor}"
    stderr.print(f"exported {summary}", markup=False, highlight=False, soft_wrap=True)


def shape_of(path: Path | None, asked: Format | None) -> Format:
    """Return the format that is asked for, or that the file's name ends in.

    Raises UserError if the two differ, or if there is neither.
    """
    if path is None:
        return asked or Format.JSONL
    compressed = path.suffix in COMPRESSED
    ending = (Path(path.stem) if compressed else path).suffix
    named = next((shape for shape in Format if ending == f".{shape}"), None)
    shape = asked or named
    if shape is None:
        raise UserError(f"{path.name} does not end in .jsonl or .parquet; say --format.")
    if named not in (None, shape) or (compressed and shape is Format.PARQUET):
        raise UserError(f"{path.name} is no name for the format {shape}.")
    return shape


def _since(since: str | None, cursor_file: Path | None) -> str | None:
    if cursor_file is None:
        return since
    if since is not None:
        raise UserError("Give --since or --cursor-file, not both.")
    if not cursor_file.absolute().parent.is_dir():
        raise UserError(f"There is no folder {cursor_file.parent} for the cursor file.")
    try:
        return cursor_file.read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"Cannot read a cursor from {cursor_file}: {error}") from error


def _keep_cursor(cursor_file: Path | None, cursor: str) -> None:
    if cursor_file is None:
        return
    try:
        with written(cursor_file, overwrite=True) as file:
            file.write(f"{cursor}\n".encode())
    except UserError as error:
        raise UserError(f"The articles are exported, but: {error} Go on with --since {cursor}.") from error


def _writer(
    file: Counted, shape: Format, path: Path | None, found: Articles, wanted: Wanted
) -> AbstractContextManager[Write]:
    if shape is Format.JSONL:
        return json_lines(file, found.columns, path.suffix if path else "")
    if path is None and sys.stdout.isatty():
        raise UserError("A Parquet file is nothing for a terminal; name a file with --to, or use a pipe.")
    from cli.export.parquet import parquet  # noqa: PLC0415 - takes 60 ms and 40 MB, and only this format needs it

    facts = {"cursor": found.cursor, "exported_at": datetime.now(UTC).isoformat(), "parser_version": PARSER_VERSION}
    facts |= {name: value for name, value in msgspec.structs.asdict(wanted).items() if value is not None}
    return parquet(file, found.columns, {f"depeche.{name}": value for name, value in facts.items()})


@contextlib.contextmanager
def _progress(total: int, *, shown: bool) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("exported"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=stderr, transient=True, disable=not (shown and stderr.is_terminal)) as progress:
        task = progress.add_task("exported", total=total)
        yield lambda done: progress.update(task, completed=done)
