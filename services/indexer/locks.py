"""Indexers that write the same rows take turns, and never wait for each other in a circle.

A batch is stored page by page, and two pages may lead to one article by their canonical URLs: whatever the order of the
pages, that of their articles may be another. So a batch first takes a lock for each page and article that it may touch,
in one order for all. They are freed with the transaction.
"""

import uuid
from collections.abc import Iterable, Sequence

from services.indexer.connection import Connection
from services.indexer.landing import Landing
from services.indexer.waves import ArticlesOf
from services.indexer.withdrawal import articles_of as known_articles

# Any number that no other pair of advisory locks in the database begins with.
LOCK_SPACE = 7_305

TAKE = "SELECT pg_advisory_xact_lock(%s, number) FROM unnest(%s::integer[]) AS number"


def take_turns(connection: Connection, landings: Sequence[Landing]) -> ArticlesOf:
    """Wait until no other indexer works on these pages and articles; holds until the transaction ends.

    Gives the articles that the pages were read as before: a visit may find that they stand there no more.
    """
    articles_of = known_articles(connection, {landing.key for landing in landings})
    keys = {landing.key for landing in landings} | {landing.article_key for landing in landings}
    connection.execute(TAKE, [LOCK_SPACE, _numbers(keys.union(*articles_of.values()))])
    return articles_of


def _numbers(keys: Iterable[uuid.UUID]) -> list[int]:
    """The keys are hashes; two that begin alike share a lock, and only wait a little longer."""
    return sorted({int.from_bytes(key.bytes[:4], signed=True) for key in keys})
