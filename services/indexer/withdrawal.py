"""An article whose page has gone from its site keeps its row, and gets a time; it loses that when it is there again.

It counts as gone when the page is that it was read from last. An article that has a second address, which was not read
since, is back with the next visit of that.
"""

from datetime import datetime

from services.indexer.connection import Connection

WITHDRAW = """
UPDATE depeche.articles SET withdrawn_at = %(at)s
WHERE page_id = %(page_id)s AND withdrawn_at IS NULL AND fetched_at <= %(at)s
"""


def withdraw(connection: Connection, page_id: int, at: datetime) -> None:
    """The visit `at` found the page gone."""
    connection.execute(WITHDRAW, {"page_id": page_id, "at": at})


RESTORE = """
UPDATE depeche.articles SET withdrawn_at = NULL
WHERE page_id = %(page_id)s AND withdrawn_at < %(at)s
"""


def restore(connection: Connection, page_id: int, at: datetime) -> None:
    """The visit `at` found the page unchanged. One that reads the article itself needs none of this."""
    connection.execute(RESTORE, {"page_id": page_id, "at": at})
