"""A task that fails as nobody foresaw does not take its message with it."""

import json
from typing import Any

from celery import Celery
from celery.exceptions import Reject

from shared.broker.celery_app import KeepingConsumer, make_celery


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


def test_a_worker_asks_each_second_whether_redis_is_back() -> None:
    asked: dict[str, Any] = {}

    class AwayConnection:
        def ensure_connection(self, *_arguments: Any, **options: Any) -> Any:
            asked.update(options)
            return self

    consumer = KeepingConsumer.__new__(KeepingConsumer)
    consumer.app = make_celery("parser", "redis://127.0.0.1:1/0")
    consumer.first_connection_attempt = False
    consumer.ensure_connected(AwayConnection())
    assert (asked["interval_start"], asked["interval_step"]) == (1, 0)
