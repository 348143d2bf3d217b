"""PageFetched -> PageParsed, with the pages that its headlines lead to."""

import msgspec

from services.parser.errors import page_missing
from services.parser.follow import requests_found
from services.parser.page import parse_page
from shared.messages import PageFetched, PageParsed
from shared.page_store import PageStore
from shared.stage import Outcome


def parse_fetched(fetched: PageFetched, store: PageStore) -> Outcome:
    """Parse the stored page; raises GiveUp (services/parser/errors.py)."""
    body = store.get("page", fetched.flight_id)
    if body is None:
        raise page_missing(fetched.flight_id)
    page = parse_page(body, url=fetched.final_url, content_type=fetched.content_type)
    parsed = PageParsed(
        flight_id=fetched.flight_id,
        url=fetched.url,
        final_url=fetched.final_url,
        http_status=fetched.http_status,
        fetched_at=fetched.fetched_at,
        content_type=fetched.content_type,
        body_bytes=fetched.body_bytes,
        body_sha256=fetched.body_sha256,
        source=fetched.source,
        batch=fetched.batch,
        found_on=fetched.found_on,
        attempt=fetched.attempt,
    )
    return Outcome(
        record=parsed,
        stage="index",
        part="result",
        body=msgspec.json.encode(page),
        found=requests_found(page, fetched),
    )
