"""The parser's Celery task."""

from typing import Any

from celery import Celery

from services.parser.parse import parse_fetched
from services.parser.site_rules import SiteRules
from shared.intake import arguments
from shared.messages import TASKS, PageFetched
from shared.page_store import PageStore
from shared.stage import Stage


def register_parse(app: Celery, stage: Stage[PageFetched], store: PageStore, rules: SiteRules) -> None:
    """`parser.parse_pages`: pages that have been fetched."""

    @app.task(name=TASKS["parse"], shared=False)  # type: ignore[untyped-decorator]
    def parse_pages(*args: Any, **kwargs: Any) -> None:
        stage.run(arguments(args, kwargs), lambda record: parse_fetched(record, store, rules))
