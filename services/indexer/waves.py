"""Which pages of a batch can be stored by one statement: those of which no two touch the same row.

Two pages may be visits of one address, or lead to one article by their canonical URLs. They go one after the other, in
the order in which they stand in the batch.
"""

import uuid
from collections.abc import Iterable

from services.indexer.landing import Landing


def waves(landings: Iterable[Landing]) -> list[list[Landing]]:
    """The landings, each in the first wave after those of whose page or article it is a further visit."""
    found: list[list[Landing]] = []
    next_of: dict[uuid.UUID, int] = {}
    for landing in landings:
        keys = {landing.key, landing.article_key}
        number = max(next_of.get(key, 0) for key in keys)
        if number == len(found):
            found.append([])
        found[number].append(landing)
        next_of |= dict.fromkeys(keys, number + 1)
    return found
