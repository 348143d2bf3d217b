"""The pages of the quarantine, and the replay of a case."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.errors import InsufficientPrivilege
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from cli import reading
from cli.dashboard.page import Page, form_of, require_actions, servers_of
from cli.dashboard.rendering import render
from cli.dashboard.servers import Servers
from cli.output import Row
from cli.quarantine import rows
from cli.quarantine.rows import Chosen
from cli.quarantine.sent import SENT
from services.indexer.connection import Connection
from services.indexer.upkeep.quarantine import page_of
from shared.failures import UserError

# The newest cases that are listed.
LISTED = 100
# Characters of a stranger's page that are shown; `depeche quarantine show --page` writes all of it.
SHOWN_OF_PAGE = 50_000
STAGES = ("fetch", "parse", "index")


def show_all(request: Request) -> Response:
    """Answer with the causes and the newest cases of what is asked for."""
    asked = request.query_params
    chosen = Chosen(
        stage=asked.get("stage") or None,
        reason=asked.get("reason") or None,
        source=asked.get("source") or None,
        replayed={"waiting": False, "replayed": True}.get(asked.get("which", "")),
    )
    with servers_of(request).postgres() as connection:
        causes = rows.causes(connection, chosen)
        cases = rows.cases(connection, chosen, LISTED)
    return render(
        request,
        "quarantine/page.html",
        causes=causes,
        cases=cases,
        total=sum(cause["cases"] for cause in causes),
        chosen=chosen,
        which=asked.get("which", ""),
        stages=STAGES,
    )


def show_one(request: Request) -> Response:
    """Answer with one case."""
    return _one(request, request.path_params["case"], done=_said(request.query_params.get("sent", "")))


def _one(
    request: Request, number: int, *, status: int = 200, done: str | None = None, refused: str | None = None
) -> Response:
    with servers_of(request).postgres() as connection:
        try:
            case = rows.case(connection, number)
        except UserError as error:
            raise HTTPException(404, str(error)) from error
        page = _page(connection, case)
    return render(request, "quarantine/case.html", status=status, case=case, done=done, refused=refused, **page)


def _page(connection: Connection, case: Row) -> Mapping[str, Any]:
    """Return the kept page as text, which it may not be, or why it is not shown."""
    if case["page_bytes"] is None:
        return {"page": None, "no_page": None}
    try:
        with connection.transaction():
            body = page_of(connection, case["quarantine_id"]) or b""
    except InsufficientPrivilege:
        return {"page": None, "no_page": "This user of Postgres may read schema news alone, and no page that is kept."}
    # A character takes four bytes at the most.
    return {"page": body[: 4 * SHOWN_OF_PAGE].decode("utf-8", "replace")[:SHOWN_OF_PAGE], "no_page": None}


async def replay(request: Request) -> Response:
    """Send a case again."""
    require_actions(request)
    await form_of(request)
    return await run_in_threadpool(_replay, request, request.path_params["case"])


def _replay(request: Request, number: int) -> Response:
    try:
        outcome = _sent(servers_of(request), [number])
    except UserError as error:
        return _one(request, number, status=409, refused=str(error))
    if outcome["left"]:
        return _one(request, number, status=409, refused=f"It could not go, because {outcome['left'][0]['why']}.")
    return RedirectResponse(f"/quarantine/{number}?sent={next(iter(outcome['sent']), '')}", 303)


def _sent(servers: Servers, numbers: Sequence[int]) -> Mapping[str, Any]:
    """Send these cases, as `depeche quarantine replay` does, if there is room now."""
    from cli.quarantine.replay import replaying  # noqa: PLC0415 - it loads Celery, which only this needs

    with reading.connected(servers.database_url()) as connection:
        found = rows.sizes(connection, Chosen(ids=numbers))
        with replaying(connection, servers.redis_url()) as sending:
            if not sending.sender.has_room():
                raise UserError("The stack is busy with as many pages as it takes: try again in a while.")
            for _ in sending.send(found):
                pass
    return sending.outcome


def _said(how: str) -> str | None:
    return f"It was sent: a page {SENT[how]}." if how in SENT else None


PAGE = Page(
    title="Quarantine",
    path="/quarantine",
    routes=[
        Route("/quarantine", show_all),
        Route("/quarantine/{case:int}", replay, methods=["POST"]),
        Route("/quarantine/{case:int}", show_one),
    ],
)
