"""A search ranks the newest articles first, and finds all that one finds which ranks all at once, in its order."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from services.indexer.followers.search import INDEX, index_words
from tests.indexer.followers.test_search import search

SEARCH_ALL = Path(__file__).with_name("search_all.sql").read_text("utf-8")
NOW = datetime(2026, 5, 8, 12, 0, tzinfo=UTC)
WORDS = ["harbour", "storm", "ferry", "bridge", "council", "vote", "mayor", "budget", "museum", "orchard"]

WRITE = """
WITH page AS (
    INSERT INTO depeche.pages (url_key, url, fate, flight_id, first_seen_at, decided_at)
    VALUES (md5(%(url)s)::uuid, %(url)s, 'stored', gen_random_uuid(), %(seen_at)s, %(seen_at)s) RETURNING page_id)
INSERT INTO depeche.articles (article_key, page_id, url, source, title, lead, body, language, published_at, blocks,
                              images, content_hash, parser_version, first_seen_at, fetched_at)
SELECT md5(%(url)s)::uuid, page_id, %(url)s, %(source)s, %(title)s, %(lead)s, %(body)s, %(language)s, %(published_at)s,
       '[]', '[]', md5(%(body)s)::uuid, '1', %(seen_at)s, %(seen_at)s
FROM page RETURNING article_id
"""


def write(connection: psycopg.Connection, name: str, at: datetime | None, **facts: Any) -> int:
    """An article of its own page, published then; found when it is indexed."""
    given = {"title": None, "lead": None, "body": "harbour", "language": "en", "source": None, "seen_at": NOW, **facts}
    row = connection.execute(WRITE, given | {"url": f"https://news.example/{name}", "published_at": at}).fetchone()
    assert row
    return int(row[0])


def write_many(connection: psycopg.Connection, count: int) -> list[int]:
    """Articles of some sources, languages and years, of a few words each; some without a date or with a wrong one."""
    chance = random.Random(43)
    wrong = [None, datetime(1492, 8, 3, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)]
    ids = []
    for number in range(count):
        age = timedelta(hours=chance.choice([30, 3_000, 90_000]) * chance.random())
        facts = {
            "title": " ".join(chance.choices(WORDS, k=2)),
            "lead": " ".join(chance.choices(WORDS, k=3)),
            "body": " ".join(chance.choices(WORDS, k=chance.randint(3, 40))),
            "language": chance.choice(["en", "fr", "de", None, "xx"]),
            "source": chance.choice(["a", "b", None]),
            "seen_at": NOW - timedelta(hours=number),
        }
        at = chance.choice(wrong) if number % 4 == 0 else NOW - age
        ids.append(write(connection, str(number), at, **facts))
    return ids


SEARCHES: list[dict[str, Any]] = [
    {"query": "harbour"},
    {"query": "ships harbours"},
    {"query": "harbour storm"},
    {"query": '"harbour storm"'},
    {"query": "harbour or storm -ferry"},
    {"query": "-harbour"},
    {"query": "museum", "in_language": "fr"},
    {"query": "museum", "in_language": "xx"},
    {"query": "museum", "from_source": "b"},
    {"query": "museum", "from_source": "b", "in_language": "en"},
    {"query": "museum", "since": NOW - timedelta(hours=20)},
    {"query": "museum", "until": NOW - timedelta(hours=20)},
    {"query": "museum", "since": NOW - timedelta(days=100), "until": NOW - timedelta(hours=20)},
    {"query": "museum", "since": "-infinity", "until": "infinity"},
    {"query": "museum", "since": "infinity"},
    {"query": "nowhere"},
]


def found(
    connection: psycopg.Connection, options: dict[str, Any], function: str = "news.search"
) -> list[tuple[Any, ...]]:
    """All that a search finds, page by page."""
    named = ", ".join(f"{name} => %({name})s" for name in options)
    call = f"{function}({named}, max_rows => 30, after_cursor => %(after)s)"
    sql = f"SELECT cursor, article_id, rank, title, url FROM {call}"
    rows: list[tuple[Any, ...]] = []
    while more := connection.execute(sql.encode(), {**options, "after": rows[-1][0] if rows else None}).fetchall():
        rows += more
    return [row[1:] for row in rows]


def test_every_search_finds_what_one_that_ranks_all_at_once_finds_in_its_order(database: psycopg.Connection) -> None:
    database.execute(SEARCH_ALL.encode())
    articles = write_many(database, 300)
    index_words(database, articles[:-10])
    expected = [found(database, options, "news.search_all") for options in SEARCHES]
    assert sum(map(bool, expected)) > 12
    assert [found(database, options) for options in SEARCHES] == expected
    index_words(database, articles)
    assert len(found(database, {"query": "-nothing"})) == len(articles)


def test_each_document_has_the_keys_of_its_article(database: psycopg.Connection) -> None:
    """Whoever wrote it gave no more than its words."""
    articles = write_many(database, 100)
    database.execute(INDEX, [articles])
    wrong = database.execute(
        "SELECT count(*) FROM depeche.search_documents d JOIN depeche.articles a USING (article_id) "
        "WHERE d.keys <> depeche.search_keys(d.config, a.source, a.language, d.at)"
    ).fetchone()
    assert wrong == (0,)
    assert len(found(database, {"query": "-nothing"})) == len(articles)


def test_no_words_wait_to_be_put_into_the_index(database_url: str, database: psycopg.Connection) -> None:
    """Each search would have to read them all; the follower sees to it, though the index is not its user's."""
    with psycopg.connect(database_url, autocommit=True) as writer:
        ids = [write(writer, f"n{n}", NOW) for n in range(20)]
        writer.execute("SET ROLE depeche_writer")
        index_words(writer, ids)
    assert database.execute("SELECT gin_clean_pending_list('depeche.search_by_words'::regclass)").fetchone() == (0,)
    assert len(search(database, "harbour", max_rows=30)) == 20


def rank_together(database: psycopg.Connection, articles: int) -> None:
    database.execute(
        "CREATE OR REPLACE FUNCTION depeche.ranked_together() RETURNS integer LANGUAGE sql IMMUTABLE "
        f"RETURN {articles}".encode()
    )


def names(rows: Sequence[dict[str, Any]]) -> list[str]:
    return [row["url"].rpartition("/")[2] for row in rows]


def test_the_newest_are_ranked_first_and_then_those_before_them(database: psycopg.Connection) -> None:
    """Eight articles of ever longer texts, the older the better: three and three are ranked together."""
    rank_together(database, 3)
    ids = [
        write(database, f"n{number}", NOW - timedelta(days=number**3), body=f"harbour {'else ' * (90 - 10 * number)}")
        for number in range(8)
    ]
    index_words(database, ids)
    every = ["n2", "n1", "n0", "n5", "n4", "n3", "n7", "n6"]
    assert names(search(database, "harbour", max_rows=3)) == every[:3]
    assert names(search(database, "harbour", max_rows=100)) == ["n7", "n6", "n5", "n4", "n3", "n2", "n1", "n0"]
    assert names(search(database, "harbour", max_rows=3, since=NOW - timedelta(days=70))) == every[:3]
    assert names(search(database, "harbour", max_rows=3, until=NOW - timedelta(days=20))) == every[3:6]
    for size in (1, 2, 3):
        paged: list[str] = []
        cursor = None
        while page := search(database, "harbour", max_rows=size, after_cursor=cursor):
            assert len(page) == size or len(paged) + len(page) == len(every)
            paged += names(page)
            cursor = page[-1]["cursor"]
        assert paged == every, size


NEWEST = """
SELECT array(SELECT (f).article_id FROM unnest(depeche.search_newest(place, %(wanted)s)) AS f),
       array(SELECT m.article_id FROM depeche.search_matches(place, NULL) AS m
             ORDER BY m.at DESC, m.article_id DESC LIMIT %(wanted)s)
FROM (SELECT (depeche.search_questions(%(query)s, NULL), NULL, NULL, %(since)s, 0, %(until)s, 0)::depeche.search_place
      AS place) AS given
"""


def test_what_is_found_step_by_step_is_what_all_at_once_finds(database: psycopg.Connection) -> None:
    """However the articles that have the words lie in time: lately, long ago, in bursts, or at the ends of time."""
    chance = random.Random(45)
    ends = [datetime(1492, 8, 3, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC), NOW]
    ids = []
    for number in range(900):
        hours = number if number < 700 else 90_000 * chance.random()
        words = chance.sample(WORDS[:4], chance.choice([1, 1, 2]))
        if "storm" in words:
            hours += 30_000
        at = chance.choice(ends) if number % 30 == 0 else NOW - timedelta(hours=hours)
        ids.append(write(database, str(number), at, body=" ".join(words)))
    index_words(database, ids)
    ago = [NOW - timedelta(hours=hours) for hours in (0, 3, 400, 29_990)]
    for query in ("harbour", "storm", "harbour storm", "harbour or ferry", "-storm", "nowhere"):
        for since in ("-infinity", *ago):
            for until in ("infinity", *ago):
                for wanted in (7, 60, 2_000):
                    given = {"query": query, "since": since, "until": until, "wanted": wanted}
                    row = database.execute(NEWEST, given).fetchone()
                    assert row is not None
                    assert row[0] == row[1], given


def test_what_comes_between_two_pages_pushes_nothing_out(database: psycopg.Connection) -> None:
    rank_together(database, 3)
    index_words(database, [write(database, f"n{n}", NOW - timedelta(days=n), body=f"harbour {n}") for n in range(6)])
    first = search(database, "harbour", max_rows=2)
    late = [write(database, f"late{n}", NOW + timedelta(days=n), body="harbour " * 3) for n in range(1, 5)]
    index_words(database, late)
    rest: list[dict[str, Any]] = []
    while page := search(database, "harbour", max_rows=2, after_cursor=(rest or first)[-1]["cursor"]):
        rest += page
    assert sorted(name for name in names([*first, *rest]) if name.startswith("n")) == [f"n{n}" for n in range(6)]
    assert names(rest)[-1] in {"n3", "n4", "n5"}


def test_articles_of_one_moment_are_told_apart_by_their_numbers(database: psycopg.Connection) -> None:
    rank_together(database, 2)
    index_words(database, [write(database, f"n{n}", NOW) for n in range(7)])
    paged: list[str] = []
    cursor = None
    while page := search(database, "harbour", max_rows=2, after_cursor=cursor):
        paged += names(page)
        cursor = page[-1]["cursor"]
    assert paged == [f"n{n}" for n in reversed(range(7))]


def test_a_cursor_without_bounds_ranks_all(database: psycopg.Connection) -> None:
    rank_together(database, 2)
    index_words(database, [write(database, f"n{n}", NOW - timedelta(days=n)) for n in range(5)])
    with database.cursor(row_factory=dict_row) as cursor:
        first = cursor.execute(
            "SELECT rank || '_' || article_id AS cursor FROM news.search('harbour') LIMIT 1"
        ).fetchone()
    assert first
    assert names(search(database, "harbour", after_cursor="9_1")) == ["n4", "n3", "n2", "n1", "n0"]
    assert "n4" not in names(search(database, "harbour", after_cursor=f"{first['cursor'].partition('_')[0]}_5"))


@pytest.mark.parametrize("cursor", ["", "x", "1", "1_2_3", "0.1_1_2026-05-08T12:00:00.000000Z", "1_2_'; --_3"])
def test_what_is_no_cursor_is_refused(cursor: str, database: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="is no cursor of news"):
        search(database, "harbour", after_cursor=cursor)


def test_slices_make_up_any_hours_exactly(database: psycopg.Connection) -> None:
    chance = random.Random(1)
    for _ in range(200):
        first = chance.randrange(3_000_000)
        last = first + chance.choice([0, 7, 60, 5_000, 300_000]) + chance.randrange(9)
        row = database.execute("SELECT depeche.search_slices(%s, %s)", [first, last]).fetchone()
        assert row
        spans = sorted((8**level * slice_, 8**level * (slice_ + 1)) for level, slice_ in _numbers(row[0]))
        assert spans[0][0] == first
        assert spans[-1][1] == last + 1
        assert all(one[1] == other[0] for one, other in pairwise(spans))
        assert len(spans) <= 80


def _numbers(slices: list[str]) -> list[tuple[int, int]]:
    return [(int(level), int(number)) for level, number in (one.split(":") for one in slices)]


def test_an_excerpt_is_taken_where_most_of_the_words_stand(database: psycopg.Connection) -> None:
    filler = "\n".join(["Rien à signaler ce jour-là, dit-on à la mairie."] * 20)
    text = f"Le port est ouvert.\n{filler}\nLe port d'Orléans a été fermé par la tempête.\n{filler}"
    index_words(database, [write(database, "it", NOW, body=text, language="fr")])
    (row,) = search(database, "port tempête")
    assert "«port» d'Orléans a été fermé par la «tempête»" in row["excerpt"]
    (row,) = search(database, "port")
    assert row["excerpt"].startswith("«port» est ouvert.")


def test_an_excerpt_of_one_long_line_has_what_was_found(database: psycopg.Connection) -> None:
    text = f"{'Nothing of interest was said. ' * 60}The harbour is closed. {'Nothing else either. ' * 60}"
    index_words(database, [write(database, "it", NOW, body=text)])
    (row,) = search(database, "harbours -storm")
    assert "«harbour» is closed." in row["excerpt"]
