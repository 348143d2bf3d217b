"""The texts that are compared: articles as they read now, with their fingerprints.

A text that many others are compared with, as one that a hundred sites copy, is read and hashed once per process.
"""

import uuid
from collections import OrderedDict
from collections.abc import Collection
from threading import Lock

import msgspec

from services.indexer.connection import Connection
from services.indexer.followers.fingerprint import Fingerprint, fingerprint_of

# Fingerprints that a process remembers, of some 10 KB each. Three of a story are compared at the most.
REMEMBERED = 500


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """An article as it reads now."""

    article_id: int
    story_id: int
    url: str
    fingerprint: Fingerprint


# By article and hash of its content, so that none outlives an edit.
Fingerprints = dict[tuple[int, uuid.UUID], Fingerprint]


class Remembered:
    """The fingerprints of the latest candidates."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, uuid.UUID], Fingerprint] = OrderedDict()
        self._lock = Lock()

    def of(self, article_ids: Collection[int]) -> Fingerprints:
        """Return those of these articles, and hold them for the latest."""
        with self._lock:
            found = {key: kept for key, kept in self._kept.items() if key[0] in article_ids}
            for key in found:
                self._kept.move_to_end(key)
            return found

    def keep(self, fingerprints: Fingerprints) -> None:
        """Remember these, and forget the oldest."""
        with self._lock:
            self._kept.update(fingerprints)
            while len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)


CANDIDATES = Remembered()

# The body is left out where the fingerprint of the article's present content is known.
TEXTS = """
SELECT a.article_id, coalesce(a.story_id, a.article_id), a.url, a.content_hash,
       CASE WHEN k.article_id IS NOT NULL THEN NULL WHEN a.consent_wall THEN '' ELSE left(a.body, 100000) END
FROM depeche.articles a
LEFT JOIN unnest(%(known)s::bigint[], %(hashes)s::uuid[]) AS k (article_id, content_hash)
    ON k.article_id = a.article_id AND k.content_hash = a.content_hash
WHERE a.article_id = ANY (%(articles)s) ORDER BY a.article_id
"""


def texts_of(connection: Connection, article_ids: Collection[int]) -> dict[int, Text]:
    """Return these articles' texts, by id."""
    return _texts(connection, article_ids, {})


def candidates_of(connection: Connection, article_ids: Collection[int]) -> dict[int, Text]:
    """Return the texts of articles that others are compared with, by id."""
    if not article_ids:
        return {}
    known = CANDIDATES.of(article_ids)
    texts = _texts(connection, article_ids, known)
    CANDIDATES.keep(known)
    return texts


def _texts(connection: Connection, article_ids: Collection[int], known: Fingerprints) -> dict[int, Text]:
    """Return the texts by id, and add their fingerprints to those that are known."""
    keys = list(known)
    given = {"articles": list(article_ids), "known": [key[0] for key in keys], "hashes": [key[1] for key in keys]}
    texts = {}
    for article_id, story_id, url, content_hash, body in connection.execute(TEXTS, given):
        key = (article_id, content_hash)
        if body is not None:
            known[key] = fingerprint_of(body)
        texts[article_id] = Text(article_id=article_id, story_id=story_id, url=url, fingerprint=known[key])
    return texts
