"""The claim check: bytes come back as they were, however they were packed."""

import gzip

import pytest
import redis

from shared.flight.page_store import PageStore, packed

PAGE = b"<!doctype html><title>Harbour reopens</title><p>The harbour of Port Ellery reopened on Monday." * 9


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(packed(PAGE), id="packed here"),
        pytest.param(gzip.compress(PAGE), id="gzip"),
        pytest.param(gzip.compress(PAGE[:99]) + gzip.compress(PAGE[99:]), id="members"),
        pytest.param(gzip.compress(b"") + gzip.compress(PAGE), id="an empty member"),
        pytest.param(gzip.compress(PAGE) + b"trailing", id="bytes after the end"),
    ],
)
def test_bytes_come_back_as_they_were(client: "redis.Redis", kept: bytes) -> None:
    store = PageStore(client)
    store.put_packed("page", {"one": kept})
    assert store.get("page", "one") == PAGE
    assert store.get("page", "other") is None


def test_a_page_that_itself_begins_like_gzip_comes_back_too(client: "redis.Redis") -> None:
    store = PageStore(client)
    store.put_many("page", {"one": gzip.compress(PAGE)})
    assert store.get("page", "one") == gzip.compress(PAGE)
