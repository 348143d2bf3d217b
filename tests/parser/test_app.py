"""What the parser's composition root does by itself."""

import gc
from collections.abc import Iterator

import pytest
from celery import signals

from services.parser.app import share_memory


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    signals.worker_before_create_process.disconnect(share_memory)
    gc.unfreeze()


def test_what_is_there_before_a_fork_is_out_of_garbage_collection() -> None:
    signals.worker_before_create_process.connect(share_memory)
    kept = [object() for _ in range(100)]
    signals.worker_before_create_process.send(sender=None)
    assert gc.get_freeze_count() > len(kept)
    assert not any(one is kept for one in gc.get_objects())
