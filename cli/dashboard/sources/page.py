"""The pages of sources, and what an operator may do to one from its page."""

import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import redis
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from cli.dashboard.page import Page, form_of, require_actions, servers_of
from cli.dashboard.rendering import render
from cli.dashboard.servers import Servers
from cli.dashboard.sources.state import falls, latest_visits, of_source, weeks
from cli.halves import half
from cli.output import Row
from cli.sources.by_hand import end_pause, pause_for, visit_now
from cli.sources.coverage import coverage, in_short
from cli.sources.health import fields_of, shown_field
from cli.sources.holds import as_words, held_sources
from cli.sources.listing import listed
from shared.durations import seconds
from shared.failures import UserError
from shared.host_scope import host_key_of
from shared.settings import BrokerSettings, load_settings
from shared.sources.log import SourceLog, SourceState

# Sources on one page.
AT_ONCE = 200
ONLY = {"failing": "failing", "fallen": "fallen", "held": "held back", "paused": "paused"}
# What is said after an action.
DONE = {
    "visit": "It is due now: the tick starts the visit within a second or so.",
    "pause": "It is paused.",
    "resume": "It is visited again.",
}


def show_all(request: Request) -> Response:
    """Answer with the sources that are asked for, those with something wrong first."""
    servers = servers_of(request)
    states, no_redis = half(lambda: SourceLog(servers.redis()).states())
    known, no_postgres = half(lambda: _known(servers))
    rows, no_holds = half(lambda: _rows(servers, states or [], known or {}))
    words, only = request.query_params.get("words", ""), request.query_params.get("only", "")
    found = [row for row in rows or [] if _is_meant(row, words, only)]
    start = _number(request.query_params.get("from"))
    return render(
        request,
        "sources/page.html",
        problems=[problem for problem in (no_redis or no_holds, no_postgres) if problem],
        rows=found[start : start + AT_ONCE],
        number=len(found),
        start=start,
        at_once=AT_ONCE,
        scheduled=len(states or []),
        words=words,
        only=only,
        choices=ONLY,
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _known(servers: Servers) -> Mapping[str, Any]:
    """Return what Postgres knows of the sources."""
    with servers.postgres() as connection:
        return {"falls": falls(connection), "weeks": weeks(connection), "coverage": coverage(connection)}


def _rows(servers: Servers, states: Sequence[SourceState], known: Mapping[str, Any]) -> list[Row]:
    now = time.time()
    held = held_sources(servers.redis(), states, _host_key()) if states else {}
    rows = [
        listed(state, now)
        | {
            "url": state.url,
            "paused": state.paused,
            "held": as_words(held.get(state.name)),
            "fall": known.get("falls", {}).get(state.name),
            "week": known.get("weeks", {}).get(state.name),
            "brings": in_short(known.get("coverage", {}).get(state.name, [])),
        }
        for state in states
    ]
    return sorted(rows, key=_gravest_first)


def _host_key() -> Any:
    return host_key_of(load_settings(BrokerSettings).host_scope)


def _gravest_first(row: Row) -> tuple[bool, bool, bool, str]:
    return (not row["failing"], not row["fall"], not row["held"], row["name"])


def _is_meant(row: Row, words: str, only: str) -> bool:
    is_of_kind = {"failing": row["failing"], "fallen": row["fall"], "held": row["held"], "paused": row["paused"]}
    text = f"{row['name']} {row['url']}".casefold()
    return bool(is_of_kind.get(only, True)) and all(word in text for word in words.casefold().split())


def show_one(request: Request) -> Response:
    """Answer with one source; what changes from moment to moment alone, where the page asks for that."""
    name = request.path_params["name"]
    if request.headers.get("hx-request"):
        return render(request, "sources/_state.html", **_state(servers_of(request), name))
    return _one(request, name, done=DONE.get(request.query_params.get("done", "")))


def _one(
    request: Request, name: str, *, status: int = 200, done: str | None = None, refused: str | None = None
) -> Response:
    servers = servers_of(request)
    now = _state(servers, name)
    stored, no_postgres = half(lambda: _stored(servers, name))
    if now["row"] is None and now["problem"] is None and not (stored and stored["source"]):
        raise HTTPException(404, f"No source is called {name}.")
    facts = {"no_postgres": no_postgres, "done": done, "refused": refused, **(stored or NOTHING)}
    return render(request, "sources/source.html", status=status, **now, **facts)


NOTHING: Mapping[str, Any] = {"source": None, "fields": [], "channels": [], "week": None, "visits": []}


def _state(servers: Servers, name: str) -> dict[str, Any]:
    row, problem = half(lambda: _row(servers.redis(), name))
    return {"name": name, "row": row, "problem": problem}


def _row(client: "redis.Redis", name: str) -> Row | None:
    state = SourceLog(client).state_of(name)
    if state is None:
        return None
    held = held_sources(client, [state], _host_key())
    more = {"url": state.url, "paused": state.paused, "visits": state.visits, "stories": state.stories}
    return listed(state, time.time()) | more | {"detail": state.detail, "held": as_words(held.get(name))}


def _stored(servers: Servers, name: str) -> dict[str, Any]:
    with servers.postgres() as connection:
        source = of_source(connection, name)
        return {
            "source": source,
            "fields": [shown_field(row) for row in fields_of(connection, [name])],
            "channels": coverage(connection).get(name, []),
            "week": weeks(connection, name).get(name),
            "visits": latest_visits(connection, source["page_id"]) if source else [],
        }


async def act(request: Request) -> Response:
    """Do what a button of the source's page asks for."""
    require_actions(request)
    return await run_in_threadpool(_act, request, await form_of(request))


def _act(request: Request, form: Mapping[str, str]) -> Response:
    name, action = request.path_params["name"], form.get("action", "")
    try:
        _do(servers_of(request).redis(), name, action, form.get("lasts", ""))
    except UserError as error:
        return _one(request, name, status=409, refused=str(error))
    return RedirectResponse(f"/sources/{quote(name, safe='')}?done={action}", 303)


def _do(client: "redis.Redis", name: str, action: str, lasts: str) -> None:
    if action == "visit":
        visit_now(client, [name])
    elif action == "resume":
        end_pause(client, [name])
    elif action == "pause":
        try:
            pause_for(client, [name], seconds(lasts) if lasts else None)
        except ValueError as error:
            raise UserError(f"{lasts}: {error}.") from error
    else:
        raise UserError(f"A source can be visited, paused and resumed, and not {action!r}.")


PAGE = Page(
    title="Sources",
    path="/sources",
    routes=[
        Route("/sources", show_all),
        Route("/sources/{name:path}", act, methods=["POST"]),
        Route("/sources/{name:path}", show_one),
    ],
)
