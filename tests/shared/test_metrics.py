"""Labels have few values, and what child processes have done is counted in their parent."""

import os

import pytest
from prometheus_client import REGISTRY

from shared import metrics
from shared.flight.counts import CountsOfChildren, Worked
from shared.messages import Origin, Visit
from shared.metrics import MOST_REASONS, kind_of, reason_label
from tests.support.waiting import wait_until

URL = "https://news.example/"


@pytest.mark.parametrize(
    ("origin", "kind"),
    [
        (Origin(url=URL), "asked"),
        (Origin(url=URL, found_on=URL), "followed"),
        (Origin(url=URL, visit=Visit(of_source=True)), "source"),
        (Origin(url=URL, found_on=URL, visit=Visit(first_fetched_at=1.0)), "revisit"),
        (Origin(url=URL, found_on=URL, visit=Visit(replayed=True)), "replayed"),
    ],
)
def test_why_a_page_is_fetched(origin: Origin, kind: str) -> None:
    assert kind_of(origin) == kind


@pytest.mark.parametrize(
    ("reason", "label"),
    [
        ("robots_disallowed", "robots_disallowed"),
        ("http_404", "http_404"),
        ("http_999", "other"),
        ('a"b', "other"),
        (None, "none"),
    ],
)
def test_a_reason_is_a_slug_of_ours(reason: str | None, label: str) -> None:
    assert reason_label(reason) == label


def test_there_are_never_too_many_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_reasons", set())
    slugs = [first + second for first in "abcdefghijklm" for second in "abcdefghijklm"]
    labels = {reason_label(slug) for slug in slugs}
    assert len(labels) == MOST_REASONS + 1
    assert "other" in labels


def counted(result: str) -> float:
    labels = {"stage": "parse", "result": result, "kind": "asked"}
    return REGISTRY.get_sample_value("depeche_stage_pages_total", labels) or 0.0


def test_what_a_child_did_is_counted_in_its_parent() -> None:
    before = counted("passed"), counted("failed")
    done = [Worked(stage="parse", result=result, kind="asked", seconds=0.1) for result in ["passed"] * 300 + ["failed"]]
    with CountsOfChildren() as counts:
        if os.fork() == 0:
            counts.tell(done)
            os._exit(0)
        os.wait()
        wait_until(lambda: (counted("passed"), counted("failed")) == (before[0] + 300, before[1] + 1))
