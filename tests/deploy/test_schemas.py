"""The manifests as kubectl renders them, and what the check of them finds."""

import copy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.fetcher.metrics import RedisFacts
from shared.messages import TASKS
from tests.deploy.manifests import KUBERNETES, WORKERS, environment, of_base, pod_of
from tests.support.documented import commands
from tools.manifests import CannotRender, main, problems, rendered

POD_KINDS = ("Deployment", "Job", "CronJob")


@pytest.fixture(scope="module")
def example() -> list[dict[str, Any]]:
    """The example's objects."""
    return rendered(KUBERNETES / "example")


@pytest.mark.parametrize("folder", ["base", "example"])
def test_the_manifests_are_as_the_schemas_want_them(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(KUBERNETES / folder)]) == 0, capsys.readouterr().err


def one(manifests: list[dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
    (found,) = [each for each in manifests if (each["kind"], each["metadata"]["name"]) == (kind, name)]
    return copy.deepcopy(found)


def test_a_misspelt_field_is_found(example: list[dict[str, Any]]) -> None:
    parser = one(example, "Deployment", "depeche-parser")
    pod_of(parser)["terminationGracePeriod"] = pod_of(parser).pop("terminationGracePeriodSeconds")
    assert any("terminationGracePeriod" in problem for problem in problems(parser))


def test_a_wrong_value_is_found(example: list[dict[str, Any]]) -> None:
    parser = one(example, "Deployment", "depeche-parser")
    pod_of(parser)["terminationGracePeriodSeconds"] = "35s"
    assert any("35s" in problem for problem in problems(parser))


def test_a_kind_that_does_not_exist_is_found() -> None:
    named = {"metadata": {"name": "x"}}
    assert problems({"apiVersion": "apps/v1", "kind": "Deploiment", **named})
    assert problems({"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObjekt", **named})


def test_mistakes_in_what_is_kedas_are_found(example: list[dict[str, Any]]) -> None:
    scaled = one(example, "ScaledObject", "depeche-parser")
    assert problems(scaled) == []
    scaled["spec"]["maxReplicas"] = scaled["spec"].pop("maxReplicaCount")
    assert problems(scaled) == ["ScaledObject depeche-parser: spec.maxReplicas: KEDA has no such field"]
    scaled = one(example, "ScaledObject", "depeche-parser")
    scaled["spec"]["pollingInterval"] = "often"
    assert any("pollingInterval" in problem for problem in problems(scaled))


def test_a_folder_that_cannot_be_rendered_is_told_in_kubectls_words(tmp_path: Path) -> None:
    with pytest.raises(CannotRender, match="kustomization"):
        rendered(tmp_path)
    assert main([str(tmp_path)]) == 2


def test_all_pods_have_no_privileges(example: list[dict[str, Any]]) -> None:
    pods = [pod_of(each) for each in example if each["kind"] in POD_KINDS]
    assert len(pods) == 7
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"]
        assert not pod["automountServiceAccountToken"]
        assert not pod["enableServiceLinks"], "or Kubernetes sets variables that begin with DEPECHE_"
        (container,) = pod["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert not container["securityContext"]["allowPrivilegeEscalation"]
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]


@pytest.mark.parametrize("worker", WORKERS)
def test_workers_are_asked_for_their_health(example: list[dict[str, Any]], worker: str) -> None:
    (container,) = pod_of(one(example, "Deployment", f"depeche-{worker}"))["containers"]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["exec"]["command"] == ["python", "-m", "shared.health"]


def test_each_stage_scales_by_its_own_age(example: list[dict[str, Any]], client: "Any") -> None:
    (metric,) = (one for one in RedisFacts(client).collect() if one.name == "depeche_queue_oldest_seconds")
    told = {f'{metric.name}{{stage="{sample.labels["stage"]}"}}' for sample in metric.samples}
    service = one(example, "Service", "depeche-tick")
    where = f"http://{service['metadata']['name']}.{service['metadata']['namespace']}.svc:9464/metrics"
    assert environment(of_base("Deployment")["tick"])["DEPECHE_METRICS_PORT"] == "9464"
    stages = {"fetch": "fetcher", "parse": "parser", "index": "indexer"}
    assert set(stages) == set(TASKS)
    for stage, worker in stages.items():
        scaled = one(example, "ScaledObject", f"depeche-{worker}")["spec"]
        assert scaled["scaleTargetRef"]["name"] == f"depeche-{worker}"
        (trigger,) = scaled["triggers"]
        assert trigger["metadata"]["url"] == where
        assert trigger["metadata"]["valueLocation"] in told
        assert f'"{stage}"' in trigger["metadata"]["valueLocation"]


def test_the_documented_secrets_are_those_that_pods_mount(example: list[dict[str, Any]], tmp_path: Path) -> None:
    kubectl = str(Path(sys.executable).parent / "kubectl")
    shown = [words for words in commands("docs/kubernetes.md", "The passwords", "kubectl") if "secret" in words]
    names = {words[words.index("generic") + 1] for words in shown}
    mounted = {
        volume["secret"]["secretName"]
        for each in example
        if each["kind"] in POD_KINDS
        for volume in pod_of(each)["volumes"]
        if "secret" in volume
    }
    assert names == mounted
    redis = [f"{service}-redis" for service in ("fetcher", "tick", "parser", "indexer", "cli")]
    for file in (*redis, "owner-postgres", "indexer-postgres", "cli-postgres", "ca.crt"):
        (tmp_path / file).write_text("an address\n", "utf-8")
    for words in shown:
        dry = [kubectl, *words, "--dry-run=client", "--output=json"]
        done = subprocess.run(dry, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
