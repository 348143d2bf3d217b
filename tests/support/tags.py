"""Sources with tags, as their visits would have stored them."""

import psycopg

INSERT = """
INSERT INTO depeche.sources (name, url, site, page_id, tags, first_seen_at, told_at)
VALUES (%s, 'https://news.example/', 'news.example', 0, %s, now(), now())
"""


def tag_sources(database: psycopg.Connection, **tags: list[str]) -> None:
    """Let sources with these names have these tags."""
    for name, of_source in tags.items():
        database.execute(INSERT, [name, of_source])
