"""Parser and indexer in the process of the test, and the page of a story for them."""

from collections.abc import Sequence
from pathlib import Path

import redis
import structlog

from cli.replay.command import fetched
from services.fetcher.archive.warc_pages import ArchivedPage, read_pages
from services.indexer.app import open_pool
from services.indexer.index import Indexer
from services.parser.page_limits import PageLimits
from services.parser.parse import PageParser
from services.parser.site_rules.rules import load_site_rules
from shared.flight.intake import Backbone
from shared.flight.stage import Stage
from shared.messages import QUEUES, PageFetched, encode_record
from tests.support.flights import published

TEXT = "The harbour has opened again after a winter of works on its two long piers."


def story(title: str) -> bytes:
    text = "".join(f"<p>{TEXT} Ships of {number} lines came in on the first day.</p>" for number in range(5))
    article = f"<article><h1>{title}</h1>{text}</article>"
    return f"<html><head><title>{title}</title></head><body>{article}</body></html>".encode()


class Services:
    """Work on what has been published, and on nothing else."""

    def __init__(self, backbone: Backbone, client: "redis.Redis", database_url: str) -> None:
        self._backbone = backbone
        self._client = client
        self._database_url = database_url
        limits = PageLimits(cpu_s=60, memory=1 << 30)
        self._parser = PageParser(store=backbone.store, rules=load_site_rules(), limits=limits)

    def replay(self, file: Path) -> None:
        """Take all pages of an archive's file all the way."""
        read = read_pages(file, max_bytes=1 << 20)
        self.bring([(fetched(page, "b", None), page.body) for page in read if isinstance(page, ArchivedPage)])
        assert not any(self._backbone.ledger.counts().values())
        assert self._backbone.ledger.batch_in_air("b") == 0

    def bring(self, pages: Sequence[tuple[PageFetched, bytes]]) -> None:
        """Take these pages all the way."""
        at = self._backbone.ledger.adopt_pages(pages)
        self._backbone.publisher.publish("parse", [encode_record(record) for record, _ in pages], at)
        self.work()

    def work(self) -> None:
        """Parse and store what waits for that; what they would log is no output of a command."""
        with structlog.testing.capture_logs():
            self._work()

    def _work(self) -> None:
        stage: Stage[PageFetched] = Stage("parse", PageFetched, self._backbone)
        for message in published(self._client, "parse"):
            stage.run(message, self._parser.parse)
        with open_pool(self._database_url, 1) as pool:
            for message in published(self._client, "index"):
                Indexer(self._backbone, pool).run(message)
        self._client.delete(QUEUES["parse"], QUEUES["index"])
