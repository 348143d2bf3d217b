"""Makes the partitions of the coming months, well before a row needs them; `depeche migrate` does so, too."""

from services.indexer.followers.chores import Chore
from services.indexer.schema.partitions import make_partitions

# Partitions are made three months ahead, so it is soon enough to try again an hour after a failure.
EVERY_S = 3600.0

PARTITIONS = Chore(name="partitions", every_s=EVERY_S, work=make_partitions)
