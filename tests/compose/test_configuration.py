"""docker-compose.yml as Compose reads it; no engine needed."""

import json
import re
from typing import Any

import pytest
from pydantic_settings import BaseSettings

from cli.dashboard.settings import DashboardSettings
from services.fetcher.settings import FetcherSettings
from services.indexer.settings import IndexerSettings
from services.parser.settings import ParserSettings
from shared.settings import BrokerSettings
from tests.compose.stack import ROOT, Stack

pytestmark = [pytest.mark.compose, pytest.mark.usefixtures("compose")]

READ_BY: dict[str, list[type[BaseSettings]]] = {
    "fetcher": [BrokerSettings, FetcherSettings],
    "tick": [BrokerSettings, FetcherSettings],
    "parser": [BrokerSettings, ParserSettings],
    "indexer": [BrokerSettings, IndexerSettings],
    "cli": [FetcherSettings, ParserSettings],
    "dashboard": [DashboardSettings],
}
# Inside the stack these are what they are, whatever .env says for a `depeche` on the host.
FIXED = {"DEPECHE_REDIS_URL", "DEPECHE_DATABASE_URL", "DEPECHE_DASHBOARD_PASSWORD", "DEPECHE_HEALTH_FILE"}
# Files of the host, which are mounted.
MOUNTED = {"DEPECHE_SOURCES", "DEPECHE_SITE_RULES"}
ONE_SHOTS = {"secrets", "migrate", "cli", "backup", "restore"}


def configuration(**settings: str) -> Any:
    """The services as Compose understands them."""
    stack = Stack(project="depeche-config", settings=settings)
    rendered = json.loads(stack.compose("--profile", "cli", "config", "--format", "json"))
    for name in ("site", "ballast"):
        del rendered["services"][name]
    return rendered["services"]


@pytest.mark.parametrize("service", READ_BY)
def test_every_setting_reaches_the_service_that_reads_it(service: str) -> None:
    names = {f"DEPECHE_{field.upper()}" for model in READ_BY[service] for field in model.model_fields}
    names -= FIXED | MOUNTED
    environment = configuration(**{name: f"set-{name}" for name in names})[service]["environment"]
    assert {name: environment.get(name) for name in names} == {name: f"set-{name}" for name in names}


def test_servers_in_env_are_for_the_host_and_not_for_the_stack() -> None:
    services = configuration(DEPECHE_REDIS_URL="redis://elsewhere", DEPECHE_DATABASE_URL="postgresql://elsewhere")
    assert "elsewhere" not in json.dumps(services)


def test_only_postgres_and_the_dashboard_are_published_and_only_on_the_loopback() -> None:
    ports = {name: service["ports"] for name, service in configuration().items() if "ports" in service}
    published = {name: [(port["host_ip"], port["published"]) for port in of] for name, of in ports.items()}
    assert published == {"postgres": [("127.0.0.1", "5432")], "dashboard": [("127.0.0.1", "8080")]}


def test_only_the_fetcher_and_the_command_line_have_a_way_out() -> None:
    services = configuration()
    assert {name for name, service in services.items() if "outbound" in service.get("networks", {})} == {
        "fetcher",
        "cli",
    }


@pytest.mark.parametrize(
    ("secret", "needed_by"),
    [
        ("postgres-secret", {"postgres", "migrate", "backup", "restore"}),
        ("indexer-secret", {"migrate", "indexer"}),
        ("cli-secret", {"migrate", "cli"}),
        ("dashboard-secret", {"migrate", "dashboard"}),
        ("redis-secret", {"redis", "fetcher", "tick", "parser", "indexer", "cli"}),
    ],
)
def test_a_password_is_given_only_to_what_needs_it(secret: str, needed_by: set[str]) -> None:
    mounts = {
        name: volume
        for name, service in configuration().items()
        for volume in service.get("volumes", [])
        if volume["source"] == secret
    }
    assert set(mounts) == {"secrets", *needed_by}
    assert {name for name, volume in mounts.items() if not volume.get("read_only")} == {"secrets"}


def test_everything_that_stays_up_restarts_has_a_health_check_and_limits() -> None:
    for name, service in configuration().items():
        assert service["logging"]["options"]["max-size"], name
        if name in ONE_SHOTS:
            assert service.get("restart", "no") == "no"
        else:
            assert service["restart"] in {"always", "unless-stopped"}, name
            assert service["healthcheck"]["test"], name
            assert int(service["mem_limit"]) > 0, name
            assert service["stop_grace_period"], name


def test_a_further_host_runs_nothing_but_workers() -> None:
    further = Stack(project="depeche-config", settings={}, files=("deploy/hosts/workers.yml",))
    assert set(further.compose("config", "--services").split()) == {"secrets", "fetcher", "parser", "indexer"}


def test_the_servers_of_several_hosts_do_not_start_without_a_name() -> None:
    nameless = Stack(project="depeche-config", settings={}, files=("deploy/hosts/servers.yml",))
    with pytest.raises(AssertionError, match="DEPECHE_SERVER_NAME"):
        nameless.compose("config", "--services")


@pytest.mark.parametrize(
    ("service", "setting"),
    [
        *((service, "DEPECHE_SOURCES") for service in ("tick", "fetcher", "cli")),
        ("parser", "DEPECHE_SITE_RULES"),
        ("cli", "DEPECHE_SITE_RULES"),
    ],
)
def test_a_file_that_a_setting_names_is_mounted(service: str, setting: str) -> None:
    for settings, file in (({}, "deploy/nothing.toml"), ({setting: "sources.example.toml"}, "sources.example.toml")):
        configured = configuration(**settings)[service]
        target = configured["environment"][setting]
        [mount] = [volume for volume in configured["volumes"] if volume["target"] == target]
        assert mount["source"] == str(ROOT / file)
        assert mount["read_only"]


def test_every_variable_that_only_compose_reads_is_documented() -> None:
    files = [ROOT / "docker-compose.yml", *(ROOT / "deploy/hosts").iterdir()]
    used = {name for file in files for name in re.findall(r"\$\{(DEPECHE_\w+)", file.read_text("utf-8"))}
    documented = set(re.findall(r"DEPECHE_\w+", (ROOT / "docs/operations.md").read_text("utf-8")))
    assert used
    assert not used - documented
