"""Redis as Celery's broker, but for one thing: what is no message is handed over, where kombu would fall over it.

Anything that can reach Redis can push garbage onto a queue. kombu takes it off and fails to read it; the error ends the
worker, and the garbage is gone.
"""

from collections.abc import Callable
from queue import Empty
from typing import Any

import msgspec
from kombu.transport.redis import Channel, Transport
from kombu.utils.json import loads

KeepUnreadable = Callable[[str, str], None]  # (the raw message, what is wrong with it)


class DeliveryInfo(msgspec.Struct):
    """Where a message came from, which is where it goes when it is restored."""

    exchange: str
    routing_key: str


class Properties(msgspec.Struct):
    """What kombu cannot do without."""

    delivery_tag: str
    delivery_info: DeliveryInfo
    body_encoding: str | None = None


class Envelope(msgspec.Struct, rename="kebab"):
    """What kombu wraps a task's message in."""

    properties: Properties
    body: str | None = None
    headers: dict[str, Any] | None = None
    content_type: str | None = None
    content_encoding: str | None = None


# What reading garbage may raise: no UTF-8, no JSON or no base64 (ValueError), another shape, an unknown encoding, too
# deep a nesting.
GARBAGE = (ValueError, msgspec.ValidationError, LookupError, TypeError, RecursionError)


class KeepingChannel(Channel):  # type: ignore[misc]
    """Hands what is no message to the transport option `keep_unreadable`."""

    def _brpop_read(self, **options: Any) -> bool:
        """Like kombu's, which it replaces, except for garbage."""
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
    """Redis with such channels."""

    Channel = KeepingChannel
