"""Writes what each image is made of: its packages, with versions and hashes, as a CycloneDX document (JSON).

Made from the lock files from which the images are built, and so the same for the same commit. Packages of Debian in the
base images are not in it; the base image itself is, by name, version and, once pinned, digest. `make sbom` runs it.
"""

import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement

from shared.version import VERSION

ROOT = Path(__file__).parents[1]
IMAGES = ("fetcher", "parser", "indexer", "cli")
REQUIREMENT = re.compile(r"^(?P<pin>[^\s#].*?)\s*\\?$")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
BASE = re.compile(r"^ARG (\w+)_IMAGE=([^:@]+):([^@\s]+)(?:@(sha256:[0-9a-f]{64}))?$", re.MULTILINE)


def bases() -> dict[str, Component]:
    """Returns the images of others that the Dockerfile names, by PYTHON and POSTGRES."""
    found = BASE.findall((ROOT / "Dockerfile").read_text("utf-8"))
    return {name: _base(image, tag, digest) for name, image, tag, digest in found}


def _base(image: str, tag: str, digest: str) -> Component:
    purl = PackageURL("docker", None, image, digest or tag, {"tag": tag} if digest else None)
    return Component(name=image, version=tag, type=ComponentType.CONTAINER, purl=purl, bom_ref=str(purl))


def environment() -> dict[str, str]:
    """Returns what markers of requirements are judged by: Linux, and the Python of the images."""
    tag = bases()["PYTHON"].version or ""
    version = re.match(r"\d+\.\d+(\.\d+)?", tag)
    if version is None:
        raise ValueError(f"the Dockerfile's tag of Python names no version: {tag}")
    return {
        "python_version": ".".join(version[0].split(".")[:2]),
        "python_full_version": version[0],
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
    }


def packages(image: str) -> Iterator[Component]:
    """Yields the packages that an image gets, with the hashes of all files that pip may take for each."""
    where = environment()
    lines = (ROOT / "requirements" / f"{image}.txt").read_text("utf-8").splitlines()
    starts = [at for at, line in enumerate(lines) if REQUIREMENT.match(line)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        requirement = Requirement(lines[start].rstrip(" \\"))
        if requirement.marker is None or requirement.marker.evaluate(where):
            yield _package(requirement, HASH.findall("\n".join(lines[start:end])))


def _package(requirement: Requirement, hashes: Sequence[str]) -> Component:
    version = str(requirement.specifier).removeprefix("==")
    purl = PackageURL("pypi", None, requirement.name, version)
    files = ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(str(purl)),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=each) for each in hashes],
    )
    return Component(
        name=requirement.name,
        version=version,
        type=ComponentType.LIBRARY,
        purl=purl,
        bom_ref=str(purl),
        external_references=[files],
    )


def document(image: str) -> str:
    """Returns an image's document; it has no time and no random number in it."""
    name = f"depeche-{image}"
    itself = Component(name=name, version=VERSION, type=ComponentType.CONTAINER, bom_ref=name)
    under = [base for name, base in bases().items() if name == "PYTHON" or image == "cli"]
    of = [*under, *packages(image)]
    bom = Bom(components=of)
    bom.metadata.component = itself
    bom.metadata.properties.add(Property(name="cdx:reproducible", value="true"))
    bom.register_dependency(itself, of)
    made = json.loads(JsonV1Dot6(bom).output_as_string())
    del made["serialNumber"], made["metadata"]["timestamp"]  # the one is drawn, the other is now
    return json.dumps(made, indent=2, sort_keys=True) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Write the documents of all images into a folder, and say where they are."""
    folder = Path(arguments[0] if arguments else ROOT / "sbom")
    folder.mkdir(parents=True, exist_ok=True)
    for image in IMAGES:
        file = folder / f"depeche-{image}.cdx.json"
        file.write_text(document(image), "utf-8")
        sys.stdout.write(f"{file}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
