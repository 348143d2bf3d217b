"""The table in which news.search looks articles up: their words, as the dictionary of their own language forms them.

Postgres takes several times as long to form the words of a text as to store the article, so a follower does it later.
"""

from collections.abc import Sequence

from services.indexer.connection import Connection
from services.indexer.followers.follower import Follower

# Longer texts are cut: Postgres takes no more than 1 MB of words, and nobody searches for words further down.
INDEX = """
INSERT INTO depeche.search_documents AS d (article_id, config, document)
SELECT a.article_id, c.name,
       setweight(to_tsvector(c.name::regconfig, depeche.unaccented(left(concat_ws(' ', a.title, a.kicker), 2000))), 'A')
       || setweight(to_tsvector(c.name::regconfig, depeche.unaccented(left(a.lead, 5000))), 'B')
       || setweight(to_tsvector(c.name::regconfig, depeche.unaccented(left(a.body, 100000))), 'D')
FROM (SELECT article_id, title, kicker, coalesce(lead, '') AS lead, body, language
      FROM depeche.articles WHERE article_id = ANY (%s)) AS a
LEFT JOIN depeche.search_languages l ON l.language = a.language
CROSS JOIN LATERAL (SELECT coalesce(l.config, 'pg_catalog.simple') AS name) AS c
ON CONFLICT (article_id) DO UPDATE SET config = excluded.config, document = excluded.document
"""

# To put in many articles' words at once costs half of what they cost one by one, and leaves none for the next search
# to put in.
PUT_IN = "SELECT depeche.put_words_into_index()"


def index_words(connection: Connection, article_ids: Sequence[int]) -> None:
    """Let these articles be found by the words that they have now."""
    if article_ids:
        connection.execute(INDEX, [list(article_ids)])
        connection.execute(PUT_IN)


SEARCH = Follower(name="search", work=index_words)
