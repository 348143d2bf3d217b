"""deploy/kubernetes says the same as docker-compose.yml; no cluster and no kubectl needed."""

from pathlib import Path

import pytest
import yaml

from shared.settings import ENV_PREFIX, load_settings
from shared.version import VERSION
from tests.deploy.manifests import BASE, ROOT, WORKERS, compose, environment, of_base, pod_of, settings_file
from tests.docs.test_env_example import fields

WORKLOADS = of_base("Deployment", "Job", "CronJob")
# A folder of a mounted Secret in a pod -> the volume that Compose mounts there.
FOLDERS = {"redis": "redis-secret", "postgres": "postgres-secret", "indexer": "indexer-secret", "cli": "cli-secret"}


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_has_the_settings_that_it_has_under_compose(worker: str) -> None:
    """Traces are asked for by the variables of a standard, where they are wanted."""
    settings = {name for name in compose()[worker]["environment"] if name.startswith(ENV_PREFIX)}
    assert set(environment(WORKLOADS[worker])) == settings


def test_the_command_line_and_retention_have_the_settings_that_they_have_under_compose() -> None:
    assert set(environment(WORKLOADS["cli"])) >= set(compose()["cli"]["environment"]) - {"TZ"}
    assert set(environment(WORKLOADS["retention"])) == set(compose()["migrate"]["environment"])


def test_every_setting_that_is_named_exists() -> None:
    named = {name for file in (BASE / "settings").iterdir() for name in settings_file(file.stem)}
    assert named
    assert named <= set(fields())
    assert all(name.startswith(ENV_PREFIX) for name in named)


@pytest.mark.parametrize("workload", [*WORKERS, "cli", "retention"])
def test_settings_without_a_value_have_their_defaults(
    workload: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    given = environment(WORKLOADS[workload])
    models = {fields()[name] for name in given}
    defaults = {model: load_settings(model) for model in models}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    for model in models:
        named = {name.removeprefix(ENV_PREFIX).lower() for name, value in given.items() if value}
        assert load_settings(model).model_dump(exclude=named) == defaults[model].model_dump(exclude=named)


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_has_the_time_to_stop_and_the_memory_that_it_has_under_compose(worker: str) -> None:
    service, pod = compose()[worker], pod_of(WORKLOADS[worker])
    assert f"{pod['terminationGracePeriodSeconds']}s" == service["stop_grace_period"]
    default = service["mem_limit"].rpartition(":-")[2].rstrip("}")
    assert pod["containers"][0]["resources"]["limits"]["memory"] == f"{default[:-1]}{default[-1].upper()}i"


@pytest.mark.parametrize("workload", WORKLOADS)
def test_a_password_is_given_only_to_what_has_it_under_compose(workload: str) -> None:
    pod = pod_of(WORKLOADS[workload])
    secrets = {v["name"] for v in pod["volumes"] if "secret" in v} - {"ca"}
    paths = {mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"] if mount["name"] in secrets}
    service = compose()["migrate" if workload == "retention" else workload]
    mounted = dict(volume.split(":")[:2] for volume in service["volumes"] if isinstance(volume, str))
    under_compose = {mounted[volume] for volume in FOLDERS.values() if volume in mounted}
    if workload == "retention":  # which makes no users
        under_compose -= {"/run/indexer", "/run/cli"}
    assert paths == under_compose


def test_no_secret_is_part_of_the_manifests() -> None:
    files = [file.read_text("utf-8") for file in BASE.parent.rglob("*.yaml")]
    objects = [each for text in files for each in yaml.safe_load_all(text) if isinstance(each, dict)]
    assert len(objects) > len(WORKLOADS)
    assert "Secret" not in {each["kind"] for each in objects}
    generated = [
        each for each in objects if each["kind"] in {"Kustomization", "Component"} and "secretGenerator" in each
    ]
    assert not generated


def test_what_may_reach_a_server_is_what_has_its_password() -> None:
    policies = of_base("NetworkPolicy")
    for server, secrets in (("redis", {"redis"}), ("postgres", {"owner", "indexer", "cli"})):
        selector = policies[server]["spec"]["podSelector"]["matchExpressions"]
        (allowed,) = [set(each["values"]) for each in selector]
        holds = {name for name, it in WORKLOADS.items() if secrets & {v["name"] for v in pod_of(it)["volumes"]}}
        assert allowed == holds


def test_images_have_the_version() -> None:
    images = yaml.safe_load((BASE / "kustomization.yaml").read_text("utf-8"))["images"]
    assert {image["newTag"] for image in images} == {VERSION}
    used = {pod_of(workload)["containers"][0]["image"] for workload in WORKLOADS.values()}
    assert {image["name"] for image in images} == used
    assert f":{VERSION}" in (ROOT / "docs/kubernetes.md").read_text("utf-8")
    assert f"ARG VERSION={VERSION}\n" in (ROOT / "Dockerfile").read_text("utf-8")


def test_a_file_that_a_setting_names_is_mounted() -> None:
    for name in (*WORKERS, "cli"):
        mounts = [mount["mountPath"] for mount in pod_of(WORKLOADS[name])["containers"][0]["volumeMounts"]]
        files = {value for value in environment(WORKLOADS[name]).values() if value.startswith("/")}
        assert files
        assert not [file for file in files if file.rpartition("/")[0] not in mounts]
