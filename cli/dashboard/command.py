"""`depeche dashboard`: the pages on which an operator sees what runs, what stands and why."""

from typing import Annotated

import typer

from cli.dashboard.settings import DashboardSettings
from cli.settings import CliSettings
from cli.times import shows_times
from shared.failures import UserError
from shared.settings import load_settings

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@shows_times
def dashboard(
    host: Annotated[str, typer.Option(help="Address of this machine to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 for one that is free.")] = 8080,
    allow_actions: Annotated[
        bool, typer.Option("--allow-actions", help="Let pages pause and visit sources, and replay the quarantine.")
    ] = False,
) -> None:
    """Serve web pages that show what runs, what stands and why, until Ctrl-C; docs/dashboard.md shows them.

    The pages only look, unless --allow-actions is given. Whoever reaches the port may look: on any address but the
    loopback the dashboard therefore needs a password, DEPECHE_DASHBOARD_PASSWORD (the user's name does not matter). It
    speaks plain HTTP: to be reached from afar, it belongs behind a proxy that speaks TLS, or at the end of `ssh -L`.

        depeche dashboard
        depeche dashboard --port 9000 --allow-actions
        ssh -L 8080:127.0.0.1:8080 news.example.org
    """
    settings = load_settings(DashboardSettings)
    if host not in LOOPBACK and not settings.password:
        raise UserError(
            f"Whoever reaches {host} could look: set DEPECHE_DASHBOARD_PASSWORD, or listen on 127.0.0.1 alone."
        )
    # Not at the top: what it loads takes a fifth of a second, and no other command needs it.
    from cli.dashboard.serving import Place, serve  # noqa: PLC0415

    place = Place(host=host, port=port, password=settings.password, hosts=settings.hosts, actions=allow_actions)
    serve(load_settings(CliSettings), place)
