"""`depeche relay`: each change of an article, delivered to a webhook or to a stream of Redis."""

import contextlib
from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.relay.cursors import Cursors, InFile, InPostgres
from cli.relay.delivery import Plan, Relay
from cli.relay.life import Life
from cli.relay.settings import RelaySettings
from cli.relay.stream import Stream
from cli.relay.webhook import Webhook
from cli.settings import CliSettings
from cli.stack.stack import find_database
from shared import metrics
from shared.broker.redis_url import SCHEMES
from shared.failures import UserError
from shared.log_setup import set_up_logging
from shared.settings import BrokerSettings, load_settings
from shared.signals import stop_event


def relay(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="URL", help="Webhook (https://…) or Redis (redis://…): DEPECHE_RELAY_TO."),
    ] = None,
    secret_file: Annotated[
        Path | None,
        typer.Option(help="File with the secret that signs what a webhook gets: DEPECHE_RELAY_SECRET."),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="now|beginning|CURSOR",
            help="Where to begin when no cursor has been kept: by default with what changes from now on.",
        ),
    ] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Begin at --from although a cursor has been kept.")] = False,
    batch: Annotated[int | None, typer.Option(min=1, max=1000, help="Changes of a delivery, at the most; 20.")] = None,
    refused: Annotated[
        Literal["stop", "skip"] | None,
        typer.Option(help="What becomes of a change that a webhook refuses for good (400, 413, 422 …); stop."),
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the cursor in Postgres: one for each receiver.")] = "relay",
    cursor_file: Annotated[Path | None, typer.Option(help="Keep the cursor in this file, and not in Postgres.")] = None,
    stream: Annotated[str, typer.Option(help="Name of the stream, with --to redis://….")] = "news:changes",
    stream_length: Annotated[
        int, typer.Option(min=1, help="Entries that the stream keeps, about; older ones go.")
    ] = 10_000,
) -> None:
    """Deliver each change of an article to a webhook or to a stream of Redis, until Ctrl-C.

    For receivers that cannot hold a connection to Postgres. Each change arrives at least once, with the article as it
    reads now, and those of one article in their order. A failed delivery is repeated until it is taken, for days if
    need be. Killed at any moment, the relay goes on where it was. docs/relay.md has what is sent, and what a receiver
    has to do: check the signature, and pass over an id that it has had.

        depeche relay --to https://desk.example/changes --secret-file secret
        depeche relay --to http://127.0.0.1:8000/ --secret-file secret --from beginning --cursor-file cursor
        depeche relay --to redis://127.0.0.1:6380/0 --stream news:changes --name desk
    """
    settings = load_settings(RelaySettings)
    broker = load_settings(BrokerSettings)
    database_url = find_database(load_settings(CliSettings))
    plan = Plan(
        start=start or settings.relay_from,
        anew=anew,
        batch=batch or settings.relay_batch,
        refused=refused or settings.relay_refused,
    )
    if anew and start is None:
        raise UserError("--anew needs --from now, --from beginning or --from CURSOR.")
    receiver = _receiver(to or settings.relay_to, _secret(secret_file, settings), stream, stream_length)
    cursors: Cursors = InFile(cursor_file) if cursor_file else InPostgres(name)
    set_up_logging(level=broker.log_level, style=broker.log_format)
    with contextlib.closing(receiver), metrics.served(broker), stop_event() as stop:
        Relay(cursors, receiver, plan, Life(stop, broker.health_file)).run(database_url)


def _receiver(to: str | None, secret: str | None, stream: str, length: int) -> Webhook | Stream:
    if not to:
        raise UserError("Say where to deliver: --to https://… for a webhook, --to redis://… for a stream of Redis.")
    is_redis = to.partition("://")[0].lower() in SCHEMES
    return Stream(to, stream, length) if is_redis else Webhook(to, secret)


def _secret(file: Path | None, settings: RelaySettings) -> str | None:
    if file is None:
        return settings.relay_secret
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"Cannot read the secret from {file}: {error}") from error
