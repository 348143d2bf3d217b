"""The fetcher's two Celery tasks: the door, and the downloads that the tick releases."""

import json
from typing import Any

import msgspec
import redis
import structlog
from celery import Celery
from celery.exceptions import Reject

from services.fetcher.fetch import Fetcher
from shared.intake import MALFORMED, Backbone, arguments
from shared.messages import DOOR_TASK, TASKS, FetchPage, FetchPages
from shared.stage import Stage

log = structlog.get_logger()


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
        stage.run(arguments(args, kwargs), fetcher.fetch)
