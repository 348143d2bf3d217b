"""The dashboard as a web application: its pages, behind the guard, and what is said when something fails."""

from collections.abc import Sequence

import psycopg
import redis
import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from cli.dashboard.now import page as now
from cli.dashboard.page import NotAllowed, Page
from cli.dashboard.quarantine import page as quarantine
from cli.dashboard.rendering import render
from cli.dashboard.security import HEALTH, Guard, Terms
from cli.dashboard.servers import Servers
from cli.dashboard.sources import page as sources
from cli.halves import sentence_of
from shared.failures import UserError

# In the order of the navigation. The first one is what `/` shows.
PAGES: Sequence[Page] = (now.PAGE, sources.PAGE, quarantine.PAGE)

log = structlog.get_logger()


class KeptFiles(StaticFiles):
    """The files of `static/`, which browsers may keep: their address changes with them."""

    def file_response(self, full_path: str, stat_result: object, scope: Scope, status_code: int = 200) -> Response:  # type: ignore[override]
        """Return the file."""
        answer = super().file_response(full_path, stat_result, scope, status_code)  # type: ignore[arg-type]
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


def create_app(servers: Servers, terms: Terms, *, actions: bool = False) -> ASGIApp:
    """Return the application; with `actions` its pages may change something.

    The guard is around all of it, and so around the answer to a failure, too.
    """
    app = Starlette(
        routes=[
            Route(HEALTH, lambda _: PlainTextResponse("answers\n")),
            Mount("/static", KeptFiles(packages=[("cli.dashboard", "static")])),
            *(route for page in PAGES for route in page.routes),
        ],
        exception_handlers={
            HTTPException: _as_answered,
            NotAllowed: _not_allowed,
            UserError: _away,
            redis.RedisError: _away,
            psycopg.Error: _away,
            Exception: _unforeseen,
        },
    )
    app.state.servers, app.state.pages, app.state.actions = servers, PAGES, actions
    return Guard(app, terms)


def _as_answered(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    said = error.detail if isinstance(error, HTTPException) else ""
    return render(request, "problem.html", status=status, sentence=said)


def _not_allowed(request: Request, error: Exception) -> Response:
    return render(request, "problem.html", status=403, sentence=str(error))


def _away(request: Request, error: Exception) -> Response:
    sentence = sentence_of(error) if isinstance(error, UserError | redis.RedisError | psycopg.Error) else ""
    return render(request, "problem.html", status=503, sentence=sentence)


def _unforeseen(request: Request, error: Exception) -> Response:
    log.error("dashboard_failed", path=request.url.path, error=type(error).__name__, exc_info=error)
    sentence = "The dashboard failed in a way nobody foresaw; its log has more. Other pages may work."
    return render(request, "problem.html", status=500, sentence=sentence)
