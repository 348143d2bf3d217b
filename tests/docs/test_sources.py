"""docs/sources.md names every key of a source with its default, and its examples are right."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from services.fetcher.sources.file import read_sources
from services.fetcher.sources.source import Source

DOCUMENT = (Path(__file__).parents[2] / "docs" / "sources.md").read_text("utf-8")
KEYS = dict(
    re.findall(r"^\| `(\w+)` \| (.*?) \|", DOCUMENT.partition("## Keys")[2].partition("\n## ")[0], re.MULTILINE)
)
EXAMPLES = re.findall(r"^```toml\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
WITHOUT_VALUE = {"name", "url", "kind", "headers", "user_agent", "delay", "proxy"}


def source(**fields: Any) -> Source:
    return Source(**{"name": "a", "url": "https://news.example/", **fields})


def test_every_key_is_documented_and_no_other() -> None:
    assert set(KEYS) == set(Source.model_fields)


@pytest.mark.parametrize("key", sorted(set(Source.model_fields) - WITHOUT_VALUE))
def test_the_default_is_the_one_that_is_named(key: str) -> None:
    value = tomllib.loads(f"it = {KEYS[key].strip('`')}")["it"]
    assert getattr(source(**{key: value}), key) == getattr(source(), key)


def test_the_examples_are_right(tmp_path: Path) -> None:
    assert EXAMPLES
    for example in EXAMPLES:
        path = tmp_path / "sources.toml"
        path.write_text(example, "utf-8")
        assert read_sources(path)
