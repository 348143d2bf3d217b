"""One row an article, as it reads now. The database itself keeps the versions before, and the feed of changes."""

import re
import uuid

import msgspec

from services.indexer.connection import Connection
from services.indexer.landing import Landing
from services.indexer.page_fates import StoredPage
from services.indexer.values import Cutter, clean, digest
from shared.messages import PageParsed
from shared.parsed_page import Article, Block

UPSERT_ARTICLE = """
INSERT INTO depeche.articles AS a (
    article_key, page_id, url, canonical_url, source, title, lead, kicker, authors, publisher, section, tags, language,
    published_at, published_precision, modified_at, modified_precision, source_url, truncated, paywalled, consent_wall,
    live_blog, body, blocks, images, content_hash, parser_version, cuts, first_seen_at,
    fetched_at)
VALUES (
    %(article_key)s, %(page_id)s, %(url)s, %(canonical_url)s, %(source)s, %(title)s, %(lead)s, %(kicker)s, %(authors)s,
    %(publisher)s, %(section)s, %(tags)s, %(language)s, %(published_at)s, %(published_precision)s, %(modified_at)s,
    %(modified_precision)s, %(source_url)s, %(truncated)s, %(paywalled)s, %(consent_wall)s, %(live_blog)s, %(body)s,
    %(blocks)s, %(images)s, %(content_hash)s, %(parser_version)s, %(cuts)s, %(at)s, %(at)s)
ON CONFLICT (article_key) DO UPDATE SET
    page_id = excluded.page_id, url = excluded.url, canonical_url = excluded.canonical_url,
    source = coalesce(excluded.source, a.source), title = excluded.title, lead = excluded.lead,
    kicker = excluded.kicker, authors = excluded.authors, publisher = excluded.publisher, section = excluded.section,
    tags = excluded.tags, language = excluded.language, published_at = excluded.published_at,
    published_precision = excluded.published_precision, modified_at = excluded.modified_at,
    modified_precision = excluded.modified_precision, source_url = excluded.source_url,
    truncated = excluded.truncated, paywalled = excluded.paywalled, consent_wall = excluded.consent_wall,
    live_blog = excluded.live_blog, body = excluded.body, blocks = excluded.blocks, images = excluded.images,
    content_hash = excluded.content_hash, parser_version = excluded.parser_version, cuts = excluded.cuts,
    fetched_at = excluded.fetched_at,
    withdrawn_at = CASE WHEN a.withdrawn_at >= excluded.fetched_at THEN a.withdrawn_at END
WHERE a.fetched_at <= excluded.fetched_at
    AND (a.content_hash <> excluded.content_hash OR a.withdrawn_at < excluded.fetched_at)
RETURNING article_id
"""


def upsert_article(connection: Connection, landing: Landing, of: StoredPage, article: Article) -> bool:
    """Store the article; true when it is new or reads differently now."""
    record, page = landing.record, landing.page
    if not isinstance(record, PageParsed) or page is None:
        raise TypeError("a dropped page has no article")
    cutter = Cutter(landing.cuts)
    published = cutter.moment("published_at", article.published_at)
    modified = cutter.moment("modified_at", article.modified_at)
    stored = connection.execute(
        UPSERT_ARTICLE,
        {
            "article_key": landing.article_key,
            "page_id": of.page_id,
            "url": clean(record.final_url),
            "canonical_url": cutter.line("canonical_url", page.canonical_url),
            "source": clean(record.source),
            "title": cutter.line("title", article.title),
            "lead": cutter.line("lead", article.lead),
            "kicker": cutter.line("kicker", article.kicker),
            "authors": cutter.lines("authors", article.authors),
            "publisher": cutter.line("publisher", article.publisher),
            "section": cutter.line("section", article.section),
            "tags": cutter.lines("tags", article.tags),
            "language": cutter.line("language", article.language),
            "published_at": published.at,
            "published_precision": published.precision,
            "modified_at": modified.at,
            "modified_precision": modified.precision,
            "source_url": cutter.line("source_url", article.source_url),
            "truncated": article.truncated,
            "paywalled": article.paywalled,
            "consent_wall": article.consent_wall,
            "live_blog": article.live_blog,
            "body": cutter.text("body", article.text),
            "blocks": as_json(article.blocks),
            "images": as_json(article.images),
            "content_hash": content_hash(article),
            "parser_version": page.parser_version,
            "cuts": cutter.cuts,  # after all values above
            "at": of.fetched_at,
        },
    ).fetchone()
    return stored is not None


def content_hash(article: Article) -> uuid.UUID:
    """What makes a version: all that the article has, but for the queries of its pictures' addresses.

    Many sites put sizes, signatures and times there, other ones at each visit.
    """

    def of(block: Block) -> Block:
        if block.type != "image" or block.url is None:
            return block
        return msgspec.structs.replace(block, url=block.url.partition("?")[0])

    images = [msgspec.structs.replace(image, url=image.url.partition("?")[0]) for image in article.images]
    blocks = [of(block) for block in article.blocks]
    return digest(msgspec.json.encode(msgspec.structs.replace(article, images=images, blocks=blocks)))


# An escaped NUL; after an odd number of backslashes it is none, but a backslash and a text that looks like one.
ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def as_json(value: object) -> str:
    """JSON text for a jsonb column, which cannot hold NUL."""
    return ESCAPED_NUL.sub(r"\1", msgspec.json.encode(value).decode())
