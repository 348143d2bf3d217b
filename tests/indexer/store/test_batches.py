"""Pages of one batch leave what they would leave one at a time, in the order in which they came."""

from datetime import timedelta

import psycopg
import pytest

from services.indexer.index import Indexer, store_together
from shared.messages import Origin, PageDropped
from tests.indexer.random_visits import RandomVisits, left
from tests.support.flights import ONE, TWO, message_of
from tests.support.pages import NOON, Flights, page, rows
from tests.support.servers import PostgresForTests

CANONICAL = "https://news.example/story"


@pytest.mark.parametrize("seed", range(6))
def test_a_batch_leaves_what_its_pages_leave_one_at_a_time(postgres: PostgresForTests, seed: int) -> None:
    visits = RandomVisits(seed)
    with (
        postgres.database() as by_batch,
        postgres.database() as by_page,
        psycopg.connect(by_batch, autocommit=True) as together,
        psycopg.connect(by_page, autocommit=True) as alone,
    ):
        for _ in range(8):
            batch = visits.batch()
            memory = store_together(together, batch).memory
            one_by_one: dict[str, object] = {}
            for landing in batch:
                one_by_one |= store_together(alone, [landing]).memory
            assert memory == one_by_one
            assert left(together) == left(alone)


@pytest.mark.parametrize(("gone", "there"), [(ONE, TWO), (TWO, ONE)])
def test_an_article_that_is_read_at_another_address_after_one_has_gone_is_there(
    indexer: Indexer, flights: Flights, database: psycopg.Connection, gone: str, there: str
) -> None:
    indexer.run(flights.message(gone, page(canonical_url=CANONICAL)))
    first = flights.stand(gone, page(), minutes=5)
    left_site = PageDropped(
        flight_id=first.flight_id,
        origin=Origin(url=gone),
        stage="fetch",
        fate="gone",
        reason="http_404",
        detail="Gone.",
        dropped_at=(NOON + timedelta(minutes=5)).isoformat(),
    )
    indexer.run(message_of(left_site, flights.stand(there, page(canonical_url=CANONICAL), minutes=10)))
    (story,) = rows(database, "articles")
    assert (story["url"], story["withdrawn_at"]) == (there, None)
    assert [change["kind"] for change in rows(database, "changes")] == ["new", "withdrawn", "restored"]
