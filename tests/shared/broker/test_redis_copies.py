"""What Redis tells of its copies, and what that means."""

from collections.abc import Mapping
from typing import Any

import pytest
import redis

from services.fetcher.metrics import RedisFacts
from shared.broker.redis_copies import Copies, copies_of


class Told:
    """A Redis that tells what a test wants it to."""

    def __init__(self, **sections: Mapping[str, Any]) -> None:
        self._sections = sections

    def info(self, section: str) -> Mapping[str, Any]:
        return self._sections[section]


def copies(persistence: Mapping[str, Any], replication: Mapping[str, Any] | None = None) -> Copies:
    found = copies_of(Told(persistence=persistence, replication=replication or {}))  # type: ignore[arg-type]
    assert found is not None
    return found


def test_a_running_redis_says_that_it_can_save(client: "redis.Redis") -> None:
    found = copies_of(client)
    assert found is not None
    assert found.saved["snapshot"]
    assert (found.replicas, found.lag_s) == (0, 0)
    names = {metric.name for metric in RedisFacts(client).collect()}
    assert {"depeche_redis_saved", "depeche_redis_replicas", "depeche_redis_replica_lag_seconds"} <= names


@pytest.mark.parametrize("broken", ["aof_last_write_status", "aof_last_bgrewrite_status"])
def test_a_log_that_cannot_be_written(broken: str) -> None:
    good = {"aof_last_write_status": "ok", "aof_last_bgrewrite_status": "ok", "rdb_last_bgsave_status": "ok"}
    assert copies({**good, "aof_enabled": 1}).saved == {"log": True, "snapshot": True}
    assert copies({**good, "aof_enabled": 1, broken: "err"}).saved == {"log": False, "snapshot": True}
    assert copies({**good, "aof_enabled": 0, broken: "err"}).saved == {"snapshot": True}


def test_the_most_silent_replica_counts() -> None:
    replicas = {
        "connected_slaves": 3,
        "slave0": {"state": "online", "lag": 1},
        "slave1": {"state": "online", "lag": 40},
        "slave2": {"state": "wait_bgsave", "lag": 0},
    }
    found = copies({"rdb_last_bgsave_status": "ok"}, replicas)
    assert (found.replicas, found.lag_s) == (2, 40)


def test_who_may_not_ask_is_told_nothing(client: "redis.Redis", monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise redis.exceptions.NoPermissionError("INFO")

    monkeypatch.setattr(client, "info", refuse)
    assert copies_of(client) is None
    assert "depeche_redis_saved" not in {metric.name for metric in RedisFacts(client).collect()}
