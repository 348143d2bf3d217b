"""A page that is accepted wakes the tick."""

import threading
import time

import redis

from services.fetcher.timing.wake import Wake
from shared.broker.redis_client import connect_redis
from shared.flight.intake import Backbone
from shared.flight.ledger import Ledger
from shared.flight.redis_keys import WAKE_CHANNEL
from shared.messages import FetchPages
from tests.support.waiting import wait_until

# Far longer than a wait takes that is cut short.
LONG_S = 60.0


def accept(backbone: Backbone, *paths: str) -> None:
    backbone.ledger.accept(FetchPages(urls=[f"https://press.example/{path}" for path in paths]).requests())


def listen(wake: Wake, client: "redis.Redis") -> threading.Thread:
    """A thread that waits, once it listens."""
    thread = threading.Thread(target=wake.wait, args=[LONG_S], daemon=True)
    thread.start()
    wait_until(lambda: dict(client.pubsub_numsub(WAKE_CHANNEL))[WAKE_CHANNEL.encode()] == 1)
    return thread


def test_an_accepted_page_ends_the_wait(client: "redis.Redis", backbone: Backbone) -> None:
    wake = Wake(client)
    waiting = listen(wake, client)
    accept(backbone, "a")
    waiting.join(LONG_S / 2)
    assert not waiting.is_alive()
    wake.close()


def test_pages_that_are_accepted_meanwhile_end_one_wait_together(client: "redis.Redis", backbone: Backbone) -> None:
    wake = Wake(client)
    wake.wait(0.1)
    for number in range(100):
        accept(backbone, str(number))
    cut_short = 0
    while not lasts(wake, 0.5):
        cut_short += 1
    assert 1 <= cut_short <= 10
    wake.close()


def lasts(wake: Wake, seconds: float) -> bool:
    began = time.monotonic()
    wake.wait(seconds)
    return time.monotonic() - began >= seconds


def test_a_page_that_is_in_the_air_already_wakes_nobody(client: "redis.Redis", backbone: Backbone) -> None:
    accept(backbone, "a")
    with client.pubsub(ignore_subscribe_messages=True) as channel:
        channel.subscribe(WAKE_CHANNEL)
        channel.get_message(timeout=LONG_S)
        accept(backbone, "a")
        assert channel.get_message(timeout=0.2) is None
        accept(backbone, "b")
        wait_until(lambda: channel.get_message() is not None)


def test_a_wait_goes_on_after_the_connection_was_lost(client: "redis.Redis", backbone: Backbone) -> None:
    wake = Wake(client)
    waiting = listen(wake, client)
    client.client_kill_filter(_type="pubsub")
    wait_until(lambda: dict(client.pubsub_numsub(WAKE_CHANNEL))[WAKE_CHANNEL.encode()] == 1)
    wait_until(lambda: not waiting.is_alive() or accept(backbone, str(time.time_ns())) is not None)
    wake.close()


def test_a_user_who_may_not_wake_the_tick_has_his_page_accepted(client: "redis.Redis", redis_url: str) -> None:
    may = ("on", "nopass", "~*", "resetchannels", "+@all", "-publish")
    client.execute_command("ACL", "SETUSER", "quiet", *may)  # type: ignore[no-untyped-call]
    try:
        with connect_redis(redis_url.replace("://", "://quiet:any@")) as quiet:
            (accepted,) = Ledger(quiet).accept(FetchPages(urls=["https://press.example/"]).requests())
        assert accepted.outcome == "new"
    finally:
        client.execute_command("ACL", "DELUSER", "quiet")  # type: ignore[no-untyped-call]
