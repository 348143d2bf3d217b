"""A page's way through the real workers is one trace, as a collector gets it."""

from collections import defaultdict
from collections.abc import Iterator

import pytest

from cli.stack.stack import Endpoints
from shared.broker.redis_client import connect_redis
from shared.messages import FetchRequest, Follow, Origin
from tests.e2e.stack import Stack, running_stack
from tests.e2e.test_pages import served_feed, story
from tests.support.collector import Collector, Sent
from tests.support.servers import PostgresForTests
from tests.support.site import Site

WAY = {
    "fetch": "depeche-fetcher",
    "download": "depeche-fetcher",
    "request": "depeche-fetcher",
    "parse": "depeche-parser",
    "index": "depeche-indexer",
    "page": "depeche-indexer",
}
SECRET = "s3cr3t-t0ken"


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        yield collector


@pytest.fixture(scope="module")
def traced(
    redis_server: str,
    postgres: PostgresForTests,
    collector: Collector,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    redis_url = redis_server.removesuffix("/0") + "/3"
    connect_redis(redis_url).flushdb()
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}
    with postgres.database() as database_url:
        endpoints = Endpoints(redis_url=redis_url, database_url=database_url)
        with running_stack(tmp_path_factory.mktemp("traced"), endpoints, **settings) as stack:
            yield stack


def traces(collector: Collector) -> dict[str, list[Sent]]:
    """The spans of each trace."""
    found: dict[str, list[Sent]] = defaultdict(list)
    for span in collector.spans():
        found[span.trace].append(span)
    return found


def of(spans: list[Sent], name: str) -> Sent:
    (one,) = [span for span in spans if span.name == name]
    return one


def test_a_page_is_one_trace_and_its_stories_are_linked_to_it(traced: Stack, collector: Collector, site: Site) -> None:
    served, gone = site.serve(f"/harbour?token={SECRET}", story("Harbour opens")), site.url("/gone")
    feed = served_feed(site, "/feed.xml", served, gone)
    rows = traced.land(FetchRequest(origin=Origin(url=feed), follow=Follow()))
    ids = {url: rows[url]["flight_id"].hex for url in (feed, served, gone)}

    def complete() -> bool:
        found = traces(collector)
        names = {url: {span.name for span in found[ids[url]]} for url in ids}
        return (
            names[feed] == set(WAY)
            and names[served] == {"accept", *WAY}
            and names[gone] == {"accept", *WAY} - {"parse"}
        )

    traced.wait_until(complete, what=f"the traces of {ids}")
    found = traces(collector)
    assert collector.paths == {"/v1/traces"}
    assert set(found) == set(ids.values())
    root = of(found[ids[feed]], "page")
    assert root.parent == ""
    for name, service in WAY.items():
        assert of(found[ids[feed]], name).service == service
    for name in ("fetch", "parse", "index"):
        span = of(found[ids[feed]], name)
        assert span.parent == root.id
        assert root.began <= span.began <= span.ended <= root.ended
    for inner, outer in (("download", "fetch"), ("request", "download")):
        assert of(found[ids[feed]], inner).parent == of(found[ids[feed]], outer).id
    for url in (served, gone):
        accept = of(found[ids[url]], "accept")
        assert accept.links == [(root.trace, root.id)]
        assert (accept.service, accept.parent) == ("depeche-parser", of(found[ids[url]], "page").id)
    tell_what_became_of_it(found[ids[served]], found[ids[gone]])
    for span in collector.spans():
        assert span.events == 0
        for value in span.facts.values():
            assert not any(word in str(value) for word in (SECRET, "harbour", "Harbour", "/"))


def tell_what_became_of_it(stored: list[Sent], gone: list[Sent]) -> None:
    fetch, parse, page = (of(stored, name) for name in ("fetch", "parse", "page"))
    assert fetch.facts["depeche.result"] == parse.facts["depeche.result"] == "passed"
    assert (fetch.facts["server.address"], fetch.facts["depeche.kind"]) == ("127.0.0.1", "followed")
    assert fetch.facts["http.response.body.size"] == fetch.facts["depeche.result_bytes"] > 100
    assert (page.facts["depeche.result"], page.facts["http.response.status_code"]) == ("parsed", 200)
    assert page.facts["depeche.attempt"] == 1
    assert not any(span.is_error for span in stored)
    fates = {name: of(gone, name).facts["depeche.result"] for name in ("fetch", "index", "page")}
    assert fates == dict.fromkeys(fates, "gone")
    assert of(gone, "fetch").facts["depeche.reason"] == "http_404"
    assert of(gone, "request").facts["http.response.status_code"] == 404
