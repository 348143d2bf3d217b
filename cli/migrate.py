"""`depeche migrate`: the database brought to the schema that this version needs."""

from pathlib import Path
from typing import Annotated

import typer

from cli.output import console
from cli.settings import CliSettings
from cli.stack.stack import find_database
from services.indexer.schema.migrate import migrate as apply_migrations
from services.indexer.upkeep.logins import Login
from shared.failures import UserError
from shared.settings import load_settings


def migrate(
    writer: Annotated[
        list[Path] | None,
        typer.Option(
            help="File with a DSN, such as the indexer's: its user is made, in role depeche_writer. May repeat."
        ),
    ] = None,
    reader: Annotated[list[Path] | None, typer.Option(help="The same in role depeche_reader. May repeat.")] = None,
    relay: Annotated[list[Path] | None, typer.Option(help="The same in role depeche_relayer. May repeat.")] = None,
) -> None:
    """Bring the database to the schema that this version needs; does nothing when it is there.

    Needs the owner of the database. Workers may run meanwhile, and it may be ended at any moment and run again.

        depeche migrate
        depeche migrate --writer indexer.dsn --reader desk.dsn
    """
    logins = [Login(url=_read_secret(file), role="depeche_writer") for file in writer or []]
    logins += [Login(url=_read_secret(file), role="depeche_reader") for file in reader or []]
    logins += [Login(url=_read_secret(file), role="depeche_relayer") for file in relay or []]
    applied = apply_migrations(find_database(load_settings(CliSettings)), logins=logins)
    for name in applied:
        console.print(f"applied {name}", highlight=False)
    if not applied:
        console.print("the schema is up to date", highlight=False)


def _read_secret(file: Path) -> str:
    """Return the secret that a file holds."""
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"Cannot read {file}: {error}") from error
