"""The door, `fetcher.fetch_pages`: what a scheduler may send, and what becomes of what it should not have sent."""

import json
from typing import Any

import pytest
import redis
from celery import Celery
from celery.exceptions import Reject

from services.fetcher.tasks import register_door
from shared.flight.intake import Backbone
from shared.flight.ledger import Ledger
from shared.flight.page_store import PageStore
from shared.flight.publisher import Publisher
from shared.messages import DOOR_TASK
from tests.support.flights import ONE, TWO, published_drops


@pytest.fixture
def door(celery_app: Celery, backbone: Backbone) -> Any:
    register_door(celery_app, backbone)
    return celery_app.tasks[DOOR_TASK]


def test_urls_by_name_and_by_position(door: Any, backbone: Backbone) -> None:
    door(urls=[ONE], source="desk", follow={"kinds": ["ticker"]}, batch="b")
    door([TWO], batch="b", added_by_a_newer_scheduler=True)
    assert backbone.ledger.batch_in_air("b") == 2


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((), {}),
        ((ONE,), {}),
        (([ONE], "source"), {}),
        ((), {"urls": ONE}),
        ((), {"urls": [ONE, 7]}),
        ((), {"urls": [ONE, ""]}),
        ((), {"urls": [ONE], "follow": {"kinds": ["headlines"]}}),
        ((), {"urls": [ONE], "source": "s" * 5_000}),
        ((), {"urls": [ONE], "batch": 7}),
        ((), {"urls": "\ud800"}),
    ],
)
def test_a_malformed_call_is_quarantined(args: Any, kwargs: Any, door: Any, client: "redis.Redis") -> None:
    door(*args, **kwargs)
    (drop,) = published_drops(client)
    assert (drop.fate, drop.reason, drop.stage) == ("quarantined", "malformed_message", "fetch")
    assert drop.message is not None
    json.loads(drop.message)
    assert client.exists("depeche:stage:waiting") == 0


def test_lone_surrogates_are_no_reason_to_lose_a_page(door: Any, backbone: Backbone) -> None:
    door(urls=[ONE + "\ud800"], source="\ud800", batch="\ud800")
    assert backbone.ledger.counts()["waiting"] == 1


def test_without_a_ledger_the_queue_keeps_the_message(celery_app: Celery) -> None:
    away = redis.Redis(port=1)
    backbone = Backbone(ledger=Ledger(away), store=PageStore(away), publisher=Publisher(celery_app))
    register_door(celery_app, backbone)
    with pytest.raises(Reject) as caught:
        celery_app.tasks[DOOR_TASK](urls=[ONE])
    assert caught.value.requeue
