"""FetchPage -> PageFetched: one page, at its host's turn."""

import hashlib
from datetime import UTC, datetime

from services.fetcher.download import Downloader
from services.fetcher.politeness import Politeness
from shared.messages import FetchPage, PageFetched
from shared.stage import Outcome


def fetch_page(record: FetchPage, downloader: Downloader, politeness: Politeness) -> Outcome:
    """Download the page; raises GiveUp or RetryLater (services/fetcher/errors.py)."""
    fetched_at = datetime.now(UTC)
    with politeness.requests(downloader) as polite:
        response = downloader.download(record.url, before_hop=polite.before_hop, on_sent=polite.sent)
    fetched = PageFetched(
        flight_id=record.flight_id,
        url=record.url,
        final_url=response.url,
        http_status=response.status,
        fetched_at=fetched_at.isoformat(),
        content_type=response.content_type,
        body_bytes=len(response.body),
        body_sha256=hashlib.sha256(response.body).hexdigest(),
        source=record.source,
        batch=record.batch,
        follow=record.follow,
        found_on=record.found_on,
        visit=record.visit,
        attempt=record.attempt,
    )
    return Outcome(record=fetched, stage="parse", part="page", body=response.body)
