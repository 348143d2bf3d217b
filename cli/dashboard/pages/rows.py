"""Reads an article with its page's headline lists and its versions, and finds articles by words, from schema `news`."""

from cli.output import Row
from cli.reading import with_precision
from services.indexer.connection import Connection, rows_of

# Headlines of a page that are shown beside its article, and versions that are listed, the latest ones.
MOST_HEADLINES = 500
MOST_VERSIONS = 50

# Of an article that several pages have, the page shows what was read there last.
ARTICLE = """
SELECT *
FROM news.articles
WHERE article_id = coalesce(
    (SELECT v.article_id FROM news.visits v
     WHERE v.page_id = %(page_id)s AND v.parser_version IS NOT NULL ORDER BY v.at DESC LIMIT 1),
    (SELECT article_id FROM news.articles WHERE page_id = %(page_id)s ORDER BY fetched_at DESC LIMIT 1))
"""


def article(connection: Connection, page_id: int) -> Row | None:
    """Return the article of the page, or None where there is none."""
    found = rows_of(connection, ARTICLE, {"page_id": page_id})
    return with_precision(found[0]) if found else None


HEADLINES = """
SELECT h.headline_id, h.kind, h.label, h.position, h.text, h.url, h.language, h.published_at, h.published_precision,
       h.is_self, h.first_seen_at, h.wordings, h.article_id, target.page_id AS target_page_id
FROM news.headlines h
LEFT JOIN news.pages target ON target.url_key = h.url_key
WHERE h.page_id = %(page_id)s AND h.gone_at IS NULL
ORDER BY array_position('{ticker,latest,trending,most_read,related,front,feed}', h.kind), h.label NULLS FIRST,
         h.position
LIMIT %(limit)s
"""


def headlines(connection: Connection, page_id: int) -> list[Row]:
    """Return the headlines that stand on the page now, tickers first; one more than are shown, if there are more."""
    given = {"page_id": page_id, "limit": MOST_HEADLINES + 1}
    return [with_precision(row) for row in rows_of(connection, HEADLINES, given)]


VERSIONS = """
SELECT version, seen_at, replaced_at, title, title_changed, lead_changed, body_changed, words_changed, similarity,
       substantive, reparsed, parser_version
FROM news.article_versions
WHERE article_id = %(article_id)s
ORDER BY version DESC
LIMIT %(limit)s
"""
TWO_VERSIONS = """
SELECT version, seen_at, title, lead, kicker, authors, body, reparsed
FROM news.article_versions
WHERE article_id = %(article_id)s AND version IN (%(version)s, %(version)s - 1)
ORDER BY version DESC
"""


def versions(connection: Connection, article_id: int) -> list[Row]:
    """Return the versions of an article, newest first, without their texts."""
    return rows_of(connection, VERSIONS, {"article_id": article_id, "limit": MOST_VERSIONS})


def version_and_before(connection: Connection, article_id: int, version: int) -> list[Row]:
    """Return this version and the one before it, with their texts; either may not be kept any more."""
    return rows_of(connection, TWO_VERSIONS, {"article_id": article_id, "version": version})


SEARCH = """
SELECT found.article_id, found.title, found.excerpt, found.url, found.language, found.source, found.published_at,
       found.first_seen_at, found.cursor, a.page_id, a.published_precision
FROM news.search(%(words)s, max_rows => %(limit)s, after_cursor => %(after)s) WITH ORDINALITY AS found
JOIN news.articles a USING (article_id)
ORDER BY found.ordinality
"""
PER_PAGE = 20


def search(connection: Connection, words: str, after: str | None) -> list[Row]:
    """Return articles with these words, best first, those after the cursor."""
    found = rows_of(connection, SEARCH, {"words": words, "limit": PER_PAGE, "after": after})
    return [with_precision(row) for row in found]


LATEST = """
SELECT article_id, title, NULL AS excerpt, url, language, source, published_at, published_precision, first_seen_at,
       page_id, NULL AS cursor
FROM news.articles
ORDER BY article_id DESC
LIMIT %(limit)s
"""


def latest(connection: Connection) -> list[Row]:
    """Return the articles that were found last."""
    return [with_precision(row) for row in rows_of(connection, LATEST, {"limit": PER_PAGE})]


# A visit whose answer the archive has, and that was read: an unchanged page is archived as a repetition without a body.
ARCHIVED = """
SELECT archive, at, final_url, parser_version
FROM news.visits
WHERE page_id = %(page_id)s AND flight_id = %(flight_id)s AND archive IS NOT NULL
ORDER BY at DESC
LIMIT 1
"""
LAST_READ = """
SELECT p.archive, coalesce(v.at, p.fetched_at) AS at, coalesce(v.final_url, p.final_url, p.url) AS final_url,
       coalesce(v.parser_version, p.parser_version) AS parser_version
FROM news.pages p
LEFT JOIN LATERAL (SELECT at, final_url, parser_version FROM news.visits v
                   WHERE v.page_id = p.page_id AND v.archive = p.archive ORDER BY at DESC LIMIT 1) AS v ON true
WHERE p.page_id = %(page_id)s AND p.archive IS NOT NULL
"""


def archived(connection: Connection, page_id: int, flight_id: str | None) -> Row | None:
    """Return where the archive has the body that the page was last read from, or that of one visit."""
    sql = LAST_READ if flight_id is None else ARCHIVED
    return next(iter(rows_of(connection, sql, {"page_id": page_id, "flight_id": flight_id})), None)
