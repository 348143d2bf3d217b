"""The parser's Celery task."""

from typing import Any

from celery import Celery

from services.parser.parse import PageParser
from shared.flight.intake import arguments
from shared.flight.stage import Stage
from shared.messages import TASKS, PageFetched


def register_parse(app: Celery, stage: Stage[PageFetched], parser: PageParser) -> None:
    """Register the task `parser.parse_pages`, which parses pages that have been fetched."""

    @app.task(name=TASKS["parse"], shared=False)  # type: ignore[untyped-decorator]
    def parse_pages(*args: Any, **kwargs: Any) -> None:
        stage.run(arguments(args, kwargs), parser.parse, wary=parser.parse_wary)
