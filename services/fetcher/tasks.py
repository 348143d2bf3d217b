"""The fetcher's two Celery tasks: the door, and the downloads that the tick releases."""

import json
import time
from collections.abc import Callable
from typing import Any

import msgspec
import redis
import structlog
from celery import Celery
from celery.exceptions import Reject

from services.fetcher.fetch import Fetcher
from shared.failures import RetryLater
from shared.flight.intake import MALFORMED, Backbone, arguments
from shared.flight.outcome import Outcome
from shared.flight.stage import Stage
from shared.messages import DOOR_TASK, TASKS, FetchPage, FetchPages, PageDropped

log = structlog.get_logger()

# No page of a message is started after this time (s). One page takes a robots.txt, a page and redirects, each within
# its total deadline; so the message stays below STAGE_LIMIT_S, beyond which it would count as lost.
LONGEST_MESSAGE_S = 30.0

Fetch = Callable[[FetchPage], Outcome | PageDropped]


def register_door(app: Celery, backbone: Backbone) -> None:
    """Register the task `fetcher.fetch_pages(urls=[…])`, which accepts pages from any scheduler."""

    @app.task(name=DOOR_TASK, shared=False)  # type: ignore[untyped-decorator]
    def fetch_pages(*args: Any, **kwargs: Any) -> None:
        message = {"urls": args[0], **kwargs} if len(args) == 1 else arguments(args, kwargs)
        try:
            requests = msgspec.convert(message, FetchPages).requests()
            backbone.traces.accepted(requests, backbone.ledger.accept(requests))
        except MALFORMED as error:
            raw = json.dumps(message, ensure_ascii=False, default=str)
            backbone.keep_unreadable("fetch", raw, f"is malformed: {error}")
        except redis.RedisError as error:
            log.warning("redis_failed", stage="door", error=str(error))
            raise Reject(requeue=True) from error  # the request is not in the ledger yet, so it must stay on the queue


def register_download(app: Celery, stage: Stage[FetchPage], fetcher: Fetcher) -> None:
    """Register the task `fetcher.download_pages`, which downloads the pages that the tick has released."""

    @app.task(name=TASKS["fetch"], shared=False)  # type: ignore[untyped-decorator]
    def download_pages(*args: Any, **kwargs: Any) -> None:
        stage.run(arguments(args, kwargs), in_time(fetcher.fetch), read_ahead=fetcher.memory.read_ahead)


def in_time(fetch: Fetch, *, seconds: float = LONGEST_MESSAGE_S) -> Fetch:
    """Returns `fetch` for the pages of one message, with a time limit for the whole message.

    Once `seconds` are over, each remaining page raises RetryLater(message_late) and waits for its turn again.
    """
    ends = time.monotonic() + seconds

    def fetch_in_time(record: FetchPage) -> Outcome | PageDropped:
        if time.monotonic() >= ends:
            raise RetryLater("message_late", "other pages of its message took too long", after=0.0, counts=False)
        return fetch(record)

    return fetch_in_time
