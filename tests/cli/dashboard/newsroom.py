"""A front and a story as the indexer has stored them over an hour, with text that would do harm if it were markup."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg

from services.indexer.app import open_pool
from services.indexer.followers.follower import catch_up
from services.indexer.followers.search import SEARCH
from services.indexer.index import Indexer
from shared.broker.celery_app import make_celery
from shared.broker.redis_client import connect_redis
from shared.flight.intake import Backbone
from shared.flight.ledger import Ledger
from shared.flight.page_store import PageStore
from shared.flight.publisher import Publisher
from shared.messages import PageParsed
from shared.parsed_page import Article, Block, Headline
from shared.rights import Rights, Statement
from tests.support.flights import message_of
from tests.support.pages import Flights, page
from tests.support.records import changed
from tests.support.servers import PostgresForTests

FRONT, STORY, NOWHERE = "https://news.example/", "https://news.example/harbour", "https://news.example/never-fetched"
# The end of the hour that `visits` is about, for the links of the page.
ONE_O_CLOCK = "2025-05-08T13:00:00+00:00"

SCRIPT = "<script>alert(1)</script>"
BREAKS_OUT = "\"'><img src=x onerror=alert(1)>{{ 7 * 7 }}</title></textarea>"
TURNS = "\u202egnihton dna kcab\u2066"
LONG = "W" * 3_000
HARM = (SCRIPT, BREAKS_OUT, TURNS, LONG)

BLOCKS = [
    Block(type="heading", text=f"Heading {SCRIPT}", level=2),
    Block(type="quote", text=f"Quote {TURNS}"),
    Block(type="list", text="nets\nropes", items=[f"nets {SCRIPT}", "ropes"]),
    Block(type="table", text="a b", rows=[["a", f"b {BREAKS_OUT}"]], caption=f"Table {SCRIPT}"),
    Block(type="image", text="", url="javascript:alert(1)", caption=f"The quay {BREAKS_OUT}", alt=SCRIPT),
    Block(type="embed", text="", url="data:text/html,<script>alert(1)</script>"),
    Block(type="paragraph", text=LONG),
]
SAID = Statement(said=SCRIPT, where="header", path=BREAKS_OUT)
RIGHTS = Rights(x_robots_tag=(SAID,))


def story(opening: str, **fields: Any) -> Article:
    blocks = [Block(type="paragraph", text=opening), *BLOCKS]
    facts = {
        "title": f"Harbour {SCRIPT}",
        "lead": f"A lead {BREAKS_OUT}",
        "kicker": TURNS,
        "authors": [f"Ada {SCRIPT}", "Bo"],
        "publisher": BREAKS_OUT,
        "language": "en",
        "published_at": "2025-05-08",
        **fields,
    }
    return Article(blocks=blocks, text="\n".join(block.text for block in blocks), **facts)


def ticker(*lines: str) -> list[Headline]:
    """A ticker of these lines, whose addresses are their first words; and a rail with a harmful label."""
    live = [
        Headline(kind="ticker", label="Live", position=number, text=text, url=f"https://news.example/{text.split()[0]}")
        for number, text in enumerate(lines, start=1)
    ]
    rail = [
        Headline(kind="most_read", label=f"Most {SCRIPT}", position=1, text=BREAKS_OUT, url="javascript:alert(1)"),
        Headline(kind="most_read", label=f"Most {SCRIPT}", position=2, text=TURNS, url=STORY),
        Headline(kind="most_read", label=f"Most {SCRIPT}", position=3, text=LONG),
    ]
    return [*live, *rail]


class Newsroom:
    """Stores visits as the indexer does."""

    def __init__(self, flights: Flights, indexer: Indexer) -> None:
        self._flights, self._indexer = flights, indexer

    def visit(self, url: str, parsed: Any, *, minutes: float, **facts: Any) -> PageParsed:
        """Store a visit of the page, `minutes` after noon."""
        record = changed(self._flights.stand(url, parsed, minutes=minutes), **facts)
        self._indexer.run(message_of(record))
        return record

    def front(self, minutes: float, *lines: str) -> None:
        """The front with this ticker."""
        parsed = page(ticker(*lines), url=FRONT, page_type="listing", article=None)
        self.visit(FRONT, parsed, minutes=minutes, source="news")

    def hour(self) -> None:
        """One headline moves up, one gets another wording, one goes and comes back; a story is corrected."""
        self.front(0, "harbour opens", "ferry waits", "mayor speaks")
        self.visit(STORY, page(ticker("harbour opens"), url=STORY, article=story("It opened today.")), minutes=1)
        self.front(10, "ferry waits", f"harbour opens again {SCRIPT}", "mayor speaks")
        self.front(20, "ferry waits", f"harbour opens again {SCRIPT}")
        self.front(30, "ferry waits", "mayor speaks", f"harbour opens again {SCRIPT}", f"{TURNS} news")
        again = page(ticker("harbour opens"), url=STORY, article=story("It opened yesterday, and nobody came."))
        facts = {"rights": RIGHTS, "final_url": f"https://news.example/{SCRIPT}", "content_type": BREAKS_OUT}
        self.visit(STORY, again, minutes=40, found_on=f"javascript:alert('{SCRIPT}')", **facts)


@contextmanager
def newsroom(redis_url: str, postgres: PostgresForTests) -> Iterator[tuple[str, Newsroom]]:
    """A fresh database and an empty Redis, for as many tests as only look; what was stored is found by its words."""
    client = connect_redis(redis_url)
    client.flushdb()
    with closing(make_celery("tests", redis_url)) as celery, postgres.database() as database_url:
        backbone = Backbone(ledger=Ledger(client), store=PageStore(client), publisher=Publisher(celery))
        with open_pool(database_url, 1) as pool:
            room = Newsroom(Flights(backbone, client), Indexer(backbone, pool))
            room.hour()
            with psycopg.connect(database_url, autocommit=True) as database:
                catch_up(database, SEARCH)
            yield database_url, room
