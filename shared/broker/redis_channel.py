"""Redis as Celery's broker: kombu's transport with two changes.

Garbage on a queue is handed to `keep_unreadable`. Any program that can reach Redis can push garbage onto a queue. By
itself, kombu takes it off and fails to read it; the error ends the worker, and the garbage is lost.

A message whose acknowledgement fails no longer counts as being worked on. By itself, kombu goes on counting it, and
while as many messages count as may be worked on at once, kombu reads nothing from Redis, not even that the connection
is closed, which would end the wait. A Redis that restarted at the wrong moment left a worker spinning in that state
without end.
"""

from collections.abc import Callable
from queue import Empty
from typing import Any

import msgspec
from kombu.transport.redis import Channel, QoS, Transport
from kombu.utils.json import loads

KeepUnreadable = Callable[[str, str], None]  # (the raw message, what is wrong with it)


class DeliveryInfo(msgspec.Struct):
    """Where a message came from; kombu restores it to the same place."""

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


class ForgettingQoS(QoS):  # type: ignore[misc]
    """Counts the messages that are being worked on, without those whose acknowledgement failed."""

    def ack(self, delivery_tag: str) -> None:
        """Acknowledge the message. If Redis fails, it still has the message; the ledger makes a repetition harmless."""
        try:
            super().ack(delivery_tag)
        finally:
            self._dirty.add(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Put the message back into its queue, or drop it."""
        try:
            super().reject(delivery_tag, requeue=requeue)
        finally:
            self._dirty.add(delivery_tag)


class KeepingChannel(Channel):  # type: ignore[misc]
    """Hands garbage to the function in the transport option `keep_unreadable`."""

    QoS = ForgettingQoS
    _kept_client: Any = None

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

    def _brpop_read(self, **options: Any) -> bool:
        """Read the answer to BRPOP and deliver the message, as kombu's method does, but quarantine garbage."""
        try:
            try:
                taken = self.client.parse_response(self.client.connection, "BRPOP", **options)
            except self.connection_errors:
                self.client.connection.disconnect()  # so that the next iteration connects again
                raise
            if not taken:
                raise Empty
            queue = taken[0].decode().rsplit(self.sep, 1)[0]
            self._queue_cycle.rotate(queue)
            self._deliver_or_keep(taken[1], queue)
            return True
        finally:
            self._in_poll = None

    def _deliver_or_keep(self, item: bytes, queue: str) -> None:
        try:
            message = loads(item.decode())
            envelope = msgspec.convert(message, Envelope)
            self.decode_body(envelope.body or "", envelope.properties.body_encoding)
        except GARBAGE as error:
            keep: KeepUnreadable = self.connection.client.transport_options["keep_unreadable"]
            keep(item.decode("utf-8", "replace"), f"cannot be read: {error}")
        else:
            self.connection._deliver(message, queue)


class KeepingTransport(Transport):  # type: ignore[misc]
    """kombu's Redis transport with KeepingChannel as its channel."""

    Channel = KeepingChannel
