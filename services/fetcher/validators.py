"""What is remembered of a page, so that a server need not send again what has not changed.

A page is remembered once it has landed (Ledger.land), since a 304 for a page that never got stored would lose it.
Servers err, and some say "unchanged" whatever happened. So now and then a page is asked for unconditionally; when its
body then is another although the server had just called it unchanged, that page is never asked for conditionally
again, nor, after a few such pages, any of that host.
"""

from dataclasses import dataclass
from typing import cast

import msgspec
import redis

from services.fetcher.download.download import Response
from shared.flight.redis_keys import LIAR, LIES, VALIDATORS
from shared.messages import FetchPage, Validators
from shared.urls import host_of, url_key

# A server that says "unchanged" wrongly hides an edit for as long as this at the most.
MOST_NOT_MODIFIED = 6
LONGEST_WITHOUT_BODY_S = 6 * 3600.0
# So many pages that were wrongly called unchanged are the host's doing. Forgotten this long (s) after the last.
LIES_OF_A_HOST = 3
LIES_KEPT_S = 8 * 86_400
# A validator that is longer is not worth sending; one outside ASCII cannot be sent.
MAX_VALIDATOR_CHARS = 500


@dataclass(frozen=True, kw_only=True)
class Recalled:
    """What is known of a page: `known` to compare with, `conditions` to ask with; None where there is nothing, or
    where it is not to be believed."""

    known: Validators | None = None
    conditions: Validators | None = None


NOTHING = Recalled()


class PageMemory:
    """Recalls pages from Redis."""

    def __init__(self, client: "redis.Redis") -> None:
        self._redis = client

    def recall(self, record: FetchPage, now: float) -> Recalled:
        """What is known of the page; nothing where it is to be read anew, or more is to be followed from it."""
        if record.fresh:
            return NOTHING
        keys = [VALIDATORS + url_key(record.origin.url), LIAR + host_of(record.origin.url)]
        found, liar = cast(list[bytes | None], self._redis.mget(keys))
        if found is None:
            return NOTHING
        known = msgspec.json.decode(found, type=Validators)
        if known.follow != record.follow:
            return NOTHING
        return Recalled(known=known, conditions=known if liar is None and may_ask(known, now) else None)

    def note_lie(self, url: str) -> None:
        """The server has called this page unchanged when it was not."""
        host = host_of(url)
        pipeline = self._redis.pipeline()
        pipeline.sadd(LIES + host, url_key(url))
        pipeline.expire(LIES + host, LIES_KEPT_S)
        pipeline.scard(LIES + host)
        if pipeline.execute()[-1] >= LIES_OF_A_HOST:
            self._redis.set(LIAR + host, 1, ex=LIES_KEPT_S)


def may_ask(known: Validators, now: float) -> bool:
    """Whether the page may be asked for on condition that it has changed."""
    return (
        (known.etag is not None or known.last_modified is not None)
        and not known.lied
        and known.not_modified < MOST_NOT_MODIFIED
        and 0 <= now - known.full_at < LONGEST_WITHOUT_BODY_S
    )


def after_not_modified(known: Validators) -> Validators:
    """What is remembered after an answer without a body."""
    return msgspec.structs.replace(known, not_modified=known.not_modified + 1)


def after_body(response: Response, sha256: str, record: FetchPage, known: Validators | None, now: float) -> Validators:
    """What is remembered after an answer with a body; `known` is what was remembered before it."""
    seen = Validators(
        url=response.url,
        etag=_sendable(response.headers.get("etag")),
        last_modified=_sendable(response.headers.get("last-modified")),
        body_sha256=sha256,
        full_at=now,
        follow=record.follow,
    )
    lied = known is not None and known.url == seen.url and (known.lied or has_lied(known, seen))
    return msgspec.structs.replace(seen, lied=lied)


def has_lied(known: Validators, seen: Validators) -> bool:
    """Whether the page has changed under the validators for which the server's last word was "unchanged"."""
    return (
        known.not_modified > 0
        and known.body_sha256 != seen.body_sha256
        and (known.etag, known.last_modified) == (seen.etag, seen.last_modified)
    )


def _sendable(validator: str | None) -> str | None:
    if validator is None or not 0 < len(validator) <= MAX_VALIDATOR_CHARS:
        return None
    return validator if validator.isascii() and validator.isprintable() else None
