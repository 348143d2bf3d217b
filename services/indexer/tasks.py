"""The indexer's Celery task."""

from typing import Any

from celery import Celery

from services.indexer.index import Indexer
from shared.flight.intake import arguments
from shared.messages import TASKS


def register_index(app: Celery, indexer: Indexer) -> None:
    """Register `indexer.index_pages`, which stores parsed and dropped pages."""

    @app.task(name=TASKS["index"], shared=False)  # type: ignore[untyped-decorator]
    def index_pages(*args: Any, **kwargs: Any) -> None:
        indexer.run(arguments(args, kwargs))
