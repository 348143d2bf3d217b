"""Withdrawal: an article that has gone from its site keeps its row, with a time in `withdrawn_at` until it is back.

An article may have several addresses. An address of an article is a page that was last read as that article. It lives
until a visit finds it gone (depeche.pages.gone_at); visits that learn nothing do not change that. An article is
withdrawn when one of its addresses has gone and none lives, and is back when one lives. It is also withdrawn when it
has no address left because the page that it was read from is read as another article by now, which has its text.

The rows of the pages decide this, and not the visit at hand: so the result is the same in whatever order the messages
of several addresses come.
"""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime

from services.indexer.connection import Connection

# The articles that pages were read as: by the last reading (read_as, which is NULL where the article has the page's own
# key), and the articles whose rows name the page, which may be read as another article by now.
ARTICLES_OF = """
SELECT p.url_key, article.article_key
FROM depeche.pages p
CROSS JOIN LATERAL (SELECT p.read_as UNION ALL
                    SELECT a.article_key FROM depeche.articles a WHERE a.page_id = p.page_id) AS article (article_key)
WHERE p.url_key = ANY (%(pages)s) AND article.article_key IS NOT NULL
"""

# The page that the article was read from last is read as another one, which has half of its words or more: so the row
# is a second one of that story.
SUPERSEDED = """EXISTS (
    SELECT FROM depeche.pages p JOIN depeche.articles now ON now.article_key = coalesce(p.read_as, p.url_key)
    CROSS JOIN LATERAL depeche.word_changes(a.body, now.body) AS words
    WHERE p.page_id = a.page_id AND p.page_type = 'article' AND now.article_id <> a.article_id
        AND (a.body = now.body OR words.changed < words.total / 2))"""
# The keys are given a second time, as an array, since Postgres knows its length, and so uses the index. The page in the
# article's row counts if it is gone, even if it was read as something else meanwhile.
WITHDRAW = f"""
WITH found AS (
    SELECT a.article_id, greatest(visit.at, a.fetched_at, address.gone_at) AS at
    FROM unnest(%(keys)s::uuid[], %(at)s::timestamptz[]) AS visit (article_key, at)
    JOIN depeche.articles a ON a.article_key = visit.article_key
    CROSS JOIN LATERAL (
        SELECT max(gone_at) AS gone_at, count(*) - count(gone_at) AS living
        FROM (SELECT p.gone_at FROM depeche.pages p
              WHERE p.url_key = a.article_key AND p.read_as IS NULL AND p.page_type = 'article'
              UNION ALL
              SELECT p.gone_at FROM depeche.pages p WHERE p.read_as = a.article_key AND p.page_type = 'article'
              UNION ALL
              SELECT p.gone_at FROM depeche.pages p WHERE p.page_id = a.page_id AND p.gone_at IS NOT NULL) AS addresses
    ) AS address
    WHERE a.article_key = ANY (%(keys)s) AND a.withdrawn_at IS NULL AND address.living = 0
        AND (address.gone_at IS NOT NULL OR {SUPERSEDED})
)
UPDATE depeche.articles a SET withdrawn_at = found.at FROM found WHERE a.article_id = found.article_id
"""


def withdraw(connection: Connection, left: Mapping[uuid.UUID, datetime]) -> None:
    """Withdraw those of these articles that have no living address, and a gone one or another row in their place.

    `left` has the articles that have lost an address, each with the time of the visit that found it.
    """
    if left:
        connection.execute(WITHDRAW, {"keys": list(left), "at": list(left.values())})


def withdraw_gone(connection: Connection, gone: Mapping[uuid.UUID, datetime]) -> None:
    """Withdraw the articles of pages that visits found gone, at these times, unless they have a living address."""
    if gone:
        others = connection.execute(ARTICLES_OF, {"pages": list(gone)}).fetchall()
        withdraw(connection, {**gone, **{article: gone[page] for page, article in others}})


# The article's row then names the address at which it is back, since the one named before may be gone.
RESTORE = """
UPDATE depeche.articles a SET
    withdrawn_at = NULL, page_id = p.page_id, url = coalesce(p.final_url, p.url), canonical_url = p.canonical_url
FROM depeche.pages p
WHERE p.page_id = ANY (%s) AND p.page_type = 'article' AND p.gone_at IS NULL
    AND a.article_key = coalesce(p.read_as, p.url_key) AND a.withdrawn_at IS NOT NULL
"""


def restore(connection: Connection, seen: Collection[int]) -> None:
    """Bring back the withdrawn articles of these pages, which visits have read or found unchanged."""
    if seen:
        connection.execute(RESTORE, [list(seen)])
