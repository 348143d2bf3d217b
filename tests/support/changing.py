"""Articles that many write at a time, by SQL, in transactions of all sizes that begin and end in any order."""

import random
import threading

import psycopg

ARTICLES = 400


def insert(connection: psycopg.Connection, *numbers: int) -> None:
    """A change of each of these articles, which are stored if they are not there yet."""
    connection.execute(WRITE, {"numbers": list(numbers), "page": page_id(connection)})


def page_id(connection: psycopg.Connection) -> int:
    """A page for all articles of these tests."""
    row = connection.execute("SELECT page_id FROM depeche.pages").fetchone()
    if row is None:
        row = connection.execute(
            "INSERT INTO depeche.pages (url_key, url, fate, flight_id, first_seen_at, decided_at)"
            " VALUES (gen_random_uuid(), 'x', 'stored', gen_random_uuid(), now(), now()) RETURNING page_id"
        ).fetchone()
        assert row is not None
    return int(row[0])


# Each row of it is a change: a new article, or another version of one that is there.
WRITE = """
INSERT INTO depeche.articles (article_key, page_id, url, body, blocks, images, content_hash, parser_version,
                              first_seen_at, fetched_at)
SELECT md5(n::text)::uuid, %(page)s, 'x', n::text, '[]', '[]', gen_random_uuid(), 'test', now(), now()
FROM (SELECT DISTINCT n FROM unnest(%(numbers)s::int[]) n ORDER BY n) AS given
ON CONFLICT (article_key) DO UPDATE SET content_hash = excluded.content_hash
"""


class Remaining:
    """How many changes are still to be written, for many threads."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._lock = threading.Lock()

    def take(self, wanted: int) -> int:
        with self._lock:
            taken = min(wanted, self._count)
            self._count -= taken
            return taken


def write(database_url: str, seed: int, remaining: Remaining) -> None:
    """Half of the changes are of the same few articles for all writers, in one order: none waits in a circle."""
    choose = random.Random(seed)
    with psycopg.connect(database_url) as connection:
        of = page_id(connection)
        for turn in range(10**9):
            size = remaining.take(choose.choice([1, 5, 50, 500, 1500]))
            if not size:
                return
            if choose.random() < 0.2:
                some = [choose.randrange(ARTICLES) for _ in range(choose.randrange(1, 50))]
                connection.execute(WRITE, {"numbers": some, "page": of})
                connection.execute("SELECT pg_sleep(%s)", [choose.random() / 50])
                connection.rollback()
            shared = min(size // 2, ARTICLES)
            numbers = choose.sample(range(ARTICLES), shared)
            first = 1_000_000 * (seed + 1) + turn * 2000
            numbers += range(first, first + size - shared)
            connection.execute(WRITE, {"numbers": numbers, "page": of})
            connection.execute("SELECT pg_sleep(%s)", [choose.choice([0, 0, 0.005, 0.05])])
            connection.commit()
