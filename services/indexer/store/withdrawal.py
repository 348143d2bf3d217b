"""An article that has gone from its site keeps its row, and gets a time; it loses that when it is there again.

It may stand at several addresses. An address of an article is a page that was read as that article last; it lives until
a visit finds it gone (depeche.pages.gone_at), whatever visits that learn nothing say. An article is withdrawn when one
of its addresses has gone and none lives, and is back when one lives. What the pages' rows say decides it, and not the
visit at hand: so it is the same in whatever order the messages of several addresses come.
"""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime

from services.indexer.connection import Connection

# Articles that pages were read as: by the last reading, unless the key is that of the page itself, which goes without
# saying; and those whose rows name the page, which may be another article by now.
ARTICLES_OF = """
SELECT p.url_key, article.article_key
FROM depeche.pages p
CROSS JOIN LATERAL (SELECT p.read_as UNION ALL
                    SELECT a.article_key FROM depeche.articles a WHERE a.page_id = p.page_id) AS article (article_key)
WHERE p.url_key = ANY (%(pages)s) AND article.article_key IS NOT NULL
"""

# The keys are named twice: of an array Postgres knows how many it has, and takes the index. The page in the article's
# row counts when it is gone, even if it was read as something else meanwhile.
WITHDRAW = """
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
    WHERE a.article_key = ANY (%(keys)s) AND a.withdrawn_at IS NULL
        AND address.gone_at IS NOT NULL AND address.living = 0
)
UPDATE depeche.articles a SET withdrawn_at = found.at FROM found WHERE a.article_id = found.article_id
"""


def withdraw(connection: Connection, left: Mapping[uuid.UUID, datetime]) -> None:
    """Visits at these times found that an address is none of these articles any more, or none that lives."""
    if left:
        connection.execute(WITHDRAW, {"keys": list(left), "at": list(left.values())})


def withdraw_gone(connection: Connection, gone: Mapping[uuid.UUID, datetime]) -> None:
    """Visits at these times found these pages gone."""
    if gone:
        others = connection.execute(ARTICLES_OF, {"pages": list(gone)}).fetchall()
        withdraw(connection, {**gone, **{article: gone[page] for page, article in others}})


# The article's address is then that at which it is back: the one in its row may be gone.
RESTORE = """
UPDATE depeche.articles a SET
    withdrawn_at = NULL, page_id = p.page_id, url = coalesce(p.final_url, p.url), canonical_url = p.canonical_url
FROM depeche.pages p
WHERE p.page_id = ANY (%s) AND p.page_type = 'article' AND p.gone_at IS NULL
    AND a.article_key = coalesce(p.read_as, p.url_key) AND a.withdrawn_at IS NOT NULL
"""


def restore(connection: Connection, seen: Collection[int]) -> None:
    """Visits read these pages, or found them unchanged."""
    if seen:
        connection.execute(RESTORE, [list(seen)])
