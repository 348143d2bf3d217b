"""Good pages keep flowing while sixteen threads meet every hostile behaviour there is."""

import contextlib
import queue
import random
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import replace

from services.fetcher.download.download import Downloader
from shared.failures import PageFailure
from tests.hostile.cases import CASES, PAGE
from tests.hostile.failing_downloads import MEBIBYTE, OPTIONS
from tests.support.hostile_server import HostileServer, Visit, answer

THREADS, GOOD_PAGES, ROUNDS = 16, 600, 3
LIMITS = replace(OPTIONS, connect_timeout=1.0, read_timeout=0.4, total_timeout=0.8, max_bytes=MEBIBYTE)
LATENCY_S = 0.1
# Of the rate without hostile servers.
LEAST_SHARE = 2 / 3


def good_page(visit: Visit) -> None:
    time.sleep(LATENCY_S)  # The distance to the server: threads wait for it as they would for the network.
    visit.send(answer(PAGE, "Content-Type: text/html"))


def test_a_third_at_the_most_is_lost_to_them() -> None:
    with contextlib.ExitStack() as stack:
        hostile = [_served(stack, HostileServer(case.behaviour)).url(case.path, scheme=case.scheme) for case in CASES]
        good = _served(stack, HostileServer(good_page))
        urls = [good.url(f"/{number}") for number in range(GOOD_PAGES)]
        shares: list[float] = []
        for seed in range(ROUNDS):
            mixed = [*urls, *hostile]
            random.Random(seed).shuffle(mixed)
            shares.append(_good_pages_per_s(mixed, set(urls)) / _good_pages_per_s(urls, set(urls)))
    assert statistics.median(shares) > LEAST_SHARE, shares


def _served(stack: contextlib.ExitStack, server: HostileServer) -> HostileServer:
    return stack.enter_context(server)


def _good_pages_per_s(urls: Sequence[str], good: set[str]) -> float:
    """The rate of good pages until the last of them has come."""
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for url in urls:
        waiting.put(url)
    done: list[float] = []
    started = time.monotonic()

    def work() -> None:
        downloader = Downloader(LIMITS)
        with contextlib.suppress(queue.Empty):
            while True:
                url = waiting.get_nowait()
                with contextlib.suppress(PageFailure):
                    downloader.download(url)
                    if url in good:
                        done.append(time.monotonic())
        downloader.close()

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) > 0.9 * len(good), "good pages must come through"
    return len(done) / (max(done) - started)
