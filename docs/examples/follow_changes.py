"""Follow every change of the articles, each exactly once: python follow_changes.py NEWS_DSN OWN_DSN

What is done about changes is stored together with the cursor, in one transaction of this service's own database: killed
at any moment, it goes on where it was. Put your own work in place of the INSERT. One that was away for longer than
changes are kept ends with an error that says how to begin anew.
"""

import sys

import psycopg

SETUP = """
CREATE TABLE IF NOT EXISTS progress (only_row boolean PRIMARY KEY DEFAULT true, cursor text);
INSERT INTO progress VALUES (true, NULL) ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS done (number bigint GENERATED ALWAYS AS IDENTITY, change_id bigint, article_id bigint);
"""
CHANGES = "SELECT cursor, change_id, article_id FROM news.changes_since(%s, 1000)"


def follow(news: psycopg.Connection, own: psycopg.Connection) -> None:
    news.execute("LISTEN news_changes")
    while True:
        with own.transaction():
            (cursor,) = own.execute("SELECT cursor FROM progress FOR UPDATE").fetchone() or (None,)
            changes = news.execute(CHANGES, [cursor]).fetchall()
            with own.cursor() as work:
                work.executemany("INSERT INTO done (change_id, article_id) VALUES (%s, %s)", [c[1:] for c in changes])
            if changes:
                own.execute("UPDATE progress SET cursor = %s", [changes[-1][0]])
        if not changes:  # woken by the next change, and at the latest in a second: see docs/reading.md
            list(news.notifies(timeout=1, stop_after=1))


if __name__ == "__main__":
    with psycopg.connect(sys.argv[1], autocommit=True) as news, psycopg.connect(sys.argv[2], autocommit=True) as own:
        own.execute(SETUP)
        follow(news, own)
