"""Two pipelines, each with a Redis and workers of its own, that store into one Postgres."""

from pathlib import Path

import msgspec

from shared.broker.redis_client import connect_redis
from shared.messages import FetchRequest, Origin
from tests.e2e.stack import Stack, running_stack
from tests.support.site import Site

PARAGRAPH = "<p>The ferry of Harrowmere carries freight again, the port authority said on Thursday morning. {0}</p>"
VISITS = "SELECT page_url, fate FROM news.visits WHERE source IN ('east', 'west')"
ARTICLES = "SELECT url, version FROM news.articles WHERE source IN ('east', 'west')"


def story(title: str) -> bytes:
    text = "".join(PARAGRAPH.format(f"{title}, paragraph {n}.") for n in range(6))
    return f"<!doctype html><html lang=en><title>{title}</title><article><h1>{title}</h1>{text}</article>".encode()


def test_two_pipelines_share_a_postgres(stack: Stack, site: Site, redis_server: str, tmp_path: Path) -> None:
    redis_url = redis_server.removesuffix("/0") + "/2"
    connect_redis(redis_url).flushdb()
    shared = [site.serve(f"/shared/{n}", story(f"Shared {n}")) for n in range(3)]
    own = {name: [site.serve(f"/{name}/{n}", story(f"{name} {n}")) for n in range(3)] for name in ("east", "west")}
    with running_stack(tmp_path, msgspec.structs.replace(stack.endpoints, redis_url=redis_url)) as other:
        for name, pipeline in (("east", stack), ("west", other)):
            urls = [*shared, *own[name]]
            pipeline.ledger.accept([FetchRequest(origin=Origin(url=url, source=name)) for url in urls])
        stack.wait_until_landed()
        other.wait_until_landed()
    visited = [row["page_url"] for row in stack.rows(VISITS)]
    assert sorted(visited) == sorted([*shared, *shared, *own["east"], *own["west"]])
    assert {row["fate"] for row in stack.rows(VISITS)} <= {"stored", "unchanged"}
    articles = [(row["url"], row["version"]) for row in stack.rows(ARTICLES)]
    assert sorted(articles) == sorted((url, 1) for url in [*shared, *own["east"], *own["west"]])
    assert stack.rows("SELECT * FROM news.quarantine") == []
