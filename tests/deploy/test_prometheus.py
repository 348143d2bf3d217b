"""Every rule and every query of the dashboard asks for metrics that are served, by labels that they have."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml

from services.indexer.app import open_pool
from tests.deploy.manifests import ROOT, compose
from tests.support.metrics import Told, of_the_code

PROMETHEUS = ROOT / "deploy" / "prometheus"
GRAFANA = ROOT / "deploy" / "grafana"
RULES = [
    rule for group in yaml.safe_load((PROMETHEUS / "rules.yml").read_text("utf-8"))["groups"] for rule in group["rules"]
]
CASES = ("rules_test.yml", "rules_days_test.yml")
DASHBOARD = json.loads((GRAFANA / "dashboards" / "depeche.json").read_text("utf-8"))
RECORDED = {rule["record"] for rule in RULES if "record" in rule}

# A metric with its selector, if it has one; what stands between the braces of ours has no brace of its own.
SELECTED = re.compile(r"\b(depeche[\w:]+)(?:\{([^}]*)\})?")
LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"")
GROUPED = re.compile(r"\b(?:by|on|without|ignoring)\s*\(([^)]*)\)")
LEGEND = re.compile(r"\{\{\s*(\w+)\s*\}\}")
SUMMARY = re.compile(r"\$labels\.(\w+)")
OF_HISTOGRAM = re.compile(r"_(bucket|sum|count)$")


def targets() -> Iterator[dict[str, Any]]:
    for panel in DASHBOARD["panels"]:
        yield from panel["targets"]


def queries() -> dict[str, str]:
    """Every expression, by the name of what it is for."""
    of_rules = {rule.get("alert") or rule["record"]: rule["expr"] for rule in RULES}
    of_panels = {f"{p['title']} {t['refId']}": t["expr"] for p in DASHBOARD["panels"] for t in p["targets"]}
    return {**of_rules, **of_panels}


def faults(query: str, told: Told) -> list[str]:
    """What is wrong with a query: metrics that nobody serves, and labels that none of its metrics has."""
    found: list[str] = []
    labels: set[str] = set()
    for name, selector in SELECTED.findall(query):
        base = OF_HISTOGRAM.sub("", name)
        if name in RECORDED:
            labels |= labels_of_recorded(name)
        elif name in told and told[name][0] != "histogram":
            labels |= told[name][1]
        elif name != base and base in told and told[base][0] == "histogram":
            labels |= told[base][1] | ({"le"} if name.endswith("_bucket") else set())
        else:
            found.append(f"{name} is not served")
        found += [f"{name} has no {label}" for label in LABEL.findall(selector) if label not in labels]
    return found + [f"nothing has {label}" for label in sorted(grouping(query) - labels)]


def grouping(query: str) -> set[str]:
    """The labels by which a query groups."""
    return {label.strip() for group in GROUPED.findall(query) for label in group.split(",")} - {""}


def labels_of_recorded(name: str) -> set[str]:
    """The labels by which a recorded query groups."""
    (expr,) = [rule["expr"] for rule in RULES if rule.get("record") == name]
    return grouping(expr)


@pytest.fixture
def told(database_url: str, client: "redis.Redis") -> Told:
    with open_pool(database_url, 1) as pool:
        return of_the_code(pool, client)


def test_every_query_asks_for_what_is_served(told: Told) -> None:
    assert {name: wrong for name, query in queries().items() if (wrong := faults(query, told))} == {}


def test_what_is_not_served_is_found(told: Told) -> None:
    assert faults("max(depeche_nothing)", told) == ["depeche_nothing is not served"]
    assert faults('sum(rate(depeche_batch_seconds{stage="x"}[5m]))', told)
    assert faults('max(depeche_workers{stge="parse"})', told) == ["depeche_workers has no stge"]
    assert faults("max by (hostt) (depeche_workers)", told) == ["nothing has hostt"]


def test_texts_name_labels_that_the_query_keeps() -> None:
    for rule in RULES:
        if "alert" in rule:
            assert set(SUMMARY.findall(rule["annotations"]["summary"])) <= grouping(rule["expr"]), rule["alert"]
            assert rule["labels"]["severity"] in {"page", "ticket"}
    for target in targets():
        kept = grouping(target["expr"])
        for name in RECORDED & {metric for metric, _ in SELECTED.findall(target["expr"])}:
            kept |= labels_of_recorded(name)
        assert set(LEGEND.findall(target["legendFormat"])) <= kept, target["expr"]


def test_each_alert_has_a_case_in_which_it_fires() -> None:
    cases = [case for name in CASES for case in yaml.safe_load((PROMETHEUS / name).read_text("utf-8"))["tests"]]
    fire = {case["name"] for case in cases if any(test["exp_samples"] for test in case["promql_expr_test"])}
    quiet = {case["name"] for case in cases if not all(test["exp_samples"] for test in case["promql_expr_test"])}
    assert fire == quiet == {rule["alert"] for rule in RULES if "alert" in rule}


def test_the_dashboard_is_provisioned() -> None:
    (source,) = yaml.safe_load((GRAFANA / "datasource.yml").read_text("utf-8"))["datasources"]
    assert {target["datasource"]["uid"] for target in targets()} == {source["uid"]}
    assert source["url"] == "http://prometheus:9090"
    (provider,) = yaml.safe_load((GRAFANA / "dashboards.yml").read_text("utf-8"))["providers"]
    mounts = dict(volume.split(":")[:2] for volume in compose()["grafana"]["volumes"])
    assert mounts["./deploy/grafana/dashboards"] == provider["options"]["path"]
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))


def test_prometheus_scrapes_every_worker() -> None:
    (job,) = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text("utf-8"))["scrape_configs"]
    (names,) = job["dns_sd_configs"]
    services = compose()
    serving = {name for name, service in services.items() if "DEPECHE_METRICS_PORT" in service.get("environment", {})}
    assert set(names["names"]) == serving == {"fetcher", "tick", "parser", "indexer", "relay"}
    assert {services[name]["environment"]["DEPECHE_METRICS_PORT"] for name in serving} == {
        f"${{DEPECHE_METRICS_PORT-{names['port']}}}"
    }


@pytest.fixture(scope="module")
def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not installed")
    return found


def test_the_rules_are_right_and_fire_when_they_should(promtool: str) -> None:
    for arguments in (["check", "config", "prometheus.yml"], ["test", "rules", *CASES]):
        done = subprocess.run([promtool, *arguments], cwd=PROMETHEUS, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_queries_of_the_dashboard_are_promql(promtool: str, tmp_path: Path) -> None:
    exprs = [target["expr"].replace("$__rate_interval", "1m") for target in targets()]
    rules = [{"record": f"panel:{number}", "expr": expr} for number, expr in enumerate(exprs)]
    (tmp_path / "panels.yml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}), "utf-8")
    command = [promtool, "check", "rules", tmp_path / "panels.yml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
