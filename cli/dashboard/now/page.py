"""The page Now, and the part of it that updates by itself."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cli.dashboard.page import Page, servers_of
from cli.dashboard.rendering import render
from cli.status.status import Status, look


def show(request: Request) -> Response:
    """Answer with the whole page."""
    return render(request, "now/page.html", now=_now(request))


def part(request: Request) -> Response:
    """Answer with what updates by itself."""
    return render(request, "now/_now.html", now=_now(request))


def _now(request: Request) -> Status:
    servers = servers_of(request)
    return look(servers.settings, servers.redis)


PAGE = Page(title="Now", path="/", routes=[Route("/", show), Route("/now", part)])
