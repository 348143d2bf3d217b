""".env.example has every setting, with a sentence and its default, and nothing else."""

import re
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from cli.dashboard.settings import DashboardSettings
from cli.relay.settings import RelaySettings
from cli.settings import CliSettings
from services.fetcher.settings import FetcherSettings
from services.indexer.settings import IndexerSettings, RetentionSettings
from services.parser.settings import NativeSettings, ParserSettings
from shared.settings import ENV_PREFIX, BrokerSettings

EXAMPLE = Path(__file__).parents[2] / ".env.example"
SETTINGS: list[type[BaseSettings]] = [
    BrokerSettings,
    FetcherSettings,
    NativeSettings,
    ParserSettings,
    IndexerSettings,
    RetentionSettings,
    CliSettings,
    DashboardSettings,
    RelaySettings,
]
LINE = re.compile(rf"#({ENV_PREFIX}[A-Z_]+)=(.*)$")


def documented(*, compose: bool = False) -> dict[str, str]:
    """Variable -> the value that stands for its default; each stands under a sentence, alone or with its like."""
    of_services, _, of_compose = EXAMPLE.read_text("utf-8").partition("# --- Docker Compose only")
    found: dict[str, str] = {}
    sentence = ""
    for line in (of_compose if compose else of_services).splitlines():
        match = LINE.match(line)
        if match is None:
            sentence = line
            continue
        assert re.match(r"# \w.*\.$", sentence), f"{match[1]} has no sentence above it"
        assert match[1] not in found, f"{match[1]} is there twice"
        found[match[1]] = match[2]
    return found


def fields() -> dict[str, type[BaseSettings]]:
    # The command line's URLs are those of the services, with another default.
    return {ENV_PREFIX + name.upper(): settings for settings in reversed(SETTINGS) for name in settings.model_fields}


def test_every_setting_is_documented_and_every_line_is_a_setting() -> None:
    assert set(documented()) == set(fields())


def test_what_only_compose_reads_is_documented_apart() -> None:
    files = [EXAMPLE.parent / "docker-compose.yml", *(EXAMPLE.parent / "deploy" / "hosts").iterdir()]
    read = {name for file in files for name in re.findall(rf"{ENV_PREFIX}[A-Z_]*[A-Z]", file.read_text("utf-8"))}
    assert set(documented(compose=True)) == read - set(fields())


@pytest.mark.parametrize("settings", SETTINGS)
def test_every_setting_describes_itself(settings: type[BaseSettings]) -> None:
    for name, field in settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_values_shown_are_the_defaults(
    settings: type[BaseSettings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    defaults = settings()
    for name, value in documented().items():
        if fields()[name] is settings:
            monkeypatch.setenv(name, value)
    assert settings() == defaults


def test_no_other_setting_is_read_anywhere() -> None:
    """A settings class that is missing from SETTINGS, or a variable that is read behind its back."""
    root = EXAMPLE.parent
    sources = [path for folder in ("shared", "services", "cli") for path in (root / folder).rglob("*.py")]
    named = {name for path in sources for name in re.findall(rf"{ENV_PREFIX}[A-Z_]*[A-Z]", path.read_text("utf-8"))}
    assert named <= set(documented())
    classes = {name for path in sources for name in re.findall(r"class (\w+)\(\w*Settings\)", path.read_text("utf-8"))}
    assert classes == {settings.__name__ for settings in SETTINGS}
