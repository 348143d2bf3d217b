"""One row per article, as it reads now. Triggers in the database keep earlier versions and the feed of changes."""

import uuid
from collections.abc import Sequence
from typing import Any

import msgspec

from services.indexer.connection import Connection, rows_of
from services.indexer.store.pages import StoredPage
from services.indexer.store.values import Cutter, as_json, clean, digest, names
from shared.messages import PageParsed
from shared.parsed_page import Article, Block

ARTICLE = """
    article_key uuid, page_id bigint, url text, canonical_url text, source text, title text, lead text, kicker text,
    authors text[], publisher text, section text, tags text[], language text, published_at timestamptz,
    published_precision text, modified_at timestamptz, modified_precision text, source_url text, truncated boolean,
    paywalled boolean, consent_wall boolean, live_blog boolean, body text, blocks jsonb, images jsonb,
    content_hash uuid, parser_version text, cuts text[], next_page_url text, provenance jsonb,
    fetched_at timestamptz
"""
# What a visit brings, but for the key.
CONTENT = names(ARTICLE).split(", ")[1:]
UPSERT_ARTICLES = f"""
INSERT INTO depeche.articles AS a ({names(ARTICLE)}, first_seen_at)
SELECT {names(ARTICLE)}, fetched_at FROM jsonb_to_recordset(%(articles)s::jsonb) AS given ({ARTICLE})
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
    next_page_url = excluded.next_page_url, provenance = excluded.provenance, fetched_at = excluded.fetched_at,
    withdrawn_at = CASE WHEN a.withdrawn_at >= excluded.fetched_at THEN a.withdrawn_at END
WHERE a.fetched_at <= excluded.fetched_at
    AND (a.content_hash <> excluded.content_hash OR a.withdrawn_at < excluded.fetched_at)
RETURNING page_id
"""


def upsert_articles(connection: Connection, stored: Sequence[StoredPage]) -> set[int]:
    """Store the pages' articles; returns the ids of the pages whose article is new, edited or no longer withdrawn."""
    articles = [_row(page) for page in stored if page.landing.page and page.landing.page.article]
    if not articles:
        return set()
    return {row["page_id"] for row in rows_of(connection, UPSERT_ARTICLES, {"articles": as_json(articles)})}


def _row(of: StoredPage) -> dict[str, Any]:
    record, page = of.landing.record, of.landing.page
    if not isinstance(record, PageParsed) or page is None or page.article is None:
        raise TypeError("a page without an article")
    article = page.article
    cutter = Cutter(of.landing.cuts)
    published = cutter.moment("published_at", article.published_at)
    modified = cutter.moment("modified_at", article.modified_at)
    return {
        "article_key": of.landing.article_key,
        "page_id": of.page_id,
        "url": clean(record.answer.final_url),
        "canonical_url": cutter.line("canonical_url", page.canonical_url),
        "source": clean(record.origin.source),
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
        "blocks": article.blocks,
        "images": article.images,
        "content_hash": content_hash(article),
        "parser_version": page.parser_version,
        "next_page_url": cutter.line("next_page_url", article.next_page_url),
        "provenance": _by_column(article.provenance),
        "cuts": cutter.cuts,  # after all values above
        "fetched_at": of.fetched_at,
    }


def _by_column(provenance: dict[str, str]) -> dict[str, str] | None:
    """Return which reader gave each column; one of them has another name than its field."""
    return {"body" if name == "text" else name: reader for name, reader in provenance.items()} or None


def content_hash(article: Article) -> uuid.UUID:
    """Return a hash of all that the article has, but for the queries of its pictures' URLs.

    An article with another hash is a new version. Many sites put sizes, signatures and times into these queries, which
    differ at each visit. An article on one page has the hash that it had before `next_page_url` was a field. Which
    reader gave a field is no part of what the article says.
    """

    def of(block: Block) -> Block:
        if block.type != "image" or block.url is None:
            return block
        return msgspec.structs.replace(block, url=block.url.partition("?")[0])

    images = [msgspec.structs.replace(image, url=image.url.partition("?")[0]) for image in article.images]
    blocks = [of(block) for block in article.blocks]
    facts = {**msgspec.structs.asdict(article), "images": images, "blocks": blocks}
    del facts["provenance"]
    if article.next_page_url is None:
        del facts["next_page_url"]
    return digest(msgspec.json.encode(facts))
