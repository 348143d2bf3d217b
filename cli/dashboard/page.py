"""What a page of the dashboard is, and what each of its functions may ask of the request."""

from collections.abc import Sequence

import msgspec
from starlette.requests import Request
from starlette.routing import Route

from cli.dashboard.servers import Servers
from shared.failures import DepecheError


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page with its title and path in the navigation, and the routes of all that belongs to it."""

    title: str
    path: str
    routes: Sequence[Route]


class NotAllowed(DepecheError):
    """Something that the dashboard does only where the operator allows it."""


def servers_of(request: Request) -> Servers:
    """Return where the servers are."""
    servers: Servers = request.app.state.servers
    return servers


def require_actions(request: Request) -> None:
    """Raise NotAllowed unless the dashboard was started with --allow-actions."""
    if not request.app.state.actions:
        raise NotAllowed("This dashboard only looks: start it with --allow-actions to act from it.")
