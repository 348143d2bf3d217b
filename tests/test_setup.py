"""Depeche is installed from its checkout and built into no package; its version stands in one place."""

import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from shared.version import VERSION

ROOT = Path(__file__).parents[1]
REFUSAL = "Depeche is an application and is not built into a package"


def build(what: str, target: Path) -> subprocess.CompletedProcess[str]:
    """What pip and other front ends do: the named hook of the build back end, called in the checkout."""
    call = f"from setuptools import build_meta; build_meta.build_{what}({str(target)!r})"
    return subprocess.run([sys.executable, "-c", call], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("what", ["wheel", "sdist"])
def test_a_package_is_refused_with_the_reason(what: str, tmp_path: Path) -> None:
    built = build(what, tmp_path)
    assert built.returncode == 1
    assert built.stderr.strip().splitlines()[-1].startswith(REFUSAL)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_editable_install_is_not(tmp_path: Path) -> None:
    built = build("editable", tmp_path)
    assert built.returncode == 0, built.stderr
    assert [path.name.split("-")[:2] for path in tmp_path.glob("*.whl")] == [["depeche", VERSION]]


def test_the_version_is_read_from_the_code() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "version" in project["project"]["dynamic"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "shared.version.VERSION"}
    assert version("depeche") == VERSION, "`make setup` brings the environment up to date"


def test_the_command_line_tells_the_version() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "cli.main", "--version"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (shown.returncode, shown.stdout) == (0, f"depeche {VERSION}\n")
