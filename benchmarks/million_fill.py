"""Fills a database with generated articles, in SQL, with the rows that the indexer and its followers would have made.

Pages, articles, headlines, changes, versions and stories go through the tables' own triggers. The search words of an
article are put together from those of its paragraphs; they equal the words that the follower makes of the whole text,
which `differing` checks. Two things differ from a database that has grown: the word indexes are built at the end, so
they are as compact as possible, and the values by which stories are recognised are random numbers.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from benchmarks.million_texts import PARAGRAPHS, Corpus, paragraphs
from services.indexer.connection import Connection
from services.indexer.followers.search import index_words

SOURCES, MONTH = 500, timedelta(days=30.4)
SPAN = 13 * MONTH
ARTICLES_AT_ONCE = 20_000
# One article in so many: copied by others, edited once.
COPIED_ONE_IN, EDITED_ONE_IN = 8, 50
# How long texts are kept to be recognised (services/indexer/followers/stories.py), and by how many keys.
SKETCHES_OF, KEYS = timedelta(days=14), 16

PREPARE = """
CREATE SCHEMA bench;
CREATE FUNCTION bench.words(language text, given text) RETURNS tsvector LANGUAGE sql STABLE RETURN
    (SELECT depeche.search_vector(s, given) FROM depeche.search_stemmers s
     WHERE s.config = depeche.search_config(language));
CREATE AGGREGATE bench.in_one(tsvector) (sfunc = tsvector_concat, stype = tsvector, initcond = '');
CREATE UNLOGGED TABLE bench.paragraphs (
    language text, number integer, text text, document tsvector, PRIMARY KEY (language, number));
CREATE UNLOGGED TABLE bench.invented (language text, number integer, word text, PRIMARY KEY (language, number));
CREATE UNLOGGED TABLE bench.languages (language text, up_to float8, paragraphs integer, invented integer);
CREATE UNLOGGED TABLE bench.lengths (number integer, paragraphs integer);
CREATE UNLOGGED TABLE bench.drafts (
    n bigint, language text, source integer, seen_at timestamptz, line text, title text, body text, blocks jsonb,
    document tsvector);
"""
# Each source has one language. Its number is drawn by Zipf's law: the first has a ninth of the articles.
DRAFT = """
INSERT INTO bench.drafts
WITH chosen AS MATERIALIZED (
    SELECT n, source, seen_at, l.language, l.paragraphs AS pool, l.invented AS words,
           floor(random() * %(lengths)s)::int AS length
    FROM (SELECT n, floor(exp(random() * ln(%(sources)s)))::int AS source,
                 %(start)s + %(span)s::interval * (n::float8 / %(articles)s) AS seen_at
          FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n) AS given
    JOIN LATERAL (SELECT * FROM bench.languages l
                  WHERE l.up_to > (hashint4(given.source)::float8 + 2^31) / 2^32 ORDER BY l.up_to LIMIT 1) l ON true
), picks AS MATERIALIZED (
    SELECT c.n, c.language, place, floor(random() * c.pool)::int AS number
    FROM chosen c JOIN bench.lengths ON lengths.number = c.length
    CROSS JOIN generate_series(1, lengths.paragraphs) AS place
), words AS MATERIALIZED (
    SELECT c.n, c.language, place, floor(random() * c.words)::int AS number
    FROM chosen c CROSS JOIN generate_series(1, 10) AS place
), texts AS (
    SELECT p.n, string_agg(q.text, E'\\n' ORDER BY p.place) AS text,
           bench.in_one(q.document ORDER BY p.place) AS document,
           jsonb_agg(jsonb_build_object('type', 'paragraph', 'text', q.text) ORDER BY p.place) AS blocks
    FROM picks p JOIN bench.paragraphs q USING (language, number) GROUP BY p.n
), lines AS (  -- words that hardly anybody else has, and one that nobody has
    SELECT w.n, initcap(string_agg(i.word, ' ') FILTER (WHERE place < 4)) || ' '
                || string_agg(i.word, '') FILTER (WHERE place IN (4, 5)) || '.' AS line,
           initcap(string_agg(i.word, ' ') FILTER (WHERE place > 5)) AS title
    FROM words w JOIN bench.invented i USING (language, number) GROUP BY w.n
)
SELECT c.n, c.language, c.source, c.seen_at, l.line,
       array_to_string((string_to_array(left(t.text, CASE c.language WHEN 'zh' THEN 15 ELSE 200 END), ' '))[1:6], ' ')
           || ' ' || l.title,
       l.line || E'\\n' || t.text,
       jsonb_build_object('type', 'paragraph', 'text', l.line) || t.blocks,
       bench.words(c.language, l.line) || t.document
FROM chosen c JOIN texts t USING (n) JOIN lines l USING (n)
"""
FRONTS = """
INSERT INTO depeche.pages (page_id, url_key, url, final_url, source, page_type, fate, http_status, flight_id,
                           first_seen_at, fetched_at, seen_at, decided_at)
OVERRIDING SYSTEM VALUE
SELECT s, md5('front' || s)::uuid, format('https://site%%s.example/', s), format('https://site%%s.example/', s),
       'source' || s, 'listing', 'stored', 200, gen_random_uuid(), %(start)s, %(end)s, %(end)s, %(end)s
FROM generate_series(1, %(sources)s) AS s
"""
ADDRESS = "format('https://site%%s.example/%%s/story-%%s.html', d.source, to_char(d.seen_at, 'YYYY/MM/DD'), d.n)"
PAGES = f"""
INSERT INTO depeche.pages (page_id, url_key, url, final_url, canonical_url, source, found_on, page_type, language, fate,
                           http_status, content_type, body_bytes, body_sha256, parser_version, flight_id, first_seen_at,
                           fetched_at, seen_at, decided_at)
OVERRIDING SYSTEM VALUE
SELECT d.n + %(sources)s, md5(d.n::text)::uuid, u.url, u.url, u.url, 'source' || d.source,
       format('https://site%%s.example/', d.source), 'article', d.language, 'stored', 200, 'text/html; charset=utf-8',
       60000 + d.n %% 90000, encode(sha256(d.n::text::bytea), 'hex'), '1', gen_random_uuid(), d.seen_at, d.seen_at,
       d.seen_at, d.seen_at
FROM bench.drafts d CROSS JOIN LATERAL (SELECT {ADDRESS} AS url) AS u ORDER BY d.n
"""
ARTICLES = f"""
INSERT INTO depeche.articles (article_id, article_key, page_id, url, canonical_url, source, title, lead, authors,
                              publisher, section, tags, language, published_at, published_precision, body, blocks,
                              images, content_hash, parser_version, first_seen_at, fetched_at)
OVERRIDING SYSTEM VALUE
SELECT d.n, md5(d.n::text)::uuid, d.n + %(sources)s, u.url, u.url, 'source' || d.source, d.title, d.line,
       ARRAY['Author ' || d.source || ' ' || d.n %% 20], 'Publisher ' || d.source, 'section ' || d.n %% 9,
       ARRAY['tag' || d.n %% 1000, 'tag' || d.n %% 999], d.language,
       CASE WHEN d.n %% 10 > 0 THEN d.seen_at + interval '3 hours' * ln(random() + 1e-9) END,
       CASE WHEN d.n %% 10 > 0 THEN 'instant' END, d.body, d.blocks,
       jsonb_build_array(jsonb_build_object('url', u.url || '.jpg', 'caption', d.title)),
       md5(d.body)::uuid, '1', d.seen_at, d.seen_at
FROM bench.drafts d CROSS JOIN LATERAL (SELECT {ADDRESS} AS url) AS u ORDER BY d.n
"""
# One headline an article, on its source's front; the latest 40 of a source stand there still.
HEADLINES = f"""
INSERT INTO depeche.headlines (page_id, headline_key, kind, position, text, url, url_key, language, first_seen_at)
SELECT d.source, md5(d.n || 'front')::uuid, 'front', 1 + d.n %% 40, d.title, u.url, md5(d.n::text)::uuid, d.language,
       d.seen_at
FROM bench.drafts d CROSS JOIN LATERAL (SELECT {ADDRESS} AS url) AS u ORDER BY d.n
"""
GONE = """
UPDATE depeche.headlines h SET gone_at = h.first_seen_at + interval '1 day', last_seen_at = h.first_seen_at
FROM (SELECT headline_id, row_number() OVER (PARTITION BY page_id ORDER BY headline_id DESC) AS age
      FROM depeche.headlines WHERE gone_at IS NULL) AS standing
WHERE h.headline_id = standing.headline_id AND standing.age > 40
"""
# Half of the copies belong to stories of two, the others to ever longer ones: Zipf's law again.
COPIES = """
UPDATE depeche.articles a SET story_id = founder
FROM (SELECT n, n - 1 - floor(exp(random() * ln(%(copied_one_in)s * 4)))::bigint AS founder
      FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n WHERE n %% %(copied_one_in)s = 0) AS copies
WHERE a.article_id = copies.n
    AND EXISTS (SELECT 1 FROM depeche.articles f WHERE f.article_id = copies.founder AND f.story_id IS NULL)
"""
EDITS = """
UPDATE depeche.articles a
SET body = body || E'\\n' || p.text, content_hash = md5(content_hash || 'edited')::uuid,
    blocks = blocks || jsonb_build_object('type', 'paragraph', 'text', p.text),
    fetched_at = fetched_at + interval '1 hour'
FROM bench.paragraphs p
WHERE a.article_id BETWEEN %(first)s AND %(last)s AND a.article_id %% %(edited_one_in)s = 1
    AND p.language = a.language AND p.number = 0
"""
DOCUMENTS = """
INSERT INTO depeche.search_documents (article_id, config, document, formed)
SELECT d.n, depeche.search_config(d.language),
       setweight(bench.words(d.language, d.title), 'A') || setweight(bench.words(d.language, d.line), 'B')
       || CASE WHEN d.n %% %(edited_one_in)s = 1 THEN d.document || p.document ELSE d.document END, 2
FROM bench.drafts d JOIN bench.paragraphs p ON p.language = d.language AND p.number = 0
ORDER BY d.n
"""
SKETCHES = """
WITH young AS (
    INSERT INTO depeche.story_sketches (article_id, keys, seen_at, kept_at)
    SELECT a.article_id,
           ARRAY(SELECT hashint8extended(a.article_id * %(keys)s + k, 1) FROM generate_series(1, %(keys)s) AS k),
           a.first_seen_at, a.first_seen_at
    FROM depeche.articles a WHERE a.first_seen_at > %(end)s - %(sketches_of)s::interval
    RETURNING article_id, keys)
INSERT INTO depeche.story_keys (key, article_id) SELECT key, article_id FROM young, unnest(keys) AS key
"""
FINISH = """
UPDATE depeche.followers SET cursor = (SELECT max(txid) || '.' || max(change_id) FROM depeche.changes);
SELECT setval(pg_get_serial_sequence('depeche.articles', 'article_id'), max(article_id)) FROM depeche.articles;
SELECT setval(pg_get_serial_sequence('depeche.pages', 'page_id'), max(page_id)) FROM depeche.pages;
"""

INDEX_PARAGRAPHS = """
UPDATE bench.paragraphs SET document = bench.words(language, text)
"""


def fill(connection: Connection, corpus: Corpus, articles: int, end: datetime, tell: Callable[[int], None]) -> None:
    """Make the database hold `articles` articles that came in over the 13 months before `end`."""
    connection.execute("SELECT setseed(0.5)")
    connection.execute("SET synchronous_commit = off; SET work_mem = '256MB'; SET maintenance_work_mem = '2GB'")
    connection.execute(PREPARE)
    _copy_texts(connection, corpus, min(PARAGRAPHS, articles))
    given = {
        "articles": articles,
        "sources": SOURCES,
        "start": end - SPAN,
        "end": end,
        "span": SPAN,
        "lengths": len(corpus.paragraphs_of),
        "copied_one_in": COPIED_ONE_IN,
        "edited_one_in": EDITED_ONE_IN,
        "sketches_of": SKETCHES_OF,
        "keys": KEYS,
    }
    connection.execute(FRONTS, given)
    indexes = _drop_word_indexes(connection)
    for first in range(1, articles + 1, ARTICLES_AT_ONCE):
        last = min(articles, first + ARTICLES_AT_ONCE - 1)
        given |= {"first": first, "last": last}
        for statement in (DRAFT, PAGES, ARTICLES, HEADLINES, GONE, EDITS, COPIES, DOCUMENTS):
            connection.execute(statement.encode(), given)
        connection.execute("TRUNCATE bench.drafts")
        tell(last)
    connection.execute(SKETCHES, given)
    for definition in indexes:
        connection.execute(definition.encode())
    connection.execute(FINISH)
    connection.execute("VACUUM ANALYZE")
    connection.execute("CHECKPOINT")
    connection.execute("RESET synchronous_commit; RESET work_mem; RESET maintenance_work_mem")


def _copy_texts(connection: Connection, corpus: Corpus, count: int) -> None:
    with connection.cursor() as cursor:
        with cursor.copy("COPY bench.paragraphs (language, number, text) FROM STDIN") as copy:
            for paragraph in paragraphs(corpus, count):
                copy.write_row((paragraph.language, paragraph.number, paragraph.text))
        with cursor.copy("COPY bench.invented FROM STDIN") as copy:
            for language in corpus.languages:
                for number, word in enumerate(language.invented):
                    copy.write_row((language.code, number, word))
        up_to = 0.0
        for language in corpus.languages:
            up_to += language.share
            cursor.execute(
                "INSERT INTO bench.languages SELECT %(code)s, %(up_to)s, count(*), %(invented)s FROM bench.paragraphs "
                "WHERE language = %(code)s",
                {"code": language.code, "up_to": up_to, "invented": len(language.invented)},
            )
        cursor.execute("UPDATE bench.languages SET up_to = 2 WHERE up_to = (SELECT max(up_to) FROM bench.languages)")
        cursor.executemany("INSERT INTO bench.lengths VALUES (%s, %s)", list(enumerate(corpus.paragraphs_of)))
    connection.execute(INDEX_PARAGRAPHS)
    connection.execute("VACUUM ANALYZE bench.paragraphs, bench.invented, bench.languages, bench.lengths")


WORD_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE schemaname = 'depeche' AND tablename = 'search_documents' AND indexdef ~ 'USING gin'
"""


def _drop_word_indexes(connection: Connection) -> list[str]:
    """Drop them; gives what makes them anew. To fill one row by row would take most of an hour."""
    found = connection.execute(WORD_INDEXES).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX depeche.{name}".encode())
    return [definition for _, definition in found]


SOME = "SELECT article_id FROM depeche.search_documents ORDER BY hashint8(article_id) LIMIT 300"
AS_THEY_ARE = "SELECT article_id, to_jsonb(d) FROM depeche.search_documents d WHERE article_id = ANY (%s) ORDER BY 1"


def differing(connection: Connection) -> int:
    """How many of 300 articles the follower would have given another row; 0 when all is well."""
    some = [row[0] for row in connection.execute(SOME).fetchall()]
    before = connection.execute(AS_THEY_ARE, [some]).fetchall()
    index_words(connection, some)
    after = connection.execute(AS_THEY_ARE, [some]).fetchall()
    return sum(one != other for one, other in zip(before, after, strict=True))
