"""The peer of benchmarks/peer.py: Scrapy fetches, trafilatura extracts, psycopg stores; in an environment of its own.

  .venv-peer/bin/python benchmarks/scrapy_crawl.py DATABASE_URL [--fast]

Each line of standard input is a JSON list of URLs. Once all of them have a row, or have failed, a line of JSON with the
numbers of both follows on standard output. The process goes on until standard input ends, so that it can be warm, as
Depeche's workers are. Nothing of Depeche is imported here. `--fast` is trafilatura's own fast mode, which tries no
other extractor where its own finds little.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import scrapy
import trafilatura
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response

# As many as Depeche's indexer gets at the most in a message.
ROWS_A_TRANSACTION = 50
# As Depeche's fetcher in this benchmark: 16 pages at a time, robots.txt obeyed, no pauses. Nothing else costs anything.
SETTINGS = {
    "CONCURRENT_REQUESTS": 16,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
    "COOKIES_ENABLED": False,
    "DOWNLOAD_DELAY": 0,
    "HTTPCACHE_ENABLED": False,
    "ITEM_PIPELINES": {"__main__.Storing": 300},
    "LOG_LEVEL": "WARNING",
    "ROBOTSTXT_OBEY": True,
    "TELNETCONSOLE_ENABLED": False,
}

SCHEMA = """
CREATE TABLE IF NOT EXISTS articles (
    url text PRIMARY KEY,
    status integer NOT NULL,
    fetched_at timestamptz NOT NULL,
    title text,
    authors text,
    publisher text,
    description text,
    categories text[] NOT NULL,
    tags text[] NOT NULL,
    published_on text,
    language text,
    image text,
    body text,
    words tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', coalesce(title, '')), 'A') || to_tsvector('simple', coalesce(body, ''))
    ) STORED
);
CREATE INDEX IF NOT EXISTS articles_words ON articles USING gin (words);
CREATE INDEX IF NOT EXISTS articles_fetched_at ON articles (fetched_at);
"""

UPSERT = """
INSERT INTO articles (url, status, fetched_at, title, authors, publisher, description, categories, tags, published_on,
                      language, image, body)
VALUES (%(url)s, %(status)s, %(fetched_at)s, %(title)s, %(authors)s, %(publisher)s, %(description)s, %(categories)s,
        %(tags)s, %(published_on)s, %(language)s, %(image)s, %(body)s)
ON CONFLICT (url) DO UPDATE SET
    status = excluded.status, fetched_at = excluded.fetched_at, title = excluded.title, authors = excluded.authors,
    publisher = excluded.publisher, description = excluded.description, categories = excluded.categories,
    tags = excluded.tags, published_on = excluded.published_on, language = excluded.language, image = excluded.image,
    body = excluded.body
"""


class Crawl(scrapy.Spider):  # type: ignore[misc]
    """Crawls one list of URLs after the other."""

    name = "peer"

    async def start(self) -> AsyncIterator[Any]:
        """Yield the requests of each list that standard input has, once those before are through."""
        _say({"ready": True})
        while line := await asyncio.to_thread(sys.stdin.readline):
            urls = json.loads(line)
            self.through = asyncio.Event()
            self.left = len(urls)
            self.failed = 0
            for url in urls:
                yield scrapy.Request(url, callback=self.parse, errback=self.fail)
            await self.through.wait()
            _say({"stored": len(urls) - self.failed, "failed": self.failed})

    def parse(self, response: Response, **_: Any) -> Iterator[dict[str, Any]]:
        """Yield the row of a page."""
        found = trafilatura.bare_extraction(response.body, url=response.url, with_metadata=True, fast=self.fast)
        page = found.as_dict() if found else {}
        yield {
            "url": response.url,
            "status": response.status,
            "fetched_at": datetime.now(UTC),
            "published_on": page.get("date"),
            "publisher": page.get("sitename"),
            "authors": page.get("author"),
            "body": page.get("text"),
            "categories": page.get("categories") or [],
            "tags": page.get("tags") or [],
            **{field: page.get(field) for field in ("title", "description", "language", "image")},
        }

    def fail(self, failure: Any) -> Iterator[dict[str, Any]]:
        """Yield, in the place of a row, that a page could not be fetched."""
        self.logger.warning("failed: %s", failure.value)
        yield {}

    def done(self, pages: int, failed: int) -> None:
        """Note that so many more pages are through."""
        self.left -= pages
        self.failed += failed
        if not self.left:
            self.through.set()


class Storing:
    """Stores rows, many in a transaction, and those at the end of a list at once."""

    def __init__(self, crawler: Any) -> None:
        self._crawler = crawler
        self._rows: list[dict[str, Any]] = []

    @classmethod
    def from_crawler(cls, crawler: Any) -> "Storing":
        """Make it, as Scrapy wants it made."""
        return cls(crawler)

    def open_spider(self) -> None:
        """Connect."""
        self._connection = psycopg.connect(self._crawler.spider.database_url)

    def close_spider(self) -> None:
        """Disconnect."""
        self._connection.close()

    def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        """Keep a row until there are enough, or no more are to come."""
        self._rows.append(item)
        if len(self._rows) in (ROWS_A_TRANSACTION, self._crawler.spider.left):
            rows, self._rows = self._rows, []
            fetched = [row for row in rows if row]
            with self._connection.transaction(), self._connection.cursor() as cursor:
                cursor.executemany(UPSERT, fetched)
            self._crawler.spider.done(len(rows), len(rows) - len(fetched))
        return item


def _say(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


def main() -> None:
    """Make the table, and crawl."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("database_url")
    options.add_argument("--fast", action="store_true")
    chosen = options.parse_args()
    with psycopg.connect(chosen.database_url) as connection:
        connection.execute(SCHEMA)
    process = CrawlerProcess(SETTINGS)
    process.crawl(Crawl, database_url=chosen.database_url, fast=chosen.fast)
    process.start()


if __name__ == "__main__":
    main()
