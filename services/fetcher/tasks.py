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
from shared.flight.stage import Outcome, Stage
from shared.messages import DOOR_TASK, TASKS, FetchPage, FetchPages, PageDropped

log = structlog.get_logger()

# No page of a message is begun after so long (s). One page takes a robots.txt, a page and redirects, each within its
# total deadline; with that the message stays below STAGE_LIMIT_S, beyond which it would count as lost.
LONGEST_MESSAGE_S = 30.0

Fetch = Callable[[FetchPage], Outcome | PageDropped]


def register_door(app: Celery, backbone: Backbone) -> None:
    """`fetcher.fetch_pages(urls=[…])`: accept pages from any scheduler."""

    @app.task(name=DOOR_TASK, shared=False)  # type: ignore[untyped-decorator]
    def fetch_pages(*args: Any, **kwargs: Any) -> None:
        message = {"urls": args[0], **kwargs} if len(args) == 1 else arguments(args, kwargs)
        try:
            backbone.ledger.accept(msgspec.convert(message, FetchPages).requests())
        except MALFORMED as error:
            raw = json.dumps(message, ensure_ascii=False, default=str)
            backbone.keep_unreadable("fetch", raw, f"is malformed: {error}")
        except redis.RedisError as error:
            log.warning("redis_failed", stage="door", error=str(error))
            raise Reject(requeue=True) from error  # no ledger has it yet, so the queue must keep it


def register_download(app: Celery, stage: Stage[FetchPage], fetcher: Fetcher) -> None:
    """`fetcher.download_pages`: the pages whose turn it is."""

    @app.task(name=TASKS["fetch"], shared=False)  # type: ignore[untyped-decorator]
    def download_pages(*args: Any, **kwargs: Any) -> None:
        stage.run(arguments(args, kwargs), in_time(fetcher.fetch))


def in_time(fetch: Fetch, *, seconds: float = LONGEST_MESSAGE_S) -> Fetch:
    """`fetch` for the pages of one message: once its time is used up, those left go back to wait for their turn."""
    ends = time.monotonic() + seconds

    def fetch_in_time(record: FetchPage) -> Outcome | PageDropped:
        if time.monotonic() >= ends:
            raise RetryLater("message_late", "other pages of its message took too long", after=0.0, counts=False)
        return fetch(record)

    return fetch_in_time
