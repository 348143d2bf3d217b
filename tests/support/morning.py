"""A morning of the sample press site, from 7:00 to 11:00: fronts that are visited again and again, and change.

The pages are those of `depeche demo`, read by the parser and stored by the indexer. What changes is written down here:
lines of the ticker, wordings, corrections, a page that goes, and copies on other sites.
"""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping

import msgspec
import psycopg

from cli.sample_site.catalogue import served_files
from services.indexer.followers.follower import catch_up
from services.indexer.followers.stories import STORIES
from services.indexer.index import store_together
from services.indexer.landing import Landing
from services.parser.page import parse_page
from shared.messages import Answer, Origin, PageDropped, PageParsed, Visit

BASE = "https://kiosque.example"
PAPERS = {"/": "kiosque", "/fr/": "valorne", "/en/": "lindell", "/ar/": "marfa", "/es/": "villasolana"}
FEEDS = ("/feed.xml", "/atom.xml")
FERRY = "/en/business/harrowmere-night-ferry-freight.html"
KELP = "/en/science/lindell-kelp-forest-survey.html"
BUS = "/es/sociedad/autobus-rural-a-demanda.html"

# A copy's address, the page that it has the text of, and what it puts in the place of what.
COPIES = {
    "https://courier.example/ferry-returns.html": (
        FERRY,
        {
            "Harrowmere Post": "The Island Courier",
            "2025-11-17T06:30:00": "2025-11-17T14:10:00",
            "2025-11-17T09:12:00": "2025-11-17T14:10:00",
            "17 November 2025, 06:30 GMT": "17 November 2025, 14:10 GMT",
            "Priya Kellaway": "Courier Staff",
        },
    ),
    "https://strand.example/2025/ferry": (
        FERRY,
        {
            "Harrowmere Post": "Strand Online",
            "2025-11-17T06:30:00": "2025-11-18T08:05:00",
            "2025-11-17T09:12:00": "2025-11-18T08:05:00",
            "17 November 2025, 06:30 GMT": "18 November 2025, 08:05 GMT",
        },
    ),
    "https://strand.example/2025/kelp": (
        KELP,
        {"The Port Lindell Ledger": "Strand Online", "2025-11-12T14:00": "2025-11-12T19:30"},
    ),
}  # fmt: skip

# The ticker of the front: when a line comes, when it has gone, and what it says.
TICKER = (
    ("07:00", "07:45", "Crues de l’Orlène : les prairies inondables ont tenu leur promesse"),
    ("07:00", "08:30", "Eastmoor council approves tram line by a single vote after marathon sitting"),
    ("07:00", "11:15", "Un telescopio hecho por estudiantes capta un cometa antes que los grandes observatorios"),
    ("07:15", "07:30", "Canoë-kayak : Saint-Aubrac décroche le titre au bout du suspense"),
    ("07:45", "09:15", "Harrowmere night ferry returns as island traders bet on slower, cheaper freight"),
    ("08:00", "08:15", "Alerte : la départementale 14 est coupée entre Port-Lierre et Saint-Aubrac"),
    ("08:15", "10:30", "La départementale 14 est rouverte à la circulation dans les deux sens"),
    ("09:00", "09:45", "Divers find kelp returning to Lindell Bay faster than anyone predicted"),
    ("09:30", "11:15", "La trainera de San Telmo gana sin patrón la regata más larga del año"),
    ("10:00", "10:30", "Montcerf : le marché couvert rouvre ses portes après deux ans de travaux"),
)

# From a moment on, what the page of a path has in the place of what.
CHANGES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "/en/": (
        (
            "08:45",
            "Eastmoor council approves tram line by a single vote after marathon sitting",
            "One vote decides it: Eastmoor will have its tram",
        ),
    ),
    "/es/": (
        (
            "07:45",
            "La cooperativa de la almendra de Altavega exporta por primera vez más de lo que vende en casa",
            "La almendra de Altavega ya se vende más fuera que en casa",
        ),
        (
            "09:15",
            "La almendra de Altavega ya se vende más fuera que en casa",
            "Altavega exporta más almendra de la que vende en casa",
        ),
    ),
    FERRY: (
        (
            "09:00",
            "takes six hours to make a crossing that the daytime catamaran does in two.",
            "takes seven hours to make a crossing that the daytime catamaran does in two. An earlier version of this "
            "article said that the crossing takes six hours.",
        ),
        ("09:45", "nobody was in a hurry", "no one was in a hurry"),
    ),
    "/feed.xml": (("07:00", "Wed, 19 Nov 2025 06:00:00 +0000", "Tue, 18 Nov 2025 23:40:00 +0000"),),
}  # fmt: skip
GONE_AT = "09:30"


def at(clock: str) -> dt.datetime:
    """A moment of the morning."""
    return dt.datetime.fromisoformat(f"2025-11-19T{clock}:00+00:00")


def fill(connection: psycopg.Connection) -> None:
    """Store the morning, visit by visit. What is noted by the database's clock has the time of the morning."""
    for minutes in range(0, 241, 15):
        now = at("07:00") + dt.timedelta(minutes=minutes)
        landings = list(_visits(now))
        store_together(connection, landings)
        catch_up(connection, STORIES)
        connection.execute("UPDATE depeche.changes SET recorded_at = %s WHERE recorded_at > %s", [now, at("23:59")])


def _visits(now: dt.datetime) -> Iterator[Landing]:
    clock = f"{now:%H:%M}"
    for path, source in PAPERS.items():
        yield _landing(path, _page(path, clock), source, now, of_source=True)
    if now == at("07:00"):
        for path in FEEDS:
            yield _landing(path, _page(path, clock), "kiosque", now)
    for path in sorted(served_files()):
        if path.endswith(".html") and (now == at("07:00") or _changes(path, clock)):
            yield _landing(path, _page(path, clock), _source_of(path), now)
    if now == at("07:00"):
        for copy, (path, other) in COPIES.items():
            source = copy.split("/")[2].partition(".")[0]
            yield _landing(copy, _replaced(_page(path, clock), {**other, BASE + path: copy, path: ""}), source, now)
    if clock == GONE_AT:
        facts = {"fate": "gone", "reason": "gone", "detail": "The site says that the page has gone (410)."}
        record = PageDropped(
            flight_id=_flight(BUS, now),
            origin=Origin(url=BASE + BUS, source="villasolana"),
            stage="fetch",
            dropped_at=now.isoformat(),
            **facts,
        )
        yield Landing(record=record)


def _source_of(path: str) -> str:
    return next((source for front, source in PAPERS.items() if front != "/" and path.startswith(front)), "kiosque")


def _changes(path: str, clock: str) -> bool:
    return any(since == clock for since, _, _ in CHANGES.get(path, ()))


def _page(path: str, clock: str) -> str:
    text = served_files()[path].read_bytes().decode(errors="surrogateescape")  # some pages are in another encoding
    for since, old, new in CHANGES.get(path, ()):
        if since <= clock:
            text = _replaced(text, {old: new})
    return _with_ticker(text, clock) if path == "/" else text


def _replaced(text: str, replacements: Mapping[str, str]) -> str:
    for old, new in replacements.items():
        text = text.replace(old, new)
    return text


def _with_ticker(text: str, clock: str) -> str:
    before, start, rest = text.partition('<ul class="alerte__piste">')
    lines = [(number, line) for number, (since, until, line) in enumerate(TICKER) if since <= clock < until]
    items = "".join(f'<li><a href="/direct/{number}.html">{line}</a></li>' for number, line in lines)
    return before + start + items + rest[rest.index("</ul></div></div>") :]  # without the copy that scrolls in behind


def _landing(path: str, text: str, source: str, now: dt.datetime, *, of_source: bool = False) -> Landing:
    url = path if path.startswith("http") else BASE + path
    body = text.encode(errors="surrogateescape")
    content_type = "application/xml" if path.endswith(".xml") else "text/html"
    page = parse_page(body, url=url, content_type=content_type, visited_at=now)
    answer = Answer(
        final_url=url, http_status=200, fetched_at=now.isoformat(), content_type=content_type, body_bytes=len(body)
    )
    origin = Origin(url=url, source=source, visit=Visit(of_source=of_source))
    page = msgspec.json.decode(msgspec.json.encode(page), type=type(page))  # as it comes through the page store
    return Landing(record=PageParsed(flight_id=_flight(url, now), origin=origin, answer=answer), page=page)


def _flight(url: str, now: dt.datetime) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{url} {now}"))
