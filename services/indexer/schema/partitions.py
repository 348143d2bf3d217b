"""Partitions of the coming months, made well before a row needs them: `depeche migrate` does it, and each indexer.

Should nobody have done it, rows land in a net of their table, and go where they belong when somebody does.
"""

from services.indexer.connection import Connection
from services.indexer.followers.chores import Chore

# They are there three months ahead, so an hour after a failure is soon enough.
EVERY_S = 3600.0

MAKE_PARTITIONS = "SELECT depeche.make_partitions()"


def make_partitions(connection: Connection) -> None:
    """Make what is missing."""
    with connection.transaction():
        connection.execute(MAKE_PARTITIONS)


PARTITIONS = Chore(name="partitions", every_s=EVERY_S, work=make_partitions)
