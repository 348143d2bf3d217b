"""The table in which news.search looks articles up: their words, as their own language forms them.

Postgres takes several times as long to form the words of a text as to store the article, so a follower does it later.
How words are formed is SQL (services/indexer/schema/search_words.sql), since queries go through the same functions.
When a version forms them in another way, a chore forms the words of all articles anew.
"""

import time
from collections.abc import Sequence

from services.indexer.connection import Connection
from services.indexer.followers.chores import Chore
from services.indexer.followers.follower import Follower
from services.indexer.locks import take_for_transaction

# Longer texts are cut: Postgres takes no more than 1 MB of words, and nobody searches for words further down. The last
# number is that of the way in which words are formed; depeche.search_of_old_form has the rows with a lower one.
INDEX = """
INSERT INTO depeche.search_documents AS d (article_id, config, document, formed)
SELECT a.article_id, s.config,
       setweight(depeche.search_vector(s, left(concat_ws(' ', a.title, a.kicker), 2000)), 'A')
       || setweight(depeche.search_vector(s, left(a.lead, 5000)), 'B')
       || setweight(depeche.search_vector(s, left(a.body, 100000)), 'D'), 2
FROM (SELECT article_id, title, kicker, coalesce(lead, '') AS lead, body, depeche.search_config(language) AS config
      FROM depeche.articles WHERE article_id = ANY (%s) OFFSET 0) AS a
JOIN depeche.search_stemmers s ON s.config = a.config
ON CONFLICT (article_id) DO UPDATE SET config = excluded.config, document = excluded.document, formed = excluded.formed
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

# How long a run of the chore works, in seconds, and pauses; how many articles a transaction of it does.
WORK_S, EVERY_S, ARTICLES_AT_ONCE = 5.0, 5.0, 100

OLD = "SELECT article_id FROM depeche.search_documents WHERE formed < 2 ORDER BY at DESC LIMIT %s"


def form_anew(connection: Connection) -> None:
    """Form words anew that an earlier version formed, the newest articles' first, for some seconds."""
    end = time.monotonic() + WORK_S
    while _form_some(connection) and time.monotonic() < end:
        continue


def _form_some(connection: Connection) -> bool:
    """Form some articles' words anew; returns False if none are left, or if the follower is at work.

    It takes the follower's lock, so that it cannot write words of a text over those of a later one.
    """
    with connection.transaction():
        if not take_for_transaction(connection, SEARCH.name):
            return False
        articles = [row[0] for row in connection.execute(OLD, [ARTICLES_AT_ONCE]).fetchall()]
        index_words(connection, articles)
        return bool(articles)


SEARCH_FORMS = Chore(name="search_forms", every_s=EVERY_S, work=form_anew)
