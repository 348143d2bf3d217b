"""Messages that should never have been sent: no worker dies of them, nothing else is lost, and they are kept."""

import base64
import json
from typing import Any

import pytest
from celery import Celery

from shared.flight.redis_keys import IN_HAND
from shared.messages import DOOR_QUEUE, QUEUES, TASKS, StageName
from tests.e2e.stack import Stack
from tests.e2e.test_pages import story
from tests.support.site import Site
from tests.support.waiting import wait_until

STAGES: list[StageName] = ["fetch", "parse", "index"]


def envelope(call: Any, **changes: Any) -> bytes:
    """A message as kombu puts it into Redis, with something wrong in it."""
    message = {
        "body": base64.b64encode(call if isinstance(call, bytes) else json.dumps(call).encode()).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {"lang": "py", "task": "fetcher.fetch_pages", "id": "an-id", "argsrepr": "", "kwargsrepr": ""},
        "properties": {
            "delivery_mode": 2,
            "delivery_tag": "a-tag",
            "body_encoding": "base64",
            "delivery_info": {"exchange": "", "routing_key": "fetch"},
        },
        **changes,
    }
    return json.dumps({name: value for name, value in message.items() if value is not None}).encode()


CALL: list[Any] = [[["https://news.example/"]], {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}]
GARBAGE = {
    "not JSON": b"garbage-1",
    "not text": b"\xff\xfe garbage-2",
    "empty": b"",
    "a number": b"7",
    "a list": b'["garbage-3"]',
    "an empty object": b"{}",
    "no properties": envelope(CALL, properties=None),
    "no body": envelope(CALL, body=None),
    "a body that is not base64": envelope(CALL, body="***garbage***"),
    "a body that is not JSON": envelope(b"garbage-4"),
    "a body of another shape": envelope({"garbage": 5}),
    "no headers": envelope(CALL, headers=None),
    "no task": envelope(CALL, headers={"lang": "py"}),
    "an unknown task": envelope(CALL, headers={"lang": "py", "task": "fetcher.bogus", "id": "an-id"}),
    "pickle": envelope(b"garbage-6", **{"content-type": "application/x-python-serialize"}),
    "an unknown content type": envelope(b"garbage-7", **{"content-type": "text/nonsense"}),
    "arguments that are none": envelope(["garbage-8", 7, None]),
    "a deadline long past": envelope(
        CALL, headers={"lang": "py", "task": TASKS["fetch"], "id": "i", "expires": "never"}
    ),
}


def quarantined(stack: Stack) -> int:
    return int(stack.rows("SELECT count(*) FROM news.quarantine")[0]["count"])


def in_hand(stack: Stack) -> list[bytes]:
    return list(stack.client.scan_iter(IN_HAND + "*"))


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage_on_a_queue_is_kept_and_harms_nobody(kind: str, stage: StageName, stack: Stack, site: Site) -> None:
    before, pids = quarantined(stack), stack.workers.pids()
    stack.client.lpush(QUEUES[stage], GARBAGE[kind])
    url = site.serve("/after", story("After"))
    assert stack.land(url)[url]["fate"] in ("stored", "unchanged")
    wait_until(lambda: quarantined(stack) == before + 1, what="quarantine")
    (kept,) = stack.rows("SELECT * FROM news.quarantine ORDER BY quarantine_id DESC LIMIT 1")
    assert (kept["stage"], kept["reason"]) == (stage, "malformed_message")
    assert kept["detail"].startswith(f"a message on the {stage} queue ")
    stack.workers.mend(pytest.fail)
    assert stack.workers.pids() == pids
    wait_until(lambda: not in_hand(stack), what="acknowledgement")  # which follows the landing


MALFORMED: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "nothing": ([], {}),
    "positional": ([1], {"published_at": 1.7e9}),
    "wrong types": ([], {"published_at": "soon", "pages": 7}),
    "an unknown kind": (
        [],
        {"published_at": 1.7e9, "pages": [{"kind": "fetch_page.v9", "flight_id": "f", "url": "u"}]},
    ),
    "a missing field": ([], {"published_at": 1.7e9, "pages": [{"kind": "fetch_page.v2"}]}),
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("kind", MALFORMED)
def test_a_malformed_call_of_a_task_is_kept(kind: str, stage: StageName, stack: Stack) -> None:
    before = quarantined(stack)
    args, kwargs = MALFORMED[kind]
    foreign = Celery("foreign", broker=stack.endpoints.redis_url, set_as_current=False)
    foreign.send_task(TASKS[stage], args=args, kwargs=kwargs, queue=QUEUES[stage])
    foreign.close()
    wait_until(lambda: quarantined(stack) == before + 1, what="quarantine")
    (kept,) = stack.rows("SELECT * FROM news.quarantine ORDER BY quarantine_id DESC LIMIT 1")
    assert (kept["stage"], kept["reason"]) == (stage, "malformed_message")
    assert json.loads(kept["message"]).items() >= kwargs.items()


def test_a_message_of_a_flight_that_landed_long_ago_changes_nothing(stack: Stack) -> None:
    record = {"kind": "fetch_page.v2", "flight_id": "f" * 32, "origin": {"url": "https://news.example/"}}
    before = quarantined(stack), stack.rows("SELECT count(*) FROM news.pages")
    foreign = Celery("foreign", broker=stack.endpoints.redis_url, set_as_current=False)
    foreign.send_task(TASKS["fetch"], kwargs={"published_at": 1.7e9, "pages": [record]}, queue=DOOR_QUEUE)
    foreign.close()
    wait_until(lambda: stack.client.llen(DOOR_QUEUE) == 0 and not in_hand(stack))
    assert (quarantined(stack), stack.rows("SELECT count(*) FROM news.pages")) == before
