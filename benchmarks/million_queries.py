"""The queries that readers run on a database with many articles, and how long each takes."""

import math
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence

import msgspec
import psutil
import psycopg

from services.indexer.connection import Connection

# Times that each question is asked, each time about something else, and as often before, to warm up.
ASKED, WARM_UP = 60, 6
# Of the articles that words are taken from.
SAMPLE_PERCENT = 1.0


class Took(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds that a question takes, with all of its rows read; `cpu` is the server's alone, on average."""

    question: str
    rows: float
    p50: float
    p95: float
    max: float
    cpu: float


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A query, and what it is asked about in turn."""

    name: str
    sql: str
    about: Sequence[Sequence[object]]


def ask(connection: Connection, question: Question) -> Took:
    """As a client would that keeps its connection: psycopg prepares what it has asked five times."""
    times: list[float] = []
    rows, before = 0, 0.0
    backend = psutil.Process(connection.info.backend_pid)
    for turn in range(WARM_UP + ASKED):
        about = question.about[turn % len(question.about)]
        if turn == WARM_UP:
            before = sum(backend.cpu_times()[:2])
        begin = time.perf_counter()
        found = connection.execute(question.sql.encode(), about).fetchall()
        if turn >= WARM_UP:
            times.append(1e3 * (time.perf_counter() - begin))
            rows += len(found)
    return Took(
        question=question.name,
        rows=rows / ASKED,
        p50=statistics.median(times),
        p95=sorted(times)[math.ceil(0.95 * ASKED) - 1],
        max=max(times),
        cpu=1e3 * (sum(backend.cpu_times()[:2]) - before) / ASKED,
    )


def ask_all(database_url: str, questions: Sequence[Question], tell: Callable[[], None]) -> list[Took]:
    """All of them, as a user in the role depeche_reader."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET ROLE depeche_reader")
        took = []
        for question in questions:
            took.append(ask(connection, question))
            tell()
    return took


COLUMNS = "article_id, title, url, source, published_at, first_seen_at"
COUNTS = """
SELECT min(article_id), max(article_id), min(first_seen_at), max(first_seen_at) FROM depeche.articles
"""
CURSORS = "SELECT txid || '.' || change_id FROM depeche.changes TABLESAMPLE BERNOULLI (%s) LIMIT 100"
END = "SELECT txid || '.' || change_id FROM depeche.changes ORDER BY txid DESC, change_id DESC OFFSET 100 LIMIT 1"
COPIED = "SELECT story_id FROM depeche.articles WHERE story_id IS NOT NULL AND article_id % 997 < 5 LIMIT 100"
EDITED = "SELECT article_id FROM depeche.article_versions LIMIT 100"
SOURCES = "SELECT DISTINCT source FROM depeche.articles WHERE article_id > %s - 5000 LIMIT 100"


def reading_questions(connection: Connection) -> Iterator[Question]:
    """Those of docs/reading.md but search."""
    first, last, begin, end = connection.execute(COUNTS).fetchone() or (0, 0, None, None)
    chance = random.Random(1)
    days = [begin + (end - begin) * (0.1 + 0.8 * chance.random()) for _ in range(60)]
    sources = _firsts(connection, SOURCES, [last])
    yield Question(
        name="latest 50 of a source, by number",
        sql=f"SELECT {COLUMNS} FROM news.articles WHERE source = %s ORDER BY article_id DESC LIMIT 50",
        about=[[source] for source in sources],
    )
    yield Question(
        name="latest 50 of a source, by when they were published",
        sql=f"SELECT {COLUMNS} FROM news.articles WHERE source = %s ORDER BY published_at DESC NULLS LAST, "
        "article_id DESC LIMIT 50",
        about=[[source] for source in sources],
    )
    yield Question(
        name="latest 50 of all",
        sql=f"SELECT {COLUMNS} FROM news.articles ORDER BY published_at DESC NULLS LAST, article_id DESC LIMIT 50",
        about=[[]],
    )
    middle = [[cursor] for cursor in _firsts(connection, CURSORS, [min(100.0, 100 * 1_000 / last)])]
    changes = "SELECT cursor, kind, article_id, version FROM news.changes_since(%s, 1000)"
    yield Question(name="1,000 changes from the middle", sql=changes, about=middle)
    yield Question(name="the last 100 changes", sql=changes, about=[[c] for c in _firsts(connection, END)])
    yield Question(
        name="no change since", sql=changes, about=[[c] for c in _firsts(connection, "SELECT news.cursor_now()")]
    )
    yield Question(
        name="100 changes with their articles",
        sql="SELECT c.cursor, c.kind, a.title, a.url, a.body FROM news.changes_since(%s, 100) WITH ORDINALITY AS c "
        "JOIN news.articles AS a USING (article_id) ORDER BY c.ordinality",
        about=middle,
    )
    yield Question(
        name="an article",
        sql="SELECT * FROM news.articles WHERE article_id = %s",
        about=[[chance.randint(first, last)] for _ in range(60)],
    )
    copied = [[story] for story in _firsts(connection, COPIED)]
    yield Question(name="a story", sql="SELECT * FROM news.stories WHERE story_id = %s", about=copied)
    yield Question(
        name="the articles of a story",
        sql=f"SELECT {COLUMNS} FROM news.articles WHERE story_id = %s ORDER BY first_seen_at",
        about=copied,
    )
    yield Question(
        name="the latest 20 stories",
        sql="SELECT a.first_seen_at, a.title, a.url, s.articles, s.publishers FROM news.stories AS s "
        "JOIN news.articles AS a ON a.article_id = s.article_id ORDER BY s.story_id DESC LIMIT 20",
        about=[[]],
    )
    yield Question(
        name="the day's 20 stories that most publishers have",
        sql="SELECT story_id, articles, publishers FROM news.stories WHERE first_seen_at > %s AND "
        "first_seen_at <= %s AND articles > 1 ORDER BY cardinality(publishers) DESC, story_id LIMIT 20",
        about=[[day, day + (end - begin) / 395] for day in days],
    )
    yield Question(
        name="the versions of an article",
        sql="SELECT version, seen_at, title, words_changed FROM news.article_versions WHERE article_id = %s "
        "ORDER BY version",
        about=[[article] for article in _firsts(connection, EDITED)],
    )
    yield Question(
        name="the headlines that stand on a page, with their articles",
        sql="SELECT kind, position, text, url, article_id, last_seen_at FROM news.headlines "
        "WHERE page_url = %s AND gone_at IS NULL ORDER BY kind, position",
        about=[[f"https://site{source.removeprefix('source')}.example/"] for source in sources],
    )


def _firsts(connection: Connection, sql: str, given: Sequence[object] | None = None) -> list[str]:
    return [row[0] for row in connection.execute(sql.encode(), given).fetchall()]


# Words by how many of the articles have them; of every hundredth article, or of all of a few thousand.
WORDS = """
SELECT word
FROM ts_stat('SELECT document FROM depeche.search_documents WHERE article_id %% {step} = 0')
WHERE word ~ '^[a-z]{{4,}}$' AND to_tsvector('english', word) @@ plainto_tsquery('simple', word)
    AND plainto_tsquery('german', word)::text <> ''
ORDER BY abs(ndoc - %s * (SELECT count(*) FROM depeche.search_documents WHERE article_id %% {step} = 0)), word
LIMIT %s
"""
# Pairs of characters by the same, and runs of four of some articles.
PAIRS = """
SELECT word
FROM ts_stat('SELECT document FROM depeche.search_documents WHERE article_id %% {step} = 0')
WHERE word ~ '^[一-鿿]{{2}}$'
ORDER BY abs(ndoc - %s * (SELECT count(*) FROM depeche.search_documents WHERE article_id %% {step} = 0)), word
LIMIT %s
"""
RUNS = "SELECT substring(body FROM '[一-鿿]{4}') FROM depeche.articles WHERE language = 'zh' LIMIT 60"
SOME_ARTICLES = """
SELECT substring(lead FROM '(\\S+)\\.$'), substring(title FROM '^(\\S+ \\S+)'), source
FROM depeche.articles WHERE article_id > %s - 5000 AND article_id %% 7 = 0 LIMIT 66
"""
SEARCH = "SELECT * FROM news.search(%s)"
COMMON, MEDIUM, SELDOM = 0.1, 0.01, 0.001


def search_questions(connection: Connection) -> Iterator[Question]:
    """Searches for what many, some, few and none of the articles have, with each filter."""
    _, last, begin, end = connection.execute(COUNTS).fetchone() or (0, 0, None, None)
    common, medium, seldom = (_words(connection, share, last) for share in (COMMON, MEDIUM, SELDOM))
    some = connection.execute(SOME_ARTICLES, [last]).fetchall()
    week, month = (end - begin) / 56, (end - begin) / 13
    middle = begin + (end - begin) / 2

    def of(name: str, queries: Sequence[str]) -> Question:
        return Question(name=name, sql=SEARCH, about=[[query] for query in queries])

    yield of("a word that one article has", [row[0] for row in some])
    yield of("a word that 0.1 % have", seldom)
    yield of("a word that 1 % have", medium)
    yield of("a word that 10 % have", common)
    yield of("a word that none has", [f"qxz{number}" for number in range(60)])
    yield of("two words, of 10 % and 1 %", _pairs("{} {}", common, medium))
    yield of("two words of 10 %", _pairs("{} {}", common, common[1:]))
    yield of("a phrase", [f'"{row[1]}"' for row in some])
    for part in (MEDIUM, SELDOM):
        yield of(f"two characters of Chinese that {part:.1%} have", _words(connection, part, last, PAIRS))
    yield of("four characters of Chinese", _firsts(connection, RUNS))
    yield of("either of two words of 1 %", _pairs("{} or {}", medium, medium[1:]))
    yield of("a word of 10 % without one of 1 %", _pairs("{} -{}", common, medium))
    filters = {
        "of one language": ("in_language => %s", ["en"]),
        "of a source": ("from_source => %s", None),
        "since a week": ("since => %s", [end - week]),
        "of a month a half year ago": ("since => %s, until => %s", [middle, middle + month]),
    }
    for filtered, (arguments, given) in filters.items():
        for share, words in {"10 %": common, "0.1 %": seldom}.items():
            about = [[word, *(given or [some[n % len(some)][2]])] for n, word in enumerate(words)]
            yield Question(
                name=f"a word of {share}, {filtered}", sql=f"SELECT * FROM news.search(%s, {arguments})", about=about
            )
    pages = [[word, _last_cursor(connection, word)] for word in common[:20]]
    yield Question(
        name="the second page of a word of 10 %",
        sql="SELECT * FROM news.search(%s, after_cursor => %s)",
        about=pages,
    )


def _words(connection: Connection, share: float, articles: int, words: str = WORDS) -> list[str]:
    sql = words.format(step=100 if articles >= 100_000 else 1)
    return _firsts(connection, sql, [share, 30])


def _pairs(form: str, ones: Sequence[str], others: Sequence[str]) -> list[str]:
    return [form.format(one, other) for one, other in zip(ones, others, strict=False)]


def _last_cursor(connection: Connection, word: str) -> str:
    rows = connection.execute("SELECT cursor FROM news.search(%s)", [word]).fetchall()
    return str(rows[-1][0])
