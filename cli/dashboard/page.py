"""What a page of the dashboard is, and what each of its functions may ask of the request."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Route

from cli.dashboard.servers import Servers
from shared.failures import DepecheError

# Bytes of a form; ours have a few dozen.
LONGEST_FORM = 10_000


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


async def form_of(request: Request) -> Mapping[str, str]:
    """Return the fields of the form that a page of ours sends."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_FORM:
            raise HTTPException(413, "No form of the dashboard is so long.")
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
