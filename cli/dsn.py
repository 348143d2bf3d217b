"""`depeche dsn`: where Postgres and Redis are."""

from typing import Annotated

import typer

from cli.output import print_line
from cli.settings import CliSettings
from cli.stack.stack import find_database, find_redis
from shared.settings import load_settings


def dsn(
    broker: Annotated[
        bool, typer.Option("--broker", help="Print the URL of Redis: the broker, for Celery clients and redis-cli.")
    ] = False,
) -> None:
    """Print the address of the Postgres in use, for psql and for downstream services.

    It has the password in it. Of a stack that runs on this machine the address holds until that one ends.

        psql "$(depeche dsn)"
        redis-cli -u "$(depeche dsn --broker)" ping
    """
    settings = load_settings(CliSettings)
    print_line(find_redis(settings) if broker else find_database(settings))
