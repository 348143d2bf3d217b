"""An article whose page has gone from its site keeps its row, and gets a time; it loses that when it is there again.

It counts as gone when the page is that it was read from last. An article that has a second address, which was not read
since, is back with the next visit of that.
"""

from collections.abc import Mapping
from datetime import datetime

from services.indexer.connection import Connection

# The ids are named twice, here and below: of an array Postgres knows how many it has, and takes the index.
WITHDRAW = """
UPDATE depeche.articles a SET withdrawn_at = visit.at
FROM unnest(%(pages)s::bigint[], %(at)s::timestamptz[]) AS visit (page_id, at)
WHERE a.page_id = ANY (%(pages)s) AND a.page_id = visit.page_id AND a.withdrawn_at IS NULL AND a.fetched_at <= visit.at
"""


def withdraw(connection: Connection, gone: Mapping[int, datetime]) -> None:
    """Visits at these times found these pages gone."""
    if gone:
        connection.execute(WITHDRAW, {"pages": list(gone), "at": list(gone.values())})


RESTORE = """
UPDATE depeche.articles a SET withdrawn_at = NULL
FROM unnest(%(pages)s::bigint[], %(at)s::timestamptz[]) AS visit (page_id, at)
WHERE a.page_id = ANY (%(pages)s) AND a.page_id = visit.page_id AND a.withdrawn_at < visit.at
"""


def restore(connection: Connection, unchanged: Mapping[int, datetime]) -> None:
    """Visits at these times found these pages unchanged. One that reads the article itself needs none of this."""
    if unchanged:
        connection.execute(RESTORE, {"pages": list(unchanged), "at": list(unchanged.values())})
