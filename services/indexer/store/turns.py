"""Locks on pages and articles: indexers that write the same rows work one after the other, without deadlocks.

A batch is stored page by page, and two pages may lead to one article by their canonical URLs. So however the pages are
ordered, their articles may come in another order. Therefore a batch first takes a lock for each page and article that
it may touch, in the same order in all indexers. The locks are freed with the transaction.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence

from services.indexer.connection import Connection
from services.indexer.landing import Landing
from services.indexer.locks import PAGES_AND_ARTICLES
from services.indexer.store.waves import ArticlesOf
from services.indexer.store.withdrawal import ARTICLES_OF

# The pages that were read as the article of a page's own key: if they tell another story, that page sends them away,
# and their articles get their own keys.
GUESTS = "SELECT guest.read_as, guest.url_key FROM depeche.pages guest WHERE guest.read_as = ANY (%(pages)s)"

# The keys are hashes; two keys with the same first 32 bits share a lock, and only wait a little longer. This is one
# statement, since each statement costs every message a quarter of a millisecond. The join starts from the locks, so
# that they are taken even if no article is known.
TAKE = f"""
WITH known AS MATERIALIZED ({ARTICLES_OF} UNION {GUESTS}), taken AS MATERIALIZED (
    SELECT pg_advisory_xact_lock(%(space)s, number)
    FROM (SELECT ('x' || left(key::text, 8))::bit(32)::integer AS number
          FROM (SELECT unnest(%(keys)s::uuid[]) UNION SELECT article_key FROM known) AS all_keys (key)
          GROUP BY number ORDER BY number) AS in_order
)
SELECT known.* FROM (SELECT count(*) FROM taken) AS all_taken LEFT JOIN known ON true
"""


def take_turns(connection: Connection, landings: Sequence[Landing]) -> ArticlesOf:
    """Lock these pages and articles against other indexers until the transaction ends; waits for those that have them.

    Returns, by page, the articles that it was read as before, since a visit may find that they are not there any more;
    and the keys of the pages that share its article, since a visit may send them away.
    """
    pages = {landing.key for landing in landings}
    keys = pages | {landing.article_key for landing in landings}
    articles_of: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    given = {"space": PAGES_AND_ARTICLES, "pages": list(pages), "keys": list(keys)}
    for page, article in connection.execute(TAKE, given):
        if page:
            articles_of[page].add(article)
    return articles_of
