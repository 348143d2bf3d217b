"""The benchmark of the frontier, on a small one."""

import pytest
from rich.progress import Progress

from benchmarks.frontier import BEATS, HOSTS, markdown, run
from services.fetcher.tick import RELEASED_AT_ONCE


@pytest.mark.redis
def test_each_size_is_measured_with_many_hosts_and_with_few() -> None:
    results = run((50, 1_500), Progress(disable=True))
    assert [(beats.hosts, beats.waiting) for beats in results] == [(hosts, n) for hosts in HOSTS for n in (50, 1_500)]
    assert [beats.released for beats in results] == [10, RELEASED_AT_ONCE, 1, 1]
    assert all(0 < beats.release_p50 <= beats.release_max and beats.bytes_per_url > 100 for beats in results)
    assert BEATS > 20
    assert "1,500, few hosts" in markdown(results)
