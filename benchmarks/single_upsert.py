"""The article store that most would write first. The indexer is measured against it.

It stores one article per transaction by one `INSERT ... ON CONFLICT DO UPDATE`, prepared once, in a single round trip.
It has the columns that readers of news.articles get and the indexes that they want; a generated column with a GIN index
indexes the words of the text as it is stored. Three things are in its favour: it has one table and nothing else (no
page, no visit, no change feed, no versions), it checks and cuts nothing, and the words of every language come from the
plainest and cheapest of Postgres' dictionaries.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from services.indexer.connection import Connection
from services.indexer.landing import Landing
from services.indexer.store.values import moment
from shared.messages import PageParsed

CREATE = """
CREATE SCHEMA single;
CREATE TABLE single.articles (
    article_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url            text NOT NULL UNIQUE,
    canonical_url  text, source text, title text, lead text, kicker text, authors text[] NOT NULL, publisher text,
    section        text, tags text[] NOT NULL, language text, published_at timestamptz, modified_at timestamptz,
    source_url     text, truncated boolean NOT NULL, paywalled boolean NOT NULL, consent_wall boolean NOT NULL,
    live_blog      boolean NOT NULL, body text NOT NULL, blocks jsonb NOT NULL, images jsonb NOT NULL,
    parser_version text NOT NULL, first_seen_at timestamptz NOT NULL, fetched_at timestamptz NOT NULL,
    words tsvector GENERATED ALWAYS AS (to_tsvector('simple', coalesce(title, '') || ' ' || body)) STORED
);
CREATE INDEX ON single.articles (published_at DESC NULLS LAST, article_id DESC);
CREATE INDEX ON single.articles (source, article_id DESC);
CREATE INDEX ON single.articles USING gin (words);
"""

COLUMNS = """
url canonical_url source title lead kicker authors publisher section tags language published_at modified_at source_url
truncated paywalled consent_wall live_blog body blocks images parser_version first_seen_at fetched_at
""".split()  # noqa: SIM905 - two lines instead of twenty-four
KEPT = {"url", "first_seen_at"}
UPSERT = f"""
INSERT INTO single.articles ({", ".join(COLUMNS)})
VALUES ({", ".join(f"%({column})s" for column in COLUMNS)})
ON CONFLICT (url) DO UPDATE SET {", ".join(f"{column} = excluded.{column}" for column in COLUMNS if column not in KEPT)}
"""


def upsert_one_by_one(connection: Connection, landings: Sequence[Landing]) -> None:
    """Store the articles, each in a transaction of its own."""
    for landing in landings:
        connection.execute(UPSERT.encode(), _row(landing))


def _row(landing: Landing) -> dict[str, Any]:
    record, page = landing.record, landing.page
    if not isinstance(record, PageParsed) or page is None or page.article is None:
        raise TypeError("only articles are measured")
    article = page.article
    at = datetime.fromisoformat(record.answer.fetched_at)
    return msgspec.structs.asdict(article) | {
        "url": record.answer.final_url,
        "canonical_url": page.canonical_url,
        "source": record.origin.source,
        "published_at": moment(article.published_at).at,
        "modified_at": moment(article.modified_at).at,
        "body": article.text,
        "blocks": msgspec.json.encode(article.blocks).decode(),
        "images": msgspec.json.encode(article.images).decode(),
        "parser_version": page.parser_version,
        "first_seen_at": at,
        "fetched_at": at,
    }
