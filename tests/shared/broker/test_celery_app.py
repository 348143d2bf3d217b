"""A task that fails as nobody foresaw does not take its message with it."""

import json
from typing import Any

from celery import Celery
from celery.exceptions import Reject


def test_the_message_of_a_failing_task_is_kept(celery_app: Celery) -> None:
    kept: list[tuple[str, str]] = []
    celery_app.conf.depeche_keep_unreadable = lambda raw, problem: kept.append((raw, problem))

    @celery_app.task(name="tests.fails", shared=False)
    def fails(*args: Any, **kwargs: Any) -> None:
        raise OSError("nobody foresaw this")

    fails.apply(args=[["https://news.example/\ud800"]], kwargs={"source": "été"})
    ((raw, problem),) = kept
    assert json.loads(raw) == {"args": [["https://news.example/\ud800"]], "kwargs": {"source": "été"}}
    assert "nobody foresaw this" in problem


def test_a_message_that_goes_back_to_its_queue_is_not_kept_twice(celery_app: Celery) -> None:
    kept: list[str] = []
    celery_app.conf.depeche_keep_unreadable = lambda raw, problem: kept.append(raw)

    @celery_app.task(name="tests.rejects", shared=False)
    def rejects() -> None:
        raise Reject(requeue=True)

    rejects.apply()
    assert kept == []
