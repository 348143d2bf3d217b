"""The fetcher's two Celery tasks: the door, and the downloads that the tick releases."""

import json
from typing import Any

import msgspec
from celery import Celery

from services.fetcher.download import Downloader
from services.fetcher.fetch import fetch_page
from services.fetcher.politeness import Politeness
from shared.intake import Backbone
from shared.messages import DOOR_TASK, TASKS, FetchPage, FetchPages
from shared.per_thread import PerThread
from shared.stage import Stage


def register_door(app: Celery, backbone: Backbone) -> None:
    """`fetcher.fetch_pages(urls=[…])`: accept pages from any scheduler."""

    @app.task(name=DOOR_TASK)  # type: ignore[untyped-decorator]
    def fetch_pages(*args: Any, **kwargs: Any) -> None:
        message = {"urls": args[0], **kwargs} if args else kwargs
        try:
            backbone.ledger.accept(msgspec.convert(message, FetchPages).requests())
        except msgspec.ValidationError as error:
            raw = json.dumps(message, ensure_ascii=False, default=str)
            backbone.keep_unreadable("fetch", raw, f"is malformed: {error}")


def register_download(
    app: Celery, stage: Stage[FetchPage], downloaders: PerThread[Downloader], politeness: Politeness
) -> None:
    """`fetcher.download_pages`: the pages whose turn it is."""

    @app.task(name=TASKS["fetch"])  # type: ignore[untyped-decorator]
    def download_pages(**message: Any) -> None:
        stage.run(message, lambda record: fetch_page(record, downloaders.get(), politeness))
