"""What is remembered of a page, so that its server need not send an unchanged page again.

A page is remembered only once it has landed (Ledger.land): a 304 for a page that was never stored would lose it.

Some servers always say "unchanged". So a page is requested unconditionally from time to time. If its body then differs
although the server had called it unchanged under the same validators, the server has lied: that page is never
requested conditionally again, and after a few such pages no page of that host is.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

import msgspec
import redis

from services.fetcher.download.download import Response
from shared.flight.redis_keys import LIAR, LIES, VALIDATORS
from shared.messages import FetchPage, Validators
from shared.urls import KEY_RULE, host_of, url_key
from shared.version import VERSION

# A server that wrongly says "unchanged" can hide an edit for this many answers in a row, and this long (s), at most.
MOST_NOT_MODIFIED = 6
LONGEST_WITHOUT_BODY_S = 6 * 3600.0
# After this many pages that were wrongly called unchanged, the whole host counts as lying. Redis forgets the pages
# this long (s) after the last of them.
LIES_OF_A_HOST = 3
LIES_KEPT_S = 8 * 86_400
READ_BY = f"{VERSION}, keys {KEY_RULE}"
# A longer validator is not worth sending; one with characters outside ASCII cannot be sent.
MAX_VALIDATOR_CHARS = 500


@dataclass(frozen=True, kw_only=True)
class Recalled:
    """What is remembered of a page.

    `known` is what the answer is compared with, and None where nothing is remembered. `conditions` are the validators
    for a conditional request, and None where the request must be unconditional.
    """

    known: Validators | None = None
    conditions: Validators | None = None


NOTHING = Recalled()


class PageMemory:
    """Recalls pages from Redis."""

    def __init__(self, client: "redis.Redis") -> None:
        self._redis = client
        self._ahead = threading.local()

    def read_ahead(self, records: Sequence[FetchPage]) -> None:
        """Read what `recall` will be asked for next in this thread: one round trip for a message, not one a page."""
        records = [record for record in records if not record.fresh]
        keys = [key for record in records for key in _keys_of(record)]
        found = cast(list[bytes | None], self._redis.mget(keys)) if keys else []
        answers = zip(found[::2], found[1::2], strict=True)
        self._ahead.read = {record.flight_id: answer for record, answer in zip(records, answers, strict=True)}

    def recall(self, record: FetchPage, now: float) -> Recalled:
        """Returns what is remembered of the page at the time `now`.

        Returns NOTHING where the request asks for a fresh copy, or where it follows other headlines than the last one,
        or the same with another version of Depeche or of the rule for the keys of URLs.
        """
        if record.fresh:
            return NOTHING
        if record.flight_id not in getattr(self._ahead, "read", {}):
            self.read_ahead([record])
        found, liar = self._ahead.read.pop(record.flight_id)
        if found is None:
            return NOTHING
        known = msgspec.json.decode(found, type=Validators)
        if known.follow != record.follow or (record.follow is not None and known.read_by != READ_BY):
            return NOTHING
        return Recalled(known=known, conditions=known if liar is None and may_ask(known, now) else None)

    def note_lie(self, url: str) -> None:
        """Record that the server called this page unchanged although it had changed."""
        host = host_of(url)
        pipeline = self._redis.pipeline()
        pipeline.sadd(LIES + host, url_key(url))
        pipeline.expire(LIES + host, LIES_KEPT_S)
        pipeline.scard(LIES + host)
        if pipeline.execute()[-1] >= LIES_OF_A_HOST:
            self._redis.set(LIAR + host, 1, ex=LIES_KEPT_S)


def _keys_of(record: FetchPage) -> list[str]:
    return [VALIDATORS + url_key(record.origin.url), LIAR + host_of(record.origin.url)]


def may_ask(known: Validators, now: float) -> bool:
    """Returns whether the page may be requested conditionally."""
    return (
        (known.etag is not None or known.last_modified is not None)
        and not known.lied
        and known.not_modified < MOST_NOT_MODIFIED
        and 0 <= now - known.full_at < LONGEST_WITHOUT_BODY_S
    )


def after_last_visit(now: datetime, known: Validators | None) -> datetime:
    """Returns the moment of a visit: now, but after the last one that brought a body, though the clock was set back.

    Otherwise the visit would count as the older one, and what it brings would not be stored.
    """
    if known is None or known.full_at < now.timestamp():
        return now
    return datetime.fromtimestamp(known.full_at, UTC) + timedelta(milliseconds=1)


def after_not_modified(known: Validators) -> Validators:
    """Returns what is remembered after a 304, an answer without a body."""
    return msgspec.structs.replace(known, not_modified=known.not_modified + 1)


def after_body(response: Response, sha256: str, record: FetchPage, known: Validators | None, now: float) -> Validators:
    """Returns what is remembered after an answer with a body; `known` is what was remembered before it."""
    seen = Validators(
        url=response.url,
        etag=_sendable(response.headers.get("etag")),
        last_modified=_sendable(response.headers.get("last-modified")),
        body_sha256=sha256,
        full_at=now,
        follow=record.follow,
        read_by=READ_BY,
    )
    lied = known is not None and known.url == seen.url and (known.lied or has_lied(known, seen))
    return msgspec.structs.replace(seen, lied=lied)


def has_lied(known: Validators, seen: Validators) -> bool:
    """Returns whether the body has changed although the server's last answer to these validators was "unchanged"."""
    return (
        known.not_modified > 0
        and known.body_sha256 != seen.body_sha256
        and (known.etag, known.last_modified) == (seen.etag, seen.last_modified)
    )


def _sendable(validator: str | None) -> str | None:
    if validator is None or not 0 < len(validator) <= MAX_VALIDATOR_CHARS:
        return None
    return validator if validator.isascii() and validator.isprintable() else None
