"""How a page that is accepted wakes the tick, so that it need not wait for the next look."""

import redis

from shared.flight.redis_keys import WAKE_CHANNEL


class Wake:
    """Hears that pages have been accepted (ledger_accept.lua says so); what is missed costs one wait, and no page.

    The client counts the time. A server that is asked to wait for 40 ms (BLPOP) looks at its clock ten times a second,
    and answers after 40 to 140.
    """

    def __init__(self, client: "redis.Redis") -> None:
        self._channel = client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]

    def wait(self, longest_s: float) -> None:
        """Wait until a page is accepted, or this long (s)."""
        if not self._channel.subscribed:
            self._channel.subscribe(WAKE_CHANNEL)
            self._channel.get_message(timeout=longest_s)  # the answer to that
        self._channel.get_message(timeout=longest_s)
        while self._channel.get_message():  # those that have been accepted meanwhile
            pass

    def close(self) -> None:
        """Listen no more."""
        self._channel.close()
