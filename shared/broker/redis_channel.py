"""Redis as Celery's broker: kombu's transport, with another way to take messages.

A message is moved from its queue into the consumer's hand, a list of its own, in one step, and taken off that list when
it is acknowledged (shared/broker/consumers.py). By itself, kombu takes a message off its queue, and notes it down
afterwards: a worker killed in between loses it, and what a killed worker had noted down comes back after an hour.

Garbage on a queue is handed to `keep_unreadable`. Any program that can reach Redis can push garbage onto a queue. By
itself, kombu takes it off and fails to read it; the error ends the worker, and the garbage is lost.

A message whose acknowledgement fails no longer counts as being worked on. By itself, kombu goes on counting it, and
while as many messages count as may be worked on at once, kombu reads nothing from Redis, not even that the connection
is closed, which would end the wait. A Redis that restarted at the wrong moment left a worker spinning in that state
without end.

The address of Redis is the transport option `redis_url`, which kombu does not read (shared/broker/redis_url.py).
"""

import contextlib
import re
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from queue import Empty
from typing import Any

import msgspec
import redis
from kombu.transport import virtual
from kombu.transport.redis import Channel, Transport
from kombu.utils.json import loads

from shared.broker.consumers import Consumer, Consumers, in_hand_key
from shared.broker.redis_url import connection_options

KeepUnreadable = Callable[[str, str], None]  # (the raw message, what is wrong with it)


class DeliveryInfo(msgspec.Struct):
    """Where a message came from."""

    exchange: str
    routing_key: str


class Properties(msgspec.Struct):
    """The properties that kombu needs."""

    delivery_tag: str
    delivery_info: DeliveryInfo
    body_encoding: str | None = None


class Envelope(msgspec.Struct, rename="kebab"):
    """The envelope that kombu puts around a task's message."""

    properties: Properties
    body: str | None = None
    headers: dict[str, Any] | None = None
    content_type: str | None = None
    content_encoding: str | None = None


# The errors of reading garbage: invalid UTF-8, JSON or base64 (ValueError), another shape, an unknown encoding, too
# deep a nesting.
GARBAGE = (ValueError, msgspec.ValidationError, LookupError, TypeError, RecursionError)


# How Redis says that its memory or its disk is full, by itself or for a script; it is left alone for so long then (s).
FULL = re.compile(r"(^|-)(OOM|MISCONF) ")
FULL_PAUSE_S = 1.0


class _Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A message in hand, as it stood in the queue, and when it was taken."""

    item: bytes
    at: datetime


class InHand(virtual.QoS):  # type: ignore[misc]
    """The messages that a channel has taken and not acknowledged; each stays in Redis until then.

    What an ending worker still has goes back at once (KeepingChannel.leave), what a killed one had when the tick misses
    its signs of life; so there is nothing for kombu to restore.
    """

    restore_at_shutdown = False

    def ack(self, delivery_tag: str) -> None:
        """Acknowledge the message. If Redis fails, it still has the message; the ledger makes a repetition harmless."""
        try:
            self.channel.put_down(delivery_tag)
        finally:
            super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Put the message back into its queue, as the last one, or drop it."""
        try:
            self.channel.put_down(delivery_tag, back=requeue)
        finally:
            super().reject(delivery_tag)


class KeepingChannel(Channel):  # type: ignore[misc]
    """Takes messages of one queue into its hand; gives garbage to the function in the option `keep_unreadable`."""

    QoS = InHand
    from_transport_options = (*Channel.from_transport_options, "redis_url")
    # One list a queue. A message that another Celery app sends with a priority is moved there by the tick.
    priority_steps = (0,)
    redis_url = ""
    _kept_client: Any = None
    _kept_registry: Consumers | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = uuid.uuid4().hex  # as a consumer
        self._taken: dict[str, _Taken] = {}  # delivery tag -> message, the one that has been in hand longest first
        # What Redis still has in hand though this worker is done with it, and whether it goes back or is gone for good.
        self._to_put_down: deque[tuple[bytes, bool]] = deque()
        self._queue = ""

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        """Returns a pool's arguments by redis-py's own reading of the address, in place of kombu's."""
        options = {**connection_options(self.redis_url), "max_connections": self.max_connections}
        channel = self

        class Connection(options.get("connection_class", redis.Connection)):  # type: ignore[misc]
            def read_response(self, *args: Any, **named: Any) -> Any:
                """Read an answer; one that says that Redis is full counts as none."""
                with full_as_away():
                    return super().read_response(*args, **named)

            def disconnect(self, *args: Any) -> None:
                """Leave the event loop as well; kombu's own connections do the same."""
                super().disconnect(*args)
                if asynchronous and channel._registered:
                    channel._on_connection_disconnect(self)

        return {**options, "connection_class": Connection}

    def _get_pool(self, asynchronous: bool = False) -> Any:
        return redis.ConnectionPool(**self._connparams(asynchronous))

    def _create_client(self, asynchronous: bool = False) -> Any:
        """Returns the same client for as long as the pool is the same.

        kombu makes a new client, with a table of all commands, each time that a message is taken or acknowledged: a
        third of what a message costs the fetcher's loop.
        """
        if asynchronous:
            return super()._create_client(asynchronous=True)
        if self._kept_client is None or self._kept_client.connection_pool is not self.pool:
            self._kept_client = super()._create_client()
        return self._kept_client

    def _lookup(self, _exchange: str, routing_key: str, _default: str | None = None) -> list[str]:
        """Returns the queue to publish to: its name is the routing key, and no binding need be kept in Redis."""
        return [routing_key]

    def _queue_bind(self, *_binding: Any) -> None:
        """Keep no binding."""

    def _brpop_start(self, timeout: float | None = None) -> None:
        """Ask for the next message, as kombu's method does, but into the consumer's hand."""
        queues = self._queue_cycle.consume(len(self.active_queues))
        if not queues:
            return
        self._queue = queues[0]
        self._in_poll = self.client.connection
        wait = self.brpop_timeout if timeout is None else timeout
        self.client.connection.send_command("BLMOVE", self._queue, in_hand_key(self.name), "RIGHT", "LEFT", wait or 0)

    def _brpop_read(self, **options: Any) -> bool:
        """Read the answer and deliver the message, as kombu's method does, but quarantine garbage."""
        try:
            try:
                item = self.client.parse_response(self.client.connection, "BLMOVE", **options)
            except self.connection_errors:
                self.client.connection.disconnect()  # so that the next iteration connects again
                raise
            if item is None:  # an empty message is one, too
                raise Empty
            self._deliver_or_keep(item)
            return True
        finally:
            self._in_poll = None

    def _deliver_or_keep(self, item: bytes) -> None:
        tag = uuid.uuid4().hex
        self._taken[tag] = _Taken(item=item, at=datetime.now(UTC))
        try:
            message = loads(item.decode())
            envelope = msgspec.convert(message, Envelope)
            self.decode_body(envelope.body or "", envelope.properties.body_encoding)
        except GARBAGE as error:
            keep: KeepUnreadable = self.connection.client.transport_options["keep_unreadable"]
            keep(item.decode("utf-8", "replace"), f"cannot be read: {error}")
            self.put_down(tag)
        else:
            message["properties"]["delivery_tag"] = tag  # the sender's own need not be unique
            self.connection._deliver(message, self._queue)

    def put_down(self, tag: str, *, back: bool = False) -> None:
        """Take a message out of the hand, for good or `back` into its queue; if Redis fails, the next beat does it."""
        taken = self._taken.pop(tag, None)
        if taken is not None:
            self._to_put_down.append((taken.item, back))
            self._put_down_all()

    def _put_down_all(self) -> None:
        while self._to_put_down:
            with contextlib.suppress(IndexError):  # another thread has taken the last one
                item, back = self._to_put_down.popleft()
                try:
                    if back:
                        self._registry.give_back(self.name, self._queue, item)
                    else:
                        self._create_client().lrem(in_hand_key(self.name), 1, item)
                except redis.RedisError:
                    self._to_put_down.appendleft((item, back))
                    raise

    def beat(self, consumer: Consumer) -> None:
        """Record that the consumer lives, and what it has in hand."""
        self._put_down_all()
        tag, oldest = next(iter(list(self._taken.items())), (None, None))
        if oldest is not None:
            at = _page_of(self.qos._delivered.get(tag))
            consumer = msgspec.structs.replace(consumer, in_hand=len(self._taken), at=at, since=oldest.at)
        self._registry.beat(self.name, consumer)

    def leave(self) -> None:
        """Remove the consumer, since it ends; what it still has in hand goes back into its queue."""
        self._registry.leave(self.name, self._queue)

    @property
    def _registry(self) -> Consumers:
        client = self._create_client()
        if self._kept_registry is None or self._kept_registry.client is not client:
            self._kept_registry = Consumers(client)
        return self._kept_registry


@contextlib.contextmanager
def full_as_away() -> Iterator[None]:
    """Raise redis.ConnectionError where Redis refuses to write, since its memory or its disk is full.

    Celery then asks again each second. Any other answer ends the worker, and a full Redis had all of them end, and
    start, again and again.
    """
    try:
        yield
    except redis.ResponseError as error:  # a script's error names the one that was its cause
        if isinstance(error, redis.exceptions.OutOfMemoryError) or FULL.search(str(error)):
            time.sleep(FULL_PAUSE_S)  # a Redis without memory answers a ping, so that Celery would connect at once
            raise redis.ConnectionError(f"Redis is full: {error}") from error
        raise


class KeepingTransport(Transport):  # type: ignore[misc]
    """kombu's Redis transport with KeepingChannel as its channel."""

    Channel = KeepingChannel


def _page_of(message: Any) -> str | None:
    """Returns the URL of a message's first page, to say what a worker is at; None where it cannot be told."""
    try:
        _, named, _ = message.payload
        return str(named["pages"][0]["origin"]["url"] if "pages" in named else named["urls"][0])
    except (*GARBAGE, AttributeError):
        return None
