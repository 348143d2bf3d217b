"""What the incidents name exists, and what is seen of one is told; they themselves are staged by `make incidents`."""

import yaml

from tests.compose.incidents.__main__ import markdown
from tests.compose.incidents.cases import CASES
from tests.compose.incidents.watch import Seen
from tests.compose.stack import ROOT


def test_each_leads_to_a_runbook_and_its_alert_is_one() -> None:
    groups = yaml.safe_load((ROOT / "deploy/prometheus/rules.yml").read_text("utf-8"))["groups"]
    alerts = {
        rule["alert"]: rule["annotations"]["runbook"] for group in groups for rule in group["rules"] if "alert" in rule
    }
    for case in CASES:
        assert (ROOT / "docs/runbooks" / case.runbook).is_file(), case.name
        if case.alert:
            assert alerts[case.alert].endswith(case.runbook), case.name
    assert len({case.name for case in CASES}) == len(CASES) == 10


def test_what_was_seen_is_told_with_its_times() -> None:
    gone = next(case for case in CASES if case.name == "A worker is gone")
    told = markdown([Seen(case=gone, status=7.4, sentence="no parser is consuming", alert=53.0, over=12.0)], left=0)
    assert "| A worker is gone" in told
    assert "7.40" in told
    assert "53.0" in told
    assert "[no-worker](runbooks/no-worker.md)" in told
    assert "no parser is consuming" in told
    assert "Pages in the air at the end: 0." in told
