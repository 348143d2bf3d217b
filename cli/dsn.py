"""`depeche dsn`: where Postgres is."""

from cli.output import console
from cli.settings import CliSettings
from cli.stack.stack import find_database
from shared.settings import load_settings


def dsn() -> None:
    """Print the Postgres DSN in use, for psql and for downstream services."""
    console.print(find_database(load_settings(CliSettings)), markup=False, highlight=False, soft_wrap=True)
