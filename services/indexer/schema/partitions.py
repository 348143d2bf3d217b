"""Partitions for the coming months, which `depeche migrate` and each indexer make well before a row needs them.

While a partition is missing, its rows go into the net of their table; they are moved when the partition is made.
"""

from services.indexer.connection import Connection
from services.indexer.followers.chores import Chore

# Partitions are made three months ahead, so it is soon enough to try again an hour after a failure.
EVERY_S = 3600.0

MAKE_PARTITIONS = "SELECT depeche.make_partitions()"


def make_partitions(connection: Connection) -> None:
    """Make the missing partitions."""
    with connection.transaction():
        connection.execute(MAKE_PARTITIONS)


PARTITIONS = Chore(name="partitions", every_s=EVERY_S, work=make_partitions)
