"""What could not be sent while Redis was away is sent before the next message."""

from typing import Any, cast

import redis
from celery import Celery

from shared.flight.publisher import MOST_UNSENT, Publisher
from shared.messages import FetchPage, Origin, encode_record


class Broker:
    """A Celery app, as far as a publisher uses it, whose Redis may be away."""

    def __init__(self) -> None:
        self.is_away = False
        self.sent: list[str] = []

    def send_task(self, _name: str, *, kwargs: dict[str, Any], **_options: Any) -> None:
        if self.is_away:
            raise redis.BusyLoadingError("Redis is loading the dataset in memory")
        self.sent += [page["flight_id"] for page in kwargs["pages"]]


def record(name: str) -> str:
    return encode_record(FetchPage(flight_id=name, origin=Origin(url="https://news.example/")))


def test_messages_are_sent_in_their_order_once_redis_is_back() -> None:
    broker = Broker()
    publisher = Publisher(cast(Celery, broker))
    publisher.publish("fetch", [record("1")], 1.0)
    broker.is_away = True
    publisher.publish("fetch", [record("2"), record("3")], 2.0, pages_per_message=1)
    publisher.send()
    assert broker.sent == ["1"]
    broker.is_away = False
    publisher.publish("parse", [record("4")], 3.0)
    assert broker.sent == ["1", "2", "3", "4"]
    publisher.send()
    assert broker.sent == ["1", "2", "3", "4"], "each once"


def test_no_more_is_kept_than_fits() -> None:
    broker = Broker()
    publisher = Publisher(cast(Celery, broker))
    broker.is_away = True
    for number in range(MOST_UNSENT + 10):
        publisher.publish("fetch", [record(str(number))], 1.0)
    broker.is_away = False
    publisher.send()
    assert len(broker.sent) == MOST_UNSENT
    assert str(MOST_UNSENT + 9) in broker.sent
