"""Servers whose disks are full: pages wait, and land without anybody's help once there is room again."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.compose.stack import Stack, events, inspect, story, wait_for
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.compose, pytest.mark.timeout(900)]

PAGES = 40
SERVICES = ("redis", "postgres", "fetcher", "tick", "parser", "indexer")
# Each begins another file of 16 MB, so that no room is left for one after a few.
FILL_THE_LOG = "SELECT pg_logical_emit_message(false, 'full', 'disk'), pg_switch_wal() FROM generate_series(1, 64)"


@contextmanager
def full_disk(stack: Stack, server: str) -> Iterator[None]:
    """Not a byte is left on the server's disk."""
    file = f"/disks/{server}/ballast"
    fill = f"dd if=/dev/zero of={file} bs=4096 2>&1; df --output=avail {file} | tail -n 1"
    try:
        assert stack.compose("exec", "--no-TTY", "ballast", "sh", "-c", fill).split()[-1] == "0"
        yield
    finally:
        stack.compose("exec", "--no-TTY", "ballast", "rm", "-f", file)


def all_landed_once(stack: Stack, urls: list[str], landed: list[dict[str, str]]) -> None:
    assert {page["url"]: page["fate"] for page in landed} == dict.fromkeys(urls, "stored")
    of_these = "WHERE url IN (" + ", ".join(f"'{url}'" for url in urls) + ")"
    assert stack.sql(f"SELECT count(*), count(DISTINCT url) FROM news.articles {of_these}") == f"{PAGES}|{PAGES}"
    new = f"SELECT count(*) FROM news.changes JOIN news.articles USING (article_id) {of_these} AND kind = 'new'"
    assert stack.sql(new) == str(PAGES)
    assert stack.sql("SELECT count(*) FROM news.quarantine") == "0"
    wait_until(lambda: set(health(stack).values()) == {"healthy"}, timeout=120, what="health")


def health(stack: Stack) -> dict[str, str]:
    return {service: inspect(stack.containers(service)[0])["State"]["Health"]["Status"] for service in SERVICES}


def test_pages_wait_while_the_disk_of_postgres_is_full(stack: Stack) -> None:
    """First it can store nothing more; then there is no room for its log either, and it goes down again and again."""
    urls = [story(number) for number in range(5000, 5000 + PAGES)]
    [indexer], [postgres] = stack.containers("indexer"), stack.containers("postgres")
    started = inspect(indexer)["State"]["StartedAt"]
    with stack.logs("indexer") as said, stack.fetching(urls) as landed, full_disk(stack, "postgres"):
        wait_for(said, "DiskFull")
        with events(postgres) as happening:
            stack.compose("exec", "--no-TTY", "postgres", "psql", "-U", "depeche", "-c", FILL_THE_LOG, check=False)
            wait_for(happening, "die", times=2)
    all_landed_once(stack, urls, landed)
    assert inspect(indexer)["State"]["StartedAt"] == started


def test_pages_wait_while_the_disk_of_redis_is_full(stack: Stack) -> None:
    """Redis then refuses all that writes, and the workers ask again and again."""
    urls = [story(number) for number in range(6000, 6000 + PAGES)]
    [fetcher] = stack.containers("fetcher")
    started = inspect(fetcher)["State"]["StartedAt"]
    with (
        stack.logs("site") as served,
        stack.logs("tick") as said,
        stack.logs("fetcher") as told,
        stack.fetching(urls) as landed,
    ):
        wait_for(served, "/story/", times=5)
        with full_disk(stack, "redis"):
            wait_for(said, "MISCONF")
            wait_for(told, "Redis is full")
    all_landed_once(stack, urls, landed)
    assert inspect(fetcher)["State"]["StartedAt"] == started
