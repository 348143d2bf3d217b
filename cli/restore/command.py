"""`depeche restore`: a backup in place of the database."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from cli.backup.tools import major_of
from cli.backup.where import database
from cli.output import Json, console, print_json, say
from cli.restore.databases import REPLACED, beside, drop, drop_leftover, filling_name, kept_before, removed_unless_used
from cli.restore.dump_file import Dump, examine
from cli.restore.filling import Filled, fill
from cli.restore.new_database import make_new
from cli.restore.swap import swap
from cli.restore.target import Target, look_at, require_rights
from cli.settings import CliSettings
from cli.wording import counted, plural
from services.indexer.connection import Connection
from shared.failures import UserError
from shared.settings import load_settings


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What a restore has done. `kept` is the database that was replaced, `kept_before` those of earlier restores."""

    file: str
    database: str
    pages: int
    articles: int
    migrated: list[str]
    left_out: list[str]
    kept: str | None
    kept_before: list[str]


def restore(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="A file that `depeche backup` wrote.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Replace a database that has pages without asking.")] = False,
    drop_old: Annotated[bool, typer.Option("--drop-old", help="Do not keep the database that is replaced.")] = False,
    drop_kept: Annotated[
        str | None, typer.Option("--drop", metavar="NAME", help="Only drop this database, which a restore has kept.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Put the backup FILE in place of the database, while workers go on.

    It is restored into a new database, which takes the old one's name at the end. Until then the old one is in use
    and unchanged; it is kept under another name. May be ended at any moment and run again.

        depeche restore news.dump
    """
    settings = load_settings(CliSettings)
    if (file is None) == (drop_kept is None):
        raise UserError("Name a backup to restore, or with --drop a database that is to go.")
    with database(settings) as url, beside(url) as server:
        if file is None:
            _drop_kept(server, drop_kept or "")
            return
        dump = examine(file, server=major_of(server))
        target = look_at(server, url)
        require_rights(server, target)
        _ask(target, yes=yes)
        done = _replace(server, url, dump, target, drop_old=drop_old)
    if as_json:
        print_json(done)
    else:
        _tell(done, dump)


def _drop_kept(server: Connection, name: str) -> None:
    if not drop(server, name, mark=REPLACED):
        raise UserError(f"There is no database {name}.")
    console.print(f"dropped {name}", markup=False, highlight=False)


def _ask(target: Target, *, yes: bool) -> None:
    if target.is_empty or target.pages == 0 or yes:
        return
    holds = "tables that are not Depeche's" if target.pages is None else counted(target.pages, "page")
    if not _is_a_person():
        raise UserError(f"The database {target.name} holds {holds}. Say --yes to replace it.")
    typer.confirm(f"The database {target.name} holds {holds}. Replace it?", abort=True, err=True)


def _is_a_person() -> bool:
    return sys.stdin.isatty()


def _replace(server: Connection, url: str, dump: Dump, target: Target, *, drop_old: bool) -> Restored:
    new = filling_name(target.name)
    if drop_leftover(server, url, new):
        say(f"Removed {new}, which a restore had left that did not come to its end.")
    earlier = kept_before(server, target.name)
    with removed_unless_used(server, new):
        make_new(server, target.name, new, owner=target.owner)
        filled: Filled = fill(server, url, dump, target, new)
        kept = swap(server, url, new)
    if kept is not None and (drop_old or target.is_empty):
        drop(server, kept, mark=REPLACED)
        kept = None
    return Restored(
        file=str(dump.file), database=target.name, kept=kept, kept_before=earlier, **msgspec.structs.asdict(filled)
    )


def _tell(done: Restored, dump: Dump) -> None:
    held = f"{counted(done.pages, 'page')}, {counted(done.articles, 'article')}"
    lines = [f"{done.database} is restored from {done.file}: {held}"]
    lines += [f"applied {name}" for name in done.migrated]
    if done.left_out:
        rights = f"{counted(len(done.left_out), 'right')} {plural(len(done.left_out), 'is')} left out"
        lines.append(f"{rights}: the role is not on this server. --json names all. The first: {done.left_out[0]}")
    if done.kept:
        lines.append(f"The database before it is kept as {done.kept}; `depeche restore --drop {done.kept}` drops it.")
    lines += [f"Kept since an earlier restore: {name}; `depeche restore --drop {name}`" for name in done.kept_before]
    if dump.notes is not None and dump.notes.archive is not None:
        since = dump.notes.made_at.isoformat(timespec="seconds")
        lines.append(f"What came after it is in the archive, if that is there: `depeche replay --since {since} FOLDER`")
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
