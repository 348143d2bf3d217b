"""FetchPage -> PageFetched: one page, at its host's turn."""

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, datetime

from services.fetcher.download import Downloader
from services.fetcher.politeness import Politeness
from shared.failures import RetryLater
from shared.messages import FetchPage, PageFetched
from shared.stage import Outcome

# A thread waits for its host's turn this long (s); beyond it the page goes back to the frontier and frees the thread.
LONGEST_WAIT_S = 5.0


def fetch_page(record: FetchPage, downloader: Downloader, politeness: Politeness) -> Outcome:
    """Download the page; raises GiveUp or RetryLater (services/fetcher/errors.py)."""
    fetched_at = datetime.now(UTC)
    response = downloader.download(record.url, before_hop=turn_taker(politeness))
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


def turn_taker(politeness: Politeness) -> Callable[[str], None]:
    """What to do before each request: wait for the host's turn, or come back later."""

    def take_turn(url: str) -> None:
        wait = politeness.take_turn(url, longest=LONGEST_WAIT_S)
        if wait > LONGEST_WAIT_S:
            raise RetryLater("host_busy", f"the host's next turn is in {wait:.0f} s", after=wait, counts=False)
        time.sleep(wait)

    return take_turn
