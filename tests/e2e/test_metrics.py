"""Every worker of a running stack serves its metrics, each at a port of its own where they share a machine."""

import contextlib
import json
from collections.abc import Iterator

import pytest
from prometheus_client.metrics_core import Metric

from cli.stack.stack import Endpoints
from shared.broker.redis_client import connect_redis
from shared.messages import FetchRequest, Follow, Origin
from tests.e2e.stack import Stack, running_stack
from tests.e2e.test_pages import served_feed, story
from tests.support.metrics import documented_of, names, scraped, value
from tests.support.servers import PostgresForTests
from tests.support.site import Site, dead_port
from tests.support.waiting import wait_until

SERVICES = ("fetcher", "tick", "parser", "indexer")


class Scraped(dict[str, list[Metric]]):
    """The families of each service that answers."""


@pytest.fixture(scope="module")
def observed(
    redis_server: str, postgres: PostgresForTests, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    redis_url = redis_server.removesuffix("/0") + "/2"
    connect_redis(redis_url).flushdb()
    home = tmp_path_factory.mktemp("observed")
    settings = {"DEPECHE_METRICS_PORT": str(dead_port()), "DEPECHE_ARCHIVE": str(home / "archive")}
    with postgres.database() as database_url:
        endpoints = Endpoints(redis_url=redis_url, database_url=database_url)
        with running_stack(home, endpoints, **settings) as stack:
            yield stack


def scrape(stack: Stack) -> Scraped:
    """What the services serve that say where; one that has just ended or begun may be missing."""
    found = Scraped()
    for service in SERVICES:
        with contextlib.suppress(OSError):
            found[service] = [*scraped(port_of(stack, service))]
    return found


def port_of(stack: Stack, service: str) -> int:
    """The port that the service's log names last."""
    (log,) = (stack.home / "logs").glob(f"{service}*")
    served = [line for line in log.read_text("utf-8").splitlines() if "metrics_served" in line]
    return int(json.loads(served[-1])["port"]) if served else 1  # where nothing listens


def all_of(found: Scraped, sample: str, **labels: str) -> float:
    return sum(value(families, sample, labels) for families in found.values())


def test_a_page_is_counted_at_every_stage(observed: Stack, site: Site) -> None:
    story_url, gone = site.serve("/story", story("Harbour opens")), site.url("/gone")
    feed = served_feed(site, "/feed.xml", story_url, gone)
    observed.land(FetchRequest(origin=Origin(url=feed), follow=Follow()))
    passed = {"result": "passed"}

    def counted() -> bool:
        found = scrape(observed)
        return set(found) == set(SERVICES) and all_of(found, "depeche_stage_pages_total", stage="parse", **passed) == 2

    observed.wait_until(counted, what="the counts of all services")
    found = scrape(observed)
    pages = "depeche_stage_pages_total"
    assert all_of(found, pages, stage="fetch", kind="asked", **passed) == 1
    assert all_of(found, pages, stage="fetch", kind="followed", **passed) == 1
    assert all_of(found, pages, stage="fetch", kind="followed", result="gone") == 1
    assert value(found["parser"], "depeche_stage_page_seconds_count", {"stage": "parse"}) == 2
    assert value(found["indexer"], "depeche_pages_landed_total", {"result": "parsed", "kind": "followed"}) == 1
    dropped = {"stage": "fetch", "fate": "gone", "reason": "http_404"}
    assert value(found["indexer"], "depeche_pages_dropped_total", dropped) == 1
    assert value(found["fetcher"], "depeche_archive_free_bytes", {}) > 0
    assert [value(found["tick"], "depeche_workers", {"stage": s}) for s in ("fetch", "parse", "index", "tick")] == [
        1
    ] * 4
    assert value(found["tick"], "depeche_redis_up", {}) == 1


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_serves_what_the_table_says(observed: Stack, service: str) -> None:
    observed.wait_until(lambda: service in scrape(observed), what=f"the metrics of the {service}")
    assert names(scrape(observed)[service]) == documented_of(service)


def test_a_stage_without_a_worker_has_none(observed: Stack) -> None:
    """As an operator is told by an alert; the worker is killed, so that it cannot say goodbye."""
    workers = "depeche_workers"
    observed.wait_until(lambda: all_of(scrape(observed), workers, stage="parse") == 1, what="a parser")
    observed.kill("parser")
    wait_until(lambda: all_of(scrape(observed), workers, stage="parse") == 0)  # nobody starts it again meanwhile
    observed.wait_until(lambda: all_of(scrape(observed), workers, stage="parse") == 1, what="another parser")
