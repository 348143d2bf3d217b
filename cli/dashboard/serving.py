"""Serves the dashboard on an address of this machine, until Ctrl-C or SIGTERM."""

import logging
import socket

import msgspec
import uvicorn
from starlette.types import ASGIApp

from cli.dashboard.app import create_app
from cli.dashboard.security import Terms
from cli.dashboard.servers import Servers
from cli.output import say
from cli.settings import CliSettings
from shared.failures import UserError
from shared.log_setup import set_up_logging
from shared.settings import BrokerSettings, load_settings

# Requests at a time; more are answered that the server is busy.
MOST_AT_A_TIME = 64
# A page that is still being written gets so long (s) at the end.
STOP_S = 5


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where the dashboard listens, and on which terms it answers."""

    host: str
    port: int
    password: str | None = None
    hosts: frozenset[str] = frozenset()
    actions: bool = False


def serve(settings: CliSettings, place: Place) -> None:
    """Answer until Ctrl-C or SIGTERM; raises UserError where the address cannot be had."""
    broker = load_settings(BrokerSettings)
    set_up_logging(level=broker.log_level, style=broker.log_format)
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)  # what fails is said by the application
    app = create_app(Servers(settings), Terms(password=place.password, hosts=place.hosts), actions=place.actions)
    with listening(place.host, place.port) as listener:
        say(f"The dashboard is at {address_of(listener)}, until Ctrl-C.")
        server_of(app).run([listener])


def server_of(app: ASGIApp) -> uvicorn.Server:
    """Return a server for the application; it logs nothing of single requests."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_AT_A_TIME,
        timeout_graceful_shutdown=STOP_S,
    )
    return uvicorn.Server(config)


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; raises UserError where it cannot."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise UserError(
            f"Cannot listen on {host}, port {port}: {error.strerror}. Choose others with --host and --port."
        ) from error


def address_of(listener: socket.socket) -> str:
    """Return the address that a browser on this machine opens."""
    host, port = listener.getsockname()[:2]
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(host, host)
    return f"http://{name}:{port}"
