"""What news.search looks articles up in: their words, in the form that their own language's dictionary gives them.

To make that of a text costs Postgres several times what storing the article does, so a follower does it afterwards.
"""

from collections.abc import Sequence

from services.indexer.connection import Connection
from services.indexer.followers.follower import Follower

# Longer texts are cut: Postgres takes no more than 1 MB of words, and nobody looks for what stands further below.
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

# Many articles' words at once cost half of what they cost one by one, and the next search finds none waiting.
PUT_IN = "SELECT depeche.put_words_into_index()"


def index_words(connection: Connection, article_ids: Sequence[int]) -> None:
    """Make these articles found by how they read now."""
    if article_ids:
        connection.execute(INDEX, [list(article_ids)])
        connection.execute(PUT_IN)


SEARCH = Follower(name="search", work=index_words)
