"""The manifests of deploy/kubernetes and docker-compose.yml, read as data."""

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
KUBERNETES = ROOT / "deploy" / "kubernetes"
BASE = KUBERNETES / "base"
WORKERS = ("fetcher", "tick", "parser", "indexer")


def compose() -> dict[str, Any]:
    """The services of docker-compose.yml as they are written."""
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]


def of_base(*kinds: str) -> dict[str, Any]:
    """The objects of these kinds that the base names, by their names without `depeche-`."""
    files = yaml.safe_load((BASE / "kustomization.yaml").read_text("utf-8"))["resources"]
    every = [each for file in files for each in yaml.safe_load_all((BASE / file).read_text("utf-8"))]
    return {each["metadata"]["name"].removeprefix("depeche-"): each for each in every if each["kind"] in kinds}


def pod_of(workload: dict[str, Any]) -> Any:
    """The pod's specification, in a Deployment, a Job or a CronJob."""
    spec = workload["spec"]
    return spec.get("jobTemplate", {"spec": spec})["spec"]["template"]["spec"]


def settings_file(config_map: str) -> dict[str, str]:
    """What settings/NAME.env says, from which the base makes this ConfigMap."""
    text = (BASE / "settings" / f"{config_map.removeprefix('depeche-')}.env").read_text("utf-8")
    return dict(line.partition("=")[::2] for line in text.splitlines())


def environment(workload: dict[str, Any]) -> dict[str, str]:
    """The settings that a workload's container gets."""
    (container,) = pod_of(workload)["containers"]
    maps = [source["configMapRef"]["name"] for source in container["envFrom"]]
    return {name: value for each in maps for name, value in settings_file(each).items()}
