"""`depeche backup`: all that Postgres holds, in one checked file."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.filesize import decimal

from cli.backup.dumping import write_backup
from cli.backup.notes import Notes, archive_position
from cli.backup.where import database
from cli.output import Json, console, print_json
from cli.settings import CliSettings
from cli.wording import counted
from services.fetcher.settings import FetcherSettings
from services.indexer.schema.migrate import connect
from shared.settings import load_settings


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")],
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it is there already.")] = False,
    as_json: Json = False,
) -> None:
    """Write all that Postgres holds to FILE, for `depeche restore`, while workers go on.

    FILE is there when it is whole and checked, and not before. FILE.json beside it notes what it has. Needs neither
    workers nor Redis, but the owner of the tables. The archive is not in it: copy its folder.

        depeche backup news.dump
    """
    settings = load_settings(CliSettings)
    archive = archive_position(load_settings(FetcherSettings).archive)
    with database(settings) as url, connect(url) as connection:
        notes = write_backup(connection, url, file, archive, force=force)
    if as_json:
        print_json({"file": str(file), **msgspec.to_builtins(notes)})
        return
    console.print(_sentence(file, notes), markup=False, highlight=False, soft_wrap=True)


def _sentence(file: Path, notes: Notes) -> str:
    at = f"; the archive was at {notes.archive.newest}:{notes.archive.newest_bytes}" if notes.archive else ""
    return (
        f"{file}: {decimal(notes.dump_bytes)}, {counted(notes.pages, 'page')}, {counted(notes.articles, 'article')}, "
        f"schema {notes.schema}{at}"
    )
