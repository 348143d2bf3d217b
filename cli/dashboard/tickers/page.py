"""The page Tickers and fronts: chooses a source's page, and shows its headline lists over time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cli.dashboard.page import Page, servers_of
from cli.dashboard.rendering import render, time
from cli.dashboard.strangers import plain
from cli.dashboard.tickers import rows
from cli.dashboard.tickers.rows import ListName, Stretch
from cli.dashboard.tickers.stands import History, Line, Stand, history
from cli.output import Row
from cli.times import local

LENGTHS = {
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "1d": timedelta(days=1),
    "3d": timedelta(days=3),
    "7d": timedelta(days=7),
}
USUAL_LENGTH = "6h"
TOPS = (5, 10, 20, 50)
USUAL_TOP = 10
# So many lines can be told apart; the table has all of them.
MOST_DRAWN = 24
# Places of a headline that are listed in the table.
MOST_MOVES = 40
MOST_EVENTS = 100


def choose(request: Request) -> Response:
    """Answer with the sources whose pages have lists."""
    words = request.query_params.get("q", "").replace("\x00", "").strip()[:200]
    given = request.query_params.get("page", "0")
    number = int(given) if given.isdecimal() and len(given) < 6 else 0
    with servers_of(request).postgres() as connection:
        found = rows.sources(connection, words, number * rows.MOST_SOURCES)
    more = len(found) > rows.MOST_SOURCES
    return render(
        request, "tickers/choose.html", asked=words, sources=found[: rows.MOST_SOURCES], number=number, more=more
    )


def show(request: Request) -> Response:
    """Answer with one list of a page in a stretch of time."""
    page_id = request.path_params["page_id"]
    asked = Asked(request)
    with servers_of(request).postgres() as connection:
        page = rows.page(connection, page_id)
        if page is None:
            raise HTTPException(404, f"No page has the number {page_id}.")
        lists = rows.lists(connection, page_id, asked.stretch)
        which = asked.list_among(lists)
        found = rows.found(connection, page_id, which, asked.stretch) if which else None
    of = history(found, asked.stretch, asked.top) if found else None
    return render(
        request,
        "tickers/page.html",
        page=page,
        asked=asked,
        lists=lists,
        which=which,
        of=of,
        chart=_chart(of, asked) if of else None,
        lengths=LENGTHS,
        tops=TOPS,
        most_drawn=MOST_DRAWN,
        most_moves=MOST_MOVES,
        most_events=MOST_EVENTS,
        plain=plain,
    )


class Asked:
    """What a request asks for: a stretch of time, a list, and down to which place."""

    def __init__(self, request: Request) -> None:
        self._given = request.query_params
        length = self._given.get("length", "")
        self.length = length if length in LENGTHS else USUAL_LENGTH
        now = datetime.now(UTC)
        until = _moment(self._given.get("until"))
        self.is_now = until is None or until >= now
        until = now if until is None or until > now else until
        self.stretch = Stretch(since=until - LENGTHS[self.length], until=until)
        top = self._given.get("top", "")
        self.top = int(top) if top in map(str, TOPS) else USUAL_TOP

    def list_among(self, lists: Sequence[Row]) -> ListName | None:
        """Return the list that is meant; the first one, if none of this name was there."""
        named = (self._given.get("kind"), self._given.get("label") or None)
        known = [(row["kind"], row["label"]) for row in lists]
        kind, label = known[0] if known and named not in known else named
        return ListName(kind=str(kind), label=label) if kind in rows.KINDS else None

    def link(self, which: ListName | None, **changes: Any) -> str:
        """Return the query of this page with other values."""
        of_list = {"kind": which.kind, "label": which.label or ""} if which else {}
        until = None if self.is_now else self.stretch.until.isoformat()
        values = {**of_list, "length": self.length, "top": self.top, "until": until, **changes}
        return "?" + urlencode({name: value for name, value in values.items() if value is not None})

    def clock(self, at: datetime) -> Markup:
        """Return a moment of the stretch: to the second within a day, with its day in a longer stretch."""
        shape = "%H:%M:%S" if LENGTHS[self.length] <= timedelta(days=1) else "%a %d %b %H:%M"
        return time(at, lambda at: local(at).strftime(shape))

    def earlier(self) -> str:
        """Return the end of the stretch before this one."""
        return self.stretch.since.isoformat()

    def later(self) -> str | None:
        """Return the end of the stretch after this one; None where this one ends now."""
        until = self.stretch.until + LENGTHS[self.length]
        return None if until >= datetime.now(UTC) else until.isoformat()


def _moment(text: str | None) -> datetime | None:
    """Return a moment of a link; None for what is none, and for one before there were pages."""
    try:
        at = datetime.fromisoformat(text or "").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if at.year > 1990 else None


def _chart(of: History, asked: Asked) -> dict[str, Any]:
    """Return what static/places.js draws."""
    stretch = asked.stretch
    return {
        "since": stretch.since.timestamp(),
        "until": stretch.until.timestamp(),
        "top": asked.top,
        "lines": [_drawn(line, asked) for line in of.lines[:MOST_DRAWN]],
    }


def _drawn(line: Line, asked: Asked) -> dict[str, Any]:
    return {"name": plain(line.text), "stands": [_stand(stand, asked.stretch) for stand in line.stands]}


def _stand(stand: Stand, stretch: Stretch) -> dict[str, Any]:
    """Return the places of a stand, which ends at the visit that did not find it, or at the last visit."""
    end = stand.to_at or stand.last_seen_at
    places = [[max(place.from_at, stretch.since).timestamp(), place.position] for place in stand.places]
    return {"places": places, "end": min(end, stretch.until).timestamp()}


PAGE = Page(
    title="Tickers and fronts",
    path="/tickers",
    routes=[Route("/tickers", choose), Route("/tickers/{page_id:int}", show)],
)
