"""The benchmark of the schedule starts what it says."""

from pathlib import Path

import redis

from benchmarks.schedule import markdown, measure


def test_every_source_is_started_in_every_round(client: "redis.Redis", redis_url: str, tmp_path: Path) -> None:
    beats = measure(client, redis_url, tmp_path, 300)
    assert (beats.sources, beats.beats) == (300, 3)  # 250, 50, and one that finds nothing
    assert 0 < beats.idle_p50 < beats.beat_p50 <= beats.beat_max
    assert "| 300 " in markdown([beats])
