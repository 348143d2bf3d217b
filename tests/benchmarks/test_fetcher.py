"""The fetcher's benchmark: its server, its hosts, its table."""

import time

import httpx

from benchmarks.fetcher_report import Bare, Fetched, Results, markdown
from benchmarks.latency_server import latency_server, page
from benchmarks.many_hosts import url_of


def test_one_server_is_as_many_hosts_as_one_likes_and_takes_its_time() -> None:
    with latency_server(0.1, 60_000) as port, httpx.Client(trust_env=False) as web:
        urls = [url_of(port, host, "a") for host in (0, 299, 70_000)]
        assert len({httpx.URL(url).host for url in urls}) == 3
        for url in urls:
            started = time.monotonic()
            answer = web.get(url)
            assert time.monotonic() - started >= 0.1
            assert (answer.content, answer.headers["etag"]) == (page(60_000), '"1"')
        assert web.get(httpx.URL(urls[0]).join("/robots.txt")).text.startswith("User-agent: *")


def test_a_page_has_the_size_that_was_asked_for() -> None:
    assert 60_000 <= len(page(60_000)) < 61_000


def test_the_table_sets_each_rate_beside_its_limit() -> None:
    results = Results(latency_s=0.2, slow_threads=64, fast_threads=16, hosts=2000)
    for rate in (300.0, 288.0, 200.0):
        results.slow.append(Fetched(pages_per_s=rate, cpu_ms=2.0))
        results.slow_bare.append(Bare(pages_per_s=310.0, cpu_ms=1.0))
        results.fast.append(Fetched(pages_per_s=rate, cpu_ms=2.0))
        results.fast_bare.append(Bare(pages_per_s=576.0, cpu_ms=1.0))
    text = markdown(results)
    assert "| 90 %" in text  # 288 of the ideal 320
    assert "| 50 %" in text  # and of what httpx alone does on a core
