"""Partitions for the coming months, which `depeche migrate` and each indexer make well before a row needs them.

While a partition is missing, its rows go into the net of their table; they are moved when the partition is made.
"""

from services.indexer.connection import Connection

MAKE_PARTITIONS = "SELECT depeche.make_partitions()"


def make_partitions(connection: Connection) -> None:
    """Make the missing partitions."""
    with connection.transaction():
        connection.execute(MAKE_PARTITIONS)
