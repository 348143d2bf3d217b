"""Workers and servers that die in the middle: every page lands all the same, and lands once."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from celery import Celery

from benchmarks.chaos.faults import in_threads, redis_of
from benchmarks.chaos.server_faults import ServerFaults
from cli.stack.embedded import EmbeddedRedis, redis_binary
from cli.stack.stack import Endpoints
from shared.messages import DOOR_QUEUE, DOOR_TASK, FetchRequest, Follow, Origin
from tests.e2e.stack import Stack, running_stack
from tests.e2e.test_pages import served_feed, story
from tests.support.servers import PostgresForTests
from tests.support.site import Site, dead_port
from tests.support.waiting import wait_until

PAGES = 60


def all_landed_once(stack: Stack, urls: list[str]) -> None:
    rows = {row["url"]: row["fate"] for row in stack.rows("SELECT url, fate FROM news.pages")}
    assert [rows.get(url) for url in urls] == ["stored"] * len(urls)
    articles = [row["url"] for row in stack.rows("SELECT url FROM news.articles")]
    assert sorted(articles) == sorted(set(articles))
    assert set(urls) <= set(articles)
    assert stack.rows("SELECT * FROM news.quarantine") == []


@pytest.mark.parametrize("worker", ["fetcher", "parser", "indexer", "tick"])
def test_a_killed_worker_loses_no_page(worker: str, stack: Stack, site: Site) -> None:
    urls = [site.serve(f"/{worker}/{n}", story(f"{worker.title()} {n}")) for n in range(PAGES)]
    feed = served_feed(site, f"/{worker}.xml", *urls)
    stack.ledger.accept([FetchRequest(origin=Origin(url=feed), follow=Follow())])
    # Twice: once as the first stories are being fetched, once when some have landed.
    for milestone in (1, 15):
        wait_until(lambda n=milestone: asked(site, urls) >= n, what="the middle of it")
        pid = stack.kill(worker)
        wait_until(lambda killed=pid: mended(stack, worker, killed), what="a new worker")
    stack.wait_until_landed()
    all_landed_once(stack, urls)


def asked(site: Site, urls: list[str]) -> int:
    return sum(site.asked("/" + url.split("/", 3)[3]) > 0 for url in urls)


def mended(stack: Stack, worker: str, killed: int) -> bool:
    stack.workers.mend(lambda _sentence: None)
    return stack.workers.pids()[worker] != killed


def test_a_killed_parser_child_loses_no_page(stack: Stack, site: Site) -> None:
    """As when the kernel picks the process that parses, and the worker's main process lives on."""
    stack.land(site.serve("/before", story("Before")))  # a child that dies while the worker starts ends the worker
    urls = [site.serve(f"/child/{n}", story(f"Child {n}")) for n in range(PAGES)]
    stack.ledger.accept([FetchRequest(origin=Origin(url=url)) for url in urls])
    wait_until(lambda: asked(site, urls) >= 5, what="the middle of it")
    main_process = stack.workers.pids()["parser"]
    for child in wait_until(lambda: children_of(main_process)):
        os.kill(child, signal.SIGKILL)
    stack.wait_until_landed()
    assert stack.workers.pids()["parser"] == main_process
    all_landed_once(stack, urls)


def children_of(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]


class RestartableRedis:
    """A Redis on a port of its own, that keeps its data when it is killed."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = dead_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        command = [redis_binary(), "--port", str(self.port), "--dir", str(self.data), "--appendonly", "yes"]
        options = ["--bind", "127.0.0.1", "--appendfsync", "always", "--save", ""]
        self._process = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL)
        wait_until(self._answers)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _answers(self) -> bool:
        with contextlib.suppress(redis.RedisError):
            return bool(redis.Redis(port=self.port).ping())
        return False


@pytest.fixture
def restartable(tmp_path: Path) -> Iterator[RestartableRedis]:
    server = RestartableRedis(tmp_path)
    try:
        yield server
    finally:
        server.kill()


def test_workers_survive_redis_restarts_and_lose_no_page(
    restartable: RestartableRedis, database_url: str, tmp_path: Path, site: Site
) -> None:
    endpoints = Endpoints(redis_url=restartable.url, database_url=database_url)
    with running_stack(tmp_path / "stack", endpoints, one_user=True) as stack:  # a restart forgets the others
        urls = [site.serve(f"/restart/{n}", story(f"Restart {n}")) for n in range(PAGES)]
        stack.land(urls[0])
        pids = stack.workers.pids()
        for number in range(3):
            stack.ledger.accept(
                [FetchRequest(origin=Origin(url=url)) for url in urls[1 + number * 20 : 21 + number * 20]]
            )
            wait_until(lambda n=number: asked(site, urls) >= 3 + n * 20, what="the middle of it")
            restartable.kill()
            restartable.start()
        stack.wait_until_landed()
        assert stack.workers.pids() == pids, "no worker died"
        all_landed_once(stack, urls)


@pytest.mark.parametrize("what", ["memory", "disk"])
def test_workers_stay_while_redis_is_full_and_lose_no_page(
    what: str, database_url: str, tmp_path: Path, site: Site
) -> None:
    """It refuses whatever writes; a worker that ended by that would have to be started again and again."""
    with EmbeddedRedis(tmp_path) as server, contextlib.ExitStack() as ends_first:
        endpoints = Endpoints(redis_url=server.url, database_url=database_url)
        stack = ends_first.enter_context(running_stack(tmp_path / "stack", endpoints))
        urls = [site.serve(f"/full/{n}", story(f"Full {n}")) for n in range(PAGES)]
        stack.land(urls[0])
        pids = stack.workers.pids()
        stack.ledger.accept([FetchRequest(origin=Origin(url=url)) for url in urls[1:]])
        wait_until(lambda: asked(site, urls) >= 5, what="the middle of it")
        with full(what, server.url, tmp_path / "redis"):
            for worker, said in [
                ("tick", "redis_failed"),
                *((name, "Redis is full") for name in ("fetcher", "parser", "indexer")),
            ]:
                wait_until(lambda w=worker, s=said: s in (stack.home / "logs" / f"{w}.log").read_text("utf-8"))
        stack.wait_until_landed()
        assert stack.workers.pids() == pids, "no worker died"
        all_landed_once(stack, urls)


@contextlib.contextmanager
def full(what: str, redis_url: str, data: Path) -> Iterator[None]:
    """Redis' memory or disk is full, and has room again after the block."""
    ending = threading.Event()
    faults = ServerFaults(redis_url, "", ending)
    pid = redis_of(data)()
    fill = {
        "memory": lambda: faults.fill_memory(threading.TIMEOUT_MAX),
        "disk": lambda: faults.fill_disk(pid, data, threading.TIMEOUT_MAX),
    }
    with in_threads([thread := threading.Thread(target=fill[what])], ending):
        thread.start()
        yield


@pytest.mark.parametrize("queue", [DOOR_QUEUE, "fetch"])
def test_the_door_keeps_what_is_sent_whenever_the_fetcher_is_killed(queue: str, stack: Stack, site: Site) -> None:
    """By any Celery client, one of which still uses the queue's name of old."""
    urls = [site.serve(f"/door/{queue}/{n}", story(f"Door {n}")) for n in range(PAGES // 2)]
    foreign = Celery("scheduler", broker=stack.endpoints.redis_url, set_as_current=False)
    for number, url in enumerate(urls):
        foreign.send_task(DOOR_TASK, args=[[url]], queue=queue)
        if number % 20 == 10:
            pid = stack.kill("fetcher")
            wait_until(lambda killed=pid: mended(stack, "fetcher", killed), what="a new fetcher")
    foreign.close()
    # A task whose fetcher was killed after it had accepted the page is done again: the page may be unchanged then.
    stored = f"SELECT 1 FROM news.pages WHERE fate IN ('stored', 'unchanged') AND url LIKE '%/door/{queue}/%'"
    stack.wait_until(lambda: len(stack.rows(stored)) == PAGES // 2, what="the landing of all that was sent")
    assert stack.rows("SELECT * FROM news.quarantine") == []


def test_postgres_restarts_under_the_workers(stack: Stack, postgres: PostgresForTests, site: Site) -> None:
    urls = [site.serve(f"/pg/{n}", story(f"Pg {n}")) for n in range(PAGES)]
    pids = stack.workers.pids()
    stack.ledger.accept([FetchRequest(origin=Origin(url=url)) for url in urls])
    wait_until(lambda: asked(site, urls) >= 5, what="the middle of it")
    postgres.restart()
    stack.wait_until_landed()
    assert stack.workers.pids() == pids
    all_landed_once(stack, urls)


def test_a_redis_user_with_one_prefix_is_enough(
    restartable: RestartableRedis, database_url: str, tmp_path: Path, site: Site
) -> None:
    with redis.Redis(port=restartable.port) as admin:
        admin.acl_setuser("depeche", enabled=True, passwords=["+word"], commands=["+@all"], keys=["depeche:*"])
    url = restartable.url.replace("://", "://depeche:word@")
    endpoints = Endpoints(redis_url=url, database_url=database_url)
    with running_stack(tmp_path / "stack", endpoints, one_user=True) as stack:
        urls = [site.serve(f"/acl/{n}", story(f"Acl {n}")) for n in range(10)]
        stack.land(*urls)
        all_landed_once(stack, urls)
        with redis.Redis(port=restartable.port) as admin:
            assert [key for key in admin.scan_iter() if not key.startswith(b"depeche:")] == []
        log = (stack.home / "logs" / "tick.log").read_text("utf-8")
        assert "NOPERM" not in log
