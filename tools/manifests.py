"""Renders a kustomization as `kubectl apply -k` would, and checks each object against Kubernetes' and KEDA's schemas.

It talks to no cluster. `make manifests DIR=folder` runs it.
"""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml
from cloudcoil.models.keda import v1alpha1 as keda
from kubernetes_validate.utils import latest_version
from pydantic import ValidationError

# The oldest version of Kubernetes that the manifests are for; they are checked against it and the newest.
OLDEST = "1.30.0"
KEDA = "keda.sh/v1alpha1"


class CannotRender(Exception):
    """kubectl's own words on why the folder cannot be rendered."""


def rendered(folder: Path) -> list[dict[str, Any]]:
    """Returns the objects of a kustomization; raises CannotRender."""
    kubectl = Path(sys.executable).parent / "kubectl"
    done = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotRender(done.stderr.strip())
    return [each for each in yaml.safe_load_all(done.stdout) if each]


def problems(manifest: Mapping[str, Any]) -> list[str]:
    """Returns what is wrong with an object, a sentence each; a field that the schema does not have is wrong, too."""
    name = f"{manifest.get('kind')} {manifest.get('metadata', {}).get('name')}"
    found = _of_keda(manifest) if manifest.get("apiVersion") == KEDA else _of_kubernetes(manifest)
    return [f"{name}: {problem}" for problem in found]


def _of_kubernetes(manifest: Mapping[str, Any]) -> Iterator[str]:
    for version in (OLDEST, latest_version()):
        try:
            kubernetes_validate.validate(manifest, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"{'.'.join(map(str, error.path))}: {error.message} (Kubernetes {version})"
        except kubernetes_validate.SchemaNotFoundError as error:
            yield f"{error.message} (Kubernetes {version})"


def _of_keda(manifest: Mapping[str, Any]) -> Iterator[str]:
    model = getattr(keda, str(manifest["kind"]), None)
    if model is None:
        yield f"KEDA has no kind {manifest['kind']}"
        return
    try:
        read = model.model_validate(manifest)
    except ValidationError as error:
        yield from (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        return
    # The model passes over what it does not know, so what it has read is compared with what was written.
    for path in unread(manifest, read.model_dump(mode="json", by_alias=True, exclude_unset=True)):
        yield f"{path}: KEDA has no such field"


def unread(written: Any, read: Any, path: str = "") -> Iterator[str]:
    """Yields the path of each field of `written` that `read` lacks."""
    if isinstance(written, Mapping) and isinstance(read, Mapping):
        for key, value in written.items():
            where = f"{path}.{key}" if path else str(key)
            yield from unread(value, read[key], where) if key in read else [where]
    elif isinstance(written, list) and isinstance(read, list):
        for number, (one, other) in enumerate(zip(written, read, strict=True)):
            yield from unread(one, other, f"{path}.{number}")


def main(arguments: Sequence[str]) -> int:
    """Returns 0 if all is well, 1 if an object is wrong, 2 if the folder cannot be rendered."""
    try:
        manifests = rendered(Path(arguments[0]))
    except CannotRender as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    found = [problem for manifest in manifests for problem in problems(manifest)]
    for problem in found:
        print(problem, file=sys.stderr)  # noqa: T201
    print(f"{len(manifests)} objects, {len(found)} problems (Kubernetes {OLDEST} and {latest_version()}, KEDA)")  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
