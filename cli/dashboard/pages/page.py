"""The page A page's way: finds a page by address or words, and shows what is known of it."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from cli.dashboard.differences import Compared, compared
from cli.dashboard.page import Page, servers_of
from cli.dashboard.pages import rows
from cli.dashboard.pages.report import Report, archived_file, report_of
from cli.dashboard.rendering import render
from cli.dashboard.strangers import plain
from cli.output import Row
from cli.rights import lines_of
from cli.trace import report as wording
from cli.trace.rows import Stored, Wanted, wanted, way_of
from cli.trace.whole import Trace, trace_of
from services.indexer.connection import Connection
from services.parser.version import PARSER_VERSION
from shared.failures import UserError
from shared.rights import Rights

LONGEST_QUESTION = 2_000
# How a fate looks; its name stands there, too.
FATES = {
    "stored": "good",
    "unchanged": "good",
    "refused": "warn",
    "gone": "warn",
    "failed": "bad",
    "quarantined": "bad",
}
VISITS, MOST_VISITS = 10, 200


def find(request: Request) -> Response:
    """Answer with the page of an address, with articles that have some words, or with the latest articles."""
    asked = request.query_params.get("q", "").replace("\x00", "").strip()[:LONGEST_QUESTION]
    only_words = "words" in request.query_params
    if asked and not only_words and not any(map(str.isspace, asked)):
        trace = _trace(request, wanted(asked), VISITS)
        if trace.stored.page is not None:
            return RedirectResponse(f"/pages/{trace.stored.page['page_id']}", 303)
        if trace.is_known:
            return render(request, "pages/unread.html", asked=asked, **_way(trace))
    after = request.query_params.get("after") or None
    with servers_of(request).postgres() as connection:
        found = rows.search(connection, asked, after) if asked else rows.latest(connection)
    return render(request, "pages/find.html", asked=asked, found=found, per_page=rows.PER_PAGE)


def show(request: Request) -> Response:
    """Answer with all that is known of one page."""
    page_id = request.path_params["page_id"]
    visits = _number(request, "visits", VISITS, MOST_VISITS)
    trace = _trace(request, Wanted(page_id=page_id), visits)
    page = trace.stored.page
    if page is None:
        raise HTTPException(404, f"No page has the number {page_id}.")
    with servers_of(request).postgres() as connection:
        facts = _article(connection, page_id, request.query_params.get("version"))
    return render(
        request,
        "pages/page.html",
        page=page,
        name=plain((facts["article"] or {}).get("title") or page["url"]),
        rights=list(lines_of(msgspec.convert(page["rights"], Rights))) if page["rights"] else [],
        visits_shown=visits,
        **_way(trace),
        **facts,
        **_archive(request, page),
    )


def report(request: Request) -> Response:
    """Answer with the report on the page as the archive has it, or with why there is none, for a frame."""
    try:
        made = _report(request)
    except UserError as error:
        return PlainTextResponse(f"{error}\n", 404, _of_frame("default-src 'none'; sandbox"))
    # The report's own policy, which allows its style sheet alone, in a sandbox: nothing runs, and links open elsewhere.
    policy = f"{made.policy}; sandbox allow-popups allow-popups-to-escape-sandbox"
    return HTMLResponse(made.html, headers=_of_frame(policy))


def _report(request: Request) -> Report:
    page_id, flight_id = request.path_params["page_id"], request.path_params.get("flight_id")
    servers = servers_of(request)
    with servers.postgres() as connection:
        archived = rows.archived(connection, page_id, str(flight_id) if flight_id else None)
    record = archived_file(servers.settings, archived["archive"]) if archived else None
    if record is None:
        raise UserError("The archive of this machine does not have this page.")
    return report_of(record)


def _of_frame(policy: str) -> dict[str, str]:
    """Return headers for what stands in a frame of the dashboard, and may do less than it."""
    return {"Content-Security-Policy": f"{policy}; frame-ancestors 'self'", "X-Frame-Options": "SAMEORIGIN"}


def _trace(request: Request, of: Wanted, visits: int) -> Trace:
    servers = servers_of(request)

    def way(of: Wanted) -> Stored:
        with servers.postgres() as connection:
            return way_of(connection, of, visits)

    return trace_of(of, way, servers.redis)


def _way(trace: Trace) -> dict[str, Any]:
    """Return the way of a page, with its wording, for pages/_way.html."""
    in_air = trace.outlook.in_air
    words: dict[str, Callable[..., Any]] = {
        "answer_of": wording.answer_of,
        "reading_of": wording.reading_of,
        "request_of": wording.request_of,
        "failed_attempts": wording.failed_attempts,
    }
    unread = trace.stored.page is None and in_air is None
    return {
        "trace": trace,
        "stored": trace.stored,
        "in_air": list(wording.in_air_lines(in_air)) if in_air else [],
        "fates": FATES,
        "no_visits": wording.no_visits(trace.outlook.accepted_at) if unread else None,
        **words,
    }


def _article(connection: Connection, page_id: int, version: str | None) -> dict[str, Any]:
    """Return the article, the headlines beside it, its versions, and what is different in one of them."""
    article = rows.article(connection, page_id)
    lines = rows.headlines(connection, page_id)
    versions = rows.versions(connection, article["article_id"]) if article else []
    chosen = None
    if article and len(versions) > 1:
        number = int(version) if version and version.isdecimal() and len(version) < 9 else article["version"]
        chosen = _difference(rows.version_and_before(connection, article["article_id"], number))
    return {
        "article": article,
        "headlines": lines[: rows.MOST_HEADLINES],
        "lists": _lists(lines[: rows.MOST_HEADLINES]),
        "plain": plain,
        "more_headlines": len(lines) > rows.MOST_HEADLINES,
        "versions": versions,
        "chosen": chosen,
    }


def _lists(lines: list[Row]) -> list[tuple[tuple[str, str | None], list[Row]]]:
    """Return the headlines list by list."""
    return [(name, list(group)) for name, group in groupby(lines, key=lambda line: (line["kind"], line["label"]))]


def _difference(two: list[Row]) -> dict[str, Any] | None:
    """Return a version with what is different from the one before it; None of that where that one is not kept."""
    if not two:
        return None
    after, *before = two
    different = [(name, _compared(before[0], after, name)) for name in ("kicker", "title", "authors", "body") if before]
    return {
        "version": after,
        "has_before": bool(before),
        "different": [(name, what) for name, what in different if what.lines],
    }


def _compared(before: Row, after: Row, name: str) -> Compared:
    old, new = (", ".join(row[name]) if name == "authors" else row[name] or "" for row in (before, after))
    return compared(old, new)


def _archive(request: Request, page: Row) -> dict[str, Any]:
    place = page["archive"]
    settings = servers_of(request).settings
    return {"place": place, "is_here": bool(place and archived_file(settings, place)), "parser_now": PARSER_VERSION}


def _number(request: Request, name: str, usual: int, most: int) -> int:
    given = request.query_params.get(name, "")
    return min(max(1, int(given)), most) if given.isdecimal() and len(given) < 9 else usual


PAGE = Page(
    title="A page's way",
    path="/pages",
    routes=[
        Route("/pages", find),
        Route("/pages/{page_id:int}", show),
        Route("/pages/{page_id:int}/report", report),
        Route("/pages/{page_id:int}/report/{flight_id:uuid}", report),
    ],
)
