"""Looks for known vulnerabilities of the packages that the images get.

pip-audit asks OSV's database or, where that is out of reach, a package index of PyPI's kind. By itself it says "No
known vulnerabilities found" also when it could ask for none of the packages. Here, what was not asked for counts as not
audited: exit status 0 means that all were asked for and none is known to be vulnerable, 1 that some are, 3 that not all
could be asked for. `make audit` runs it.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from tools.sbom import IMAGES, packages

SERVICES = ("osv", "pypi")


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    """What a service knew: sentences on what is vulnerable, and which packages it could not be asked for, and why."""

    vulnerable: list[str] = []
    asked: int = 0
    not_asked: list[str] = []
    why_not: str | None = None


def pins(image: str) -> str:
    """Returns the packages that an image gets, as a lock file without markers: those are not of this machine."""
    lines = []
    for package in packages(image):
        hashes = [each.content for file in package.external_references for each in file.hashes]
        lines.append(" ".join([f"{package.name}=={package.version}", *(f"--hash=sha256:{each}" for each in hashes)]))
    return "\n".join(lines) + "\n"


def audit(lines: str, service: str) -> Audit:
    """Ask a service for all packages of such a lock file."""
    with tempfile.TemporaryDirectory() as folder:
        answer, lock = Path(folder) / "answer.json", Path(folder) / "requirements.txt"
        lock.write_text(lines, "utf-8")
        where = ["--requirement", str(lock), "--format", "json", "--output", str(answer), "--progress-spinner", "off"]
        how = ["--disable-pip", "--require-hashes", "--vulnerability-service", service]
        command = [sys.executable, "-m", "pip_audit", *where, *how]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if not answer.exists():
            said = done.stderr.strip().splitlines()
            return Audit(why_not=said[-1] if said else f"pip-audit ended with status {done.returncode}")
        return read(json.loads(answer.read_text("utf-8")))


def read(answer: dict[str, Any]) -> Audit:
    """Returns what pip-audit's answer says."""
    found, not_asked, why_not = [], [], None
    for package in answer["dependencies"]:
        if "skip_reason" in package:
            not_asked.append(package["name"])
            why_not = package["skip_reason"]
        for known in package.get("vulns", []):
            fixed = ", ".join(known["fix_versions"]) or "no version"
            found.append(f"{package['name']} {package['version']}: {known['id']}, mended in {fixed}")
    asked = len(answer["dependencies"]) - len(not_asked)
    return Audit(vulnerable=found, asked=asked, not_asked=not_asked, why_not=why_not)


def best(lines: str) -> Audit:
    """Returns the audit of the first service that knows all packages, else of the last one."""
    told = Audit()
    for service in SERVICES:
        told = audit(lines, service)
        if told.why_not is None or told.vulnerable:
            break
    return told


def status(audits: Sequence[Audit]) -> int:
    """Returns 1 if something is vulnerable, else 3 if something was not asked for, else 0."""
    if any(each.vulnerable for each in audits):
        return 1
    return 3 if any(each.why_not for each in audits) else 0


def sentence(name: str, told: Audit) -> str:
    """Returns what came of an image's packages."""
    if told.vulnerable:
        return "\n  ".join([f"{name}: {len(told.vulnerable)} known vulnerabilities", *told.vulnerable])
    if told.why_not:
        which = f"{len(told.not_asked)} of its packages" if told.asked else "its packages"
        return f"{name}: NOT AUDITED: nobody could be asked for {which} ({told.why_not})"
    return f"{name}: no known vulnerability in {told.asked} packages"


def main() -> int:
    """Audit all images, say what came of each, and return the exit status."""
    audits = {image: best(pins(image)) for image in IMAGES}
    for image, told in audits.items():
        sys.stdout.write(sentence(image, told) + "\n")
    return status(list(audits.values()))


if __name__ == "__main__":
    sys.exit(main())
