"""A message whose acknowledgement fails does not hold its worker up for ever."""

from collections.abc import Iterator
from functools import partial

import pytest
import redis
from celery import Celery
from kombu import Connection, Queue


@pytest.fixture
def connection(celery_app: Celery) -> Iterator[Connection]:
    with celery_app.connection_for_read() as connection:
        yield connection


@pytest.mark.parametrize("answer", ["ack", "reject", "requeue"])
def test_a_failed_acknowledgement_makes_room_for_the_next_message(
    answer: str, connection: Connection, client: "redis.Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = connection.channel()
    channel.basic_qos(prefetch_count=1)
    queue = Queue("room", channel=channel)
    queue.declare()
    connection.Producer(channel).publish({"n": 1}, routing_key="room", declare=[queue])
    message = queue.get()
    assert message is not None
    channel.qos.append(message, message.delivery_tag)
    assert not channel.qos.can_consume()

    def lost(*_args: object, **_kwargs: object) -> None:
        raise redis.ConnectionError("Redis restarts")

    monkeypatch.setattr(channel.qos, "_remove_from_indices", lost)
    monkeypatch.setattr(channel.qos, "restore_by_tag", lost)
    give = message.ack if answer == "ack" else partial(message.reject, requeue=answer == "requeue")
    with pytest.raises(redis.ConnectionError):
        give()
    assert channel.qos.can_consume()
