"""What others have written is here as they have published it, with its licence, and the pages load nothing else."""

import hashlib
import re
import tomllib
from pathlib import Path

import cli.dashboard

STATIC = Path(cli.dashboard.__file__).parent / "static"
TEMPLATES = STATIC.parent / "templates"
LIBRARIES = tomllib.loads((STATIC / "vendor" / "manifest.toml").read_text("utf-8"))["library"]


def test_each_file_has_the_sum_of_the_manifest() -> None:
    sums = {name: digest for library in LIBRARIES for name, digest in library["sha256"].items()}
    found = {path.name: path for path in (STATIC / "vendor").iterdir() if path.name != "manifest.toml"}
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in found.items()} == sums


def test_each_library_has_version_and_licence() -> None:
    for library in LIBRARIES:
        assert library["version"]
        assert library["licence_file"] in library["sha256"]
        text = (STATIC / "vendor" / library["licence_file"]).read_text("utf-8")
        assert "Permission" in text, library["name"]


def test_no_template_has_a_script_a_style_or_another_host() -> None:
    for template in TEMPLATES.rglob("*.html"):
        text = template.read_text("utf-8")
        assert not re.search(r"<style|\sstyle=|\son\w+=|hx-on|javascript:|hx-vals=.js:", text), template
        assert not re.search(r"<script(?! src=\"\{\{ static\()", text), template
        assert not re.search(r"(src|href|action|hx-get|hx-post)=.https?:", text), template
        assert "| safe" not in text, template
        assert "|safe" not in text, template
