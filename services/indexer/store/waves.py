"""Which pages of a batch can be stored by one statement? Those of which no two touch the same row: a wave.

Two pages may be visits of one URL, or lead to one article by their canonical URLs. Such pages are stored one after the
other, in the order in which they stand in the batch. A visit also touches the articles that its page was read as
before: it may withdraw them, or bring them back. Pages with very many headlines, such as sitemaps, are stored one after
the other, too.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set

from services.indexer.landing import Landing

# Headlines that one statement stores, unless a single page has more; CHARS_A_HEADLINE characters of text count as one.
# A hundred thousand headlines took 28 s on a busy machine, and a statement is ended after 30 s, however often it is
# tried.
MOST_HEADLINES, CHARS_A_HEADLINE = 20_000, 100

# Page key -> keys of the articles that the page was read as, and of the pages that share its own, as the database has
# them.
ArticlesOf = Mapping[uuid.UUID, Set[uuid.UUID]]


def waves(landings: Iterable[Landing], articles_of: ArticlesOf) -> list[list[Landing]]:
    """Return the landings in waves.

    Each landing is in the first wave with room that comes after all earlier landings of the same page or article.
    """
    found: list[list[Landing]] = []
    filled: list[int] = []
    next_of: dict[uuid.UUID, int] = {}
    touched = defaultdict(set, {key: set(articles) for key, articles in articles_of.items()})
    for landing in landings:
        keys = touched[landing.key] = touched[landing.key] | {landing.key, landing.article_key}
        # If another story stands under the key that it names, that story's page may send it away later.
        touched[landing.article_key] |= keys
        weight = _weight(landing)
        number = max(next_of.get(key, 0) for key in keys)
        while number < len(found) and filled[number] + weight > MOST_HEADLINES:
            number += 1
        if number == len(found):
            found.append([])
            filled.append(0)
        found[number].append(landing)
        filled[number] += weight
        next_of |= dict.fromkeys(keys, number + 1)
    return found


def _weight(landing: Landing) -> int:
    if landing.page is None:
        return 0
    chars = len(landing.page.article.text) if landing.page.article else 0
    return len(landing.page.headlines) + chars // CHARS_A_HEADLINE
