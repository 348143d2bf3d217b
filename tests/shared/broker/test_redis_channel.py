"""A message is in its queue or in a consumer's hand, whatever happens; and none holds its worker up for ever."""

import socket
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import redis
from celery import Celery
from kombu import Connection, Consumer, Queue
from kombu.message import Message

from shared.broker.consumers import Consumer as Worker
from shared.broker.consumers import Consumers
from shared.broker.other_queues import OtherQueues
from shared.broker.redis_client import connect_redis
from shared.flight.redis_keys import IN_HAND, QUEUE
from shared.messages import QUEUES
from tests.support.redis_users import redis_users

NAME = QUEUES["fetch"]


@pytest.fixture
def connection(celery_app: Celery) -> Iterator[Connection]:
    with celery_app.connection_for_read() as connection:
        yield connection


class Taker:
    """A consumer in this process that keeps what it takes."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.channel: Any = connection.default_channel
        self.taken: list[Message] = []
        self._consumer = Consumer(self.channel, [Queue(NAME)], on_message=self.taken.append, accept=["json"])
        self._consumer.consume()

    def take(self) -> Message:
        before = len(self.taken)
        while len(self.taken) == before:
            self.connection.drain_events(timeout=5)
        return self.taken[-1]


def put(client: "redis.Redis", connection: Connection, *numbers: int) -> None:
    for number in numbers:
        connection.Producer().publish({"n": number}, routing_key=NAME)


def lengths(client: "redis.Redis") -> tuple[int, int]:
    hands = [client.llen(key) for key in client.scan_iter(IN_HAND + "*")]
    return client.llen(NAME), sum(map(int, hands))  # type: ignore[return-value,arg-type]


def test_the_names_of_the_queues_have_the_prefix_of_all_keys() -> None:
    assert {stage: QUEUE + stage for stage in QUEUES} == QUEUES


def test_a_message_is_in_hand_until_it_is_acknowledged(connection: Connection, client: "redis.Redis") -> None:
    taker = Taker(connection)
    put(client, connection, 1, 2)
    message = taker.take()
    assert lengths(client) == (1, 1)
    message.ack()
    assert lengths(client) == (1, 0)
    assert not client.keys("unacked*")
    assert not client.keys("_kombu*")


def test_a_message_that_is_given_back_is_the_last_one(connection: Connection, client: "redis.Redis") -> None:
    taker = Taker(connection)
    put(client, connection, 1, 2)
    taker.take().reject(requeue=True)
    assert lengths(client) == (2, 0)
    assert [taker.take().payload["n"], taker.take().payload["n"]] == [2, 1]


def test_what_a_lost_worker_had_in_hand_goes_back(connection: Connection, client: "redis.Redis") -> None:
    taker, consumers = Taker(connection), Consumers(client)
    put(client, connection, 1, 2, 3)
    taker.take()
    late = taker.take()
    taker.channel.beat(Worker.here("fetch"))
    assert consumers.bring_back_lost() == []
    (alive,) = consumers.all()
    assert (alive.in_hand, alive.host) == (2, socket.gethostname())
    (lost,) = consumers.bring_back_lost(after_s=0)
    assert (lost.stage, lost.messages) == ("fetch", 2)
    assert lengths(client) == (3, 0)
    assert consumers.all() == []
    late.ack()  # it lived after all
    assert lengths(client) == (3, 0)
    taker.channel.beat(Worker.here("fetch"))
    assert [worker.stage for worker in consumers.all()] == ["fetch"]


def test_what_an_ending_worker_has_in_hand_goes_back_as_the_next(connection: Connection, client: "redis.Redis") -> None:
    taker = Taker(connection)
    put(client, connection, 1, 2, 3)
    taker.take()
    taker.take()
    taker.channel.leave()
    assert lengths(client) == (3, 0)
    assert [taker.take().payload["n"] for _ in range(3)] == [1, 2, 3]


def test_a_worker_that_ends_before_it_asks_for_a_message_leaves_no_record(
    redis_url: str, client: "redis.Redis"
) -> None:
    """Its own user may not touch a queue without a name."""
    with connect_redis(redis_users(redis_url)["parser"]) as own:
        Consumers(own).beat("one", Worker.here("parse"))
        assert len(Consumers(client).all()) == 1
        Consumers(own).leave("one", "")
    assert Consumers(client).all() == []


def test_senders_that_use_a_tag_twice_lose_nothing(connection: Connection, client: "redis.Redis") -> None:
    taker = Taker(connection)
    put(client, connection, 1)
    (item,) = client.lrange(NAME, 0, -1)  # type: ignore[misc]
    client.lpush(NAME, item)
    first, second = taker.take(), taker.take()
    first.ack()
    assert lengths(client) == (0, 1)
    second.ack()
    assert lengths(client) == (0, 0)


@pytest.mark.parametrize("name", ["fetch", "fetch\x06\x166", f"{NAME}\x06\x163"])
def test_messages_in_other_lists_are_moved_on(name: str, client: "redis.Redis") -> None:
    client.lpush(name, "first", "second")
    assert OtherQueues(client).move_on() == 2
    assert client.lrange(NAME, 0, -1) == [b"second", b"first"]
    assert not client.exists(name)


def test_lists_that_this_user_may_not_touch_are_left_alone(client: "redis.Redis", redis_url: str) -> None:
    client.lpush("fetch", "message")
    client.acl_setuser("worker", enabled=True, passwords=["+word"], commands=["+@all"], keys=["depeche:*"])
    options = {**client.connection_pool.connection_kwargs, "username": "worker", "password": "word"}
    try:
        with redis.Redis(connection_pool=redis.ConnectionPool(**options)) as worker:
            assert OtherQueues(worker).move_on() == 0
    finally:
        client.acl_deluser("worker")
    assert client.llen("fetch") == 1


@pytest.mark.parametrize("answer", ["ack", "reject", "requeue"])
def test_a_failed_acknowledgement_makes_room_for_the_next_message(
    answer: str, connection: Connection, client: "redis.Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    taker = Taker(connection)
    taker.channel.basic_qos(prefetch_count=1)
    put(client, connection, 1)
    message = taker.take()
    assert not taker.channel.qos.can_consume()

    def lost(*_args: object, **_kwargs: object) -> None:
        raise redis.ConnectionError("Redis restarts")

    monkeypatch.setattr(taker.channel, "put_down", lost)
    give = message.ack if answer == "ack" else partial(message.reject, requeue=answer == "requeue")
    with pytest.raises(redis.ConnectionError):
        give()
    assert taker.channel.qos.can_consume()


@pytest.mark.parametrize("answer", ["ack", "requeue"])
def test_what_could_not_be_put_down_is_put_down_with_the_next_sign_of_life(
    answer: str, connection: Connection, client: "redis.Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when Redis refuses all that writes for a while, and the connection lives on."""
    taker = Taker(connection)
    put(client, connection, 1)
    message = taker.take()
    give = message.ack if answer == "ack" else partial(message.reject, requeue=True)

    def refuses(*_args: object) -> None:
        raise redis.ResponseError("MISCONF Redis cannot write to its disk")

    with monkeypatch.context() as while_it_refuses:
        while_it_refuses.setattr(taker.channel, "_create_client", refuses)
        with pytest.raises(redis.ResponseError):
            give()
    assert lengths(client) == (0, 1)
    taker.channel.beat(Worker.here("fetch"))
    assert lengths(client) == ((0, 0) if answer == "ack" else (1, 0))
