"""The indexer's Celery task."""

from typing import Any

from celery import Celery

from services.indexer.index import Indexer
from shared.messages import TASKS


def register_index(app: Celery, indexer: Indexer) -> None:
    """`indexer.index_pages`: pages that have been parsed, and pages that go no further."""

    @app.task(name=TASKS["index"])  # type: ignore[untyped-decorator]
    def index_pages(**message: Any) -> None:
        indexer.run(message)
