"""What an operator reads of a host that is held back."""

import time

import pytest
import redis

from cli.sources.holds import as_words, held_sources
from cli.times import use_zone
from services.fetcher.politeness.holds import Hold
from services.fetcher.politeness.host_turns import HostTurns, Pace, Turn
from shared.sources.log import SourceState
from shared.urls import host_of


def test_a_source_is_held_back_with_its_host(client: "redis.Redis") -> None:
    turns = HostTurns(client, Pace(host_delay=1.0, host_connections=2, lease_s=60.0), host_of)
    turn = turns.take("https://gazette.example/front")
    assert isinstance(turn, Turn)
    turns.end(turn, "overloaded", pause=600.0, reason="http_503")
    states = [SourceState(name=name, url=f"https://{name}.example/") for name in ("beacon", "gazette")]
    held = held_sources(client, [*states, SourceState(name="nowhere")], host_of)
    assert list(held) == ["gazette"]
    assert held["gazette"].until == pytest.approx(time.time() + 600, abs=5)


@pytest.mark.parametrize(
    ("hold", "expected"),
    [
        (Hold(why="http_429", until=4e9, is_asked_for=True, delay=2.0), "429: until .*, as it asked"),
        (Hold(why="http_503", until=4e9, is_asked_for=False, delay=64.0), "503: until .*, a request each 64s"),
        (Hold(why="http_503", until=1.0, is_asked_for=False, delay=2.0), "503: a request each 2s"),
        (
            Hold(why="crawl_delay", until=4e9, is_asked_for=True, delay=30.0),
            "Crawl-delay: until .*, a request each 30s",
        ),
    ],
)
def test_a_hold_in_words(hold: Hold, expected: str) -> None:
    use_zone(utc=True)
    words = as_words(hold)
    assert words is not None
    pattern = expected.replace(".*", "xx:xx UTC")
    assert len(words) == len(pattern)
    assert words.split(": ")[0] == expected.split(": ", maxsplit=1)[0]
    assert words.endswith(expected.rsplit(".*", maxsplit=1)[-1])


def test_a_host_that_is_not_held_back_has_none() -> None:
    assert as_words(None) is None
