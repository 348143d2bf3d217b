"""Images of others: exact versions, the same ones everywhere, and digests by one command."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.manifests import ROOT

FILES = ("docker-compose.yml", "Dockerfile")
# A program in the place of docker, whose registry has an image whose digest is a checksum of its name.
DOCKER = """#!/bin/sh
case $1 in
    pull) ;;
    image) echo "${5%%:*}@sha256:$(printf %s "$5" | sha256sum | cut -c -64)" ;;
esac
"""


def images(folder: Path = ROOT) -> dict[str, set[str]]:
    """File -> the images of others that it names, with their settings."""
    patterns = (r"\$\{DEPECHE_(\w+)_IMAGE:-([^}]+)\}", r"^ARG (\w+)_IMAGE=(\S+)$")
    texts = {file: (folder / file).read_text("utf-8") for file in FILES}
    return {
        file: {"=".join(pair) for pattern in patterns for pair in re.findall(pattern, text, re.MULTILINE)}
        for file, text in texts.items()
    }


def test_images_of_others_are_named_by_exact_versions() -> None:
    named = set().union(*images().values())
    assert {each.partition("=")[0] for each in named} == {"PYTHON", "POSTGRES", "REDIS", "PROMETHEUS", "GRAFANA"}
    for each in named:
        wanted = r"\d+\.\d+" if each.startswith("POSTGRES") else r"\d+\.\d+\.\d+"  # Postgres has two numbers
        assert re.search(rf":v?{wanted}(-slim-\w+)?(@sha256:[0-9a-f]{{64}})?$", each), each


def test_the_dockerfile_and_compose_name_the_same_images() -> None:
    named = images()
    assert named["Dockerfile"] <= named["docker-compose.yml"]


def test_no_image_of_others_is_named_in_another_way() -> None:
    dockerfile, compose = ((ROOT / file).read_text("utf-8") for file in ("Dockerfile", "docker-compose.yml"))
    own = set(re.findall(r"^FROM \S+ AS (\S+)", dockerfile, re.MULTILINE))
    own |= {"${SERVICE}", "${SERVICE}-code", "${SERVICE}-libraries"}
    assert set(re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)) - own == {"${PYTHON_IMAGE}", "${POSTGRES_IMAGE}"}
    other = [name for name in re.findall(r"^ +image: (\S+)$", compose, re.MULTILINE) if "_IMAGE:-" not in name]
    assert all(name.startswith("${COMPOSE_PROJECT_NAME}-") for name in other)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what pin-images reads and writes."""
    (tmp_path / "deploy").mkdir()
    for file in (*FILES, "deploy/pin-images"):
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


def pin(folder: Path, docker: str) -> "subprocess.CompletedProcess[str]":
    program = folder / "bin" / "docker"
    program.parent.mkdir(exist_ok=True)
    program.write_text(docker, "utf-8")
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    command = ["sh", folder / "deploy" / "pin-images"]
    return subprocess.run(command, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False)


def test_digests_are_added_and_changed(copy: Path) -> None:
    before = images(copy)
    assert pin(copy, DOCKER).returncode == 0
    pinned = images(copy)
    assert all(re.fullmatch(r"\w+=[^@]+@sha256:[0-9a-f]{64}", each) for of in pinned.values() for each in of)
    without = {file: {each.partition("@")[0] for each in of} for file, of in pinned.items()}
    assert without == {file: {each.partition("@")[0] for each in of} for file, of in before.items()}
    assert pin(copy, DOCKER.replace("printf %s", "printf 2%s")).returncode == 0
    again = images(copy)
    assert all(not again[file] & pinned[file] for file in FILES)
    assert {each.partition("@")[0] for each in again["Dockerfile"]} == without["Dockerfile"]


def test_without_a_registry_nothing_is_changed(copy: Path) -> None:
    before = [(copy / file).read_text("utf-8") for file in FILES]
    done = pin(copy, "#!/bin/sh\nexit 1\n")
    assert done.returncode == 1
    assert "cannot be pulled" in done.stderr
    assert [(copy / file).read_text("utf-8") for file in FILES] == before
