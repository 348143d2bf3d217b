"""The tick's metrics go by the time by which Depeche goes, and do without what Redis does not tell."""

import pytest
import redis

from services.fetcher.metrics import RedisFacts
from services.fetcher.timing.clock import Clock
from services.fetcher.timing.memory_mark import MemoryMark
from shared.flight.redis_keys import CLOCK, PAUSED


def told(client: "redis.Redis") -> dict[tuple[str, ...], float]:
    """Returns the tick's metrics, by name and labels."""
    samples = [sample for metric in RedisFacts(client).collect() for sample in metric.samples]
    return {(sample.name, *sample.labels.values()): sample.value for sample in samples}


def test_a_pause_is_over_when_it_is_so_for_the_frontier(client: "redis.Redis") -> None:
    clock = Clock(client)
    clock.look()
    client.hincrbyfloat(CLOCK, "seen", 3_600_000)
    clock.look()  # the clock has been set back by an hour
    (now, _) = client.time()
    client.zadd(PAUSED, {"over.example": (now + 1800) * 1000, "paused.example": (now + 5400) * 1000})
    assert told(client)["depeche_hosts_held", "paused"] == 1


@pytest.mark.parametrize("refusal", [redis.exceptions.NoPermissionError, redis.ResponseError])
def test_a_redis_that_does_not_tell_of_its_memory_is_never_full(
    refusal: type[Exception], client: "redis.Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its user may not ask, or the command has another name."""

    def refuse(*_: object) -> None:
        raise refusal("INFO")

    monkeypatch.setattr(client, "info", refuse)
    assert not MemoryMark(client).is_passed()
    facts = told(client)
    assert facts["depeche_redis_up",] == 1
    assert ("depeche_redis_memory_bytes",) not in facts
