"""What the documents say that `make sbom` writes, and whether they are what CycloneDX calls one."""

import json
import re
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tools.sbom import IMAGES, ROOT, document, environment, main

VALIDATOR = JsonStrictValidator(SchemaVersion.V1_6)


@pytest.mark.parametrize("image", IMAGES)
def test_a_document_is_valid_and_the_same_each_time(image: str) -> None:
    text = document(image)
    assert VALIDATOR.validate_str(text) is None
    assert document(image) == text


def test_the_validator_refuses_what_is_no_document() -> None:
    broken = json.loads(document("parser"))
    broken["components"][0]["type"] = "teapot"
    assert VALIDATOR.validate_str(json.dumps(broken)) is not None


@pytest.mark.parametrize("image", IMAGES)
def test_it_has_the_packages_of_the_lock_file_that_linux_gets_with_their_hashes(image: str) -> None:
    lock = (ROOT / "requirements" / f"{image}.txt").read_text("utf-8")
    pins = dict(re.findall(r"^([\w.-]+)==([\w.]+) \\$", lock, re.MULTILINE))  # those without a marker
    listed = {each["name"]: each for each in json.loads(document(image))["components"] if each["type"] == "library"}
    assert pins.items() <= {name: each["version"] for name, each in listed.items()}.items()
    assert "colorama" not in listed, "is for Windows"
    for each in listed.values():
        [files] = each["externalReferences"]
        assert files["hashes"]
        assert all(known["content"] in lock for known in files["hashes"])


def test_of_packages_that_python_decides_it_has_the_one_for_the_images_python() -> None:
    assert environment()["python_version"] == "3.13"
    [numpy] = [each for each in json.loads(document("parser"))["components"] if each["name"] == "numpy"]
    lock = (ROOT / "requirements" / "parser.txt").read_text("utf-8")
    assert re.findall(r"^numpy==(\S+) ; python_full_version >= '3.12'", lock, re.MULTILINE) == [numpy["version"]]


def test_it_names_the_base_images() -> None:
    bases = {
        image: {each["purl"] for each in json.loads(document(image))["components"] if each["type"] == "container"}
        for image in IMAGES
    }
    assert all(any(purl.startswith("pkg:docker/python@") for purl in of) for of in bases.values())
    assert {image for image, of in bases.items() if any("postgres" in purl for purl in of)} == {"cli"}


def test_it_names_a_pinned_base_image_by_its_digest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    digest = "sha256:" + "5" * 64
    text = (ROOT / "Dockerfile").read_text("utf-8")
    pinned = re.sub(r"^(ARG PYTHON_IMAGE=[^@\s]+)(@\S+)?$", rf"\1@{digest}", text, flags=re.MULTILINE)
    (tmp_path / "Dockerfile").write_text(pinned, "utf-8")
    (tmp_path / "requirements").symlink_to(ROOT / "requirements")
    monkeypatch.setattr("tools.sbom.ROOT", tmp_path)
    assert f"pkg:docker/python@{digest}" in document("fetcher")
    assert VALIDATOR.validate_str(document("fetcher")) is None


def test_a_document_is_written_for_each_image(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 0
    files = [tmp_path / f"depeche-{image}.cdx.json" for image in IMAGES]
    assert capsys.readouterr().out.split() == [str(file) for file in files]
    assert [file.read_text("utf-8") for file in files] == [document(image) for image in IMAGES]
