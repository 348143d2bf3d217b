"""What is in the images, and what the containers may do."""

import json

import pytest

from shared.version import VERSION
from tests.compose.stack import Stack, docker, inspect
from tools.sbom import document

pytestmark = [pytest.mark.compose, pytest.mark.timeout(900)]

OCI = "org.opencontainers.image."
WORKERS = ("fetcher", "tick", "parser", "indexer")
IMPORTABLE = """
import importlib.util, json, sys
def there(name):
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False
print(json.dumps([name for name in sys.argv[1:] if there(name)]))
"""
INSTALLED = """
import importlib.metadata, json, re
there = importlib.metadata.distributions()
print(json.dumps({re.sub("[-_.]+", "-", each.metadata["Name"]).lower(): each.version for each in there}))
"""
CODE = ("cli", "services.fetcher", "services.parser", "services.indexer")
LIBRARIES = ("httpx", "selectolax", "psycopg", "typer", "pytest")
HOLDS = {
    "fetcher": ["services.fetcher", "httpx"],
    "parser": ["services.parser", "selectolax"],
    "indexer": ["services.indexer", "psycopg"],
    "cli": [*CODE, "httpx", "selectolax", "psycopg", "typer"],
}


@pytest.mark.parametrize("image", HOLDS)
def test_an_image_holds_only_its_own_service_and_libraries(stack: Stack, image: str) -> None:
    run = ("run", "--rm", "--network", "none", "--entrypoint", "python", f"{stack.project}-{image}", "-c", IMPORTABLE)
    assert set(json.loads(docker(*run, *CODE, *LIBRARIES))) == set(HOLDS[image])


@pytest.mark.parametrize("image", HOLDS)
def test_an_image_holds_what_its_document_lists(stack: Stack, image: str) -> None:
    """Of `make sbom`: neither less nor more."""
    run = ("run", "--rm", "--network", "none", "--entrypoint", "python", f"{stack.project}-{image}", "-c", INSTALLED)
    listed = {
        each["name"]: each["version"] for each in json.loads(document(image))["components"] if each["type"] == "library"
    }
    assert json.loads(docker(*run)) == listed


@pytest.mark.parametrize("image", HOLDS)
def test_an_image_has_no_compiler_and_no_package_installer_in_its_environment(stack: Stack, image: str) -> None:
    look = "ls /venv/bin; command -v gcc cc make || true; ls -A /root/.cache 2>/dev/null || true"
    found = docker("run", "--rm", "--network", "none", "--entrypoint", "sh", f"{stack.project}-{image}", "-c", look)
    assert "python" in found.split()
    assert not {"pip", "uv", "/usr/bin/gcc", "/usr/bin/cc", "/usr/bin/make"} & set(found.split())


@pytest.mark.parametrize("image", HOLDS)
def test_an_image_says_what_it_is(stack: Stack, image: str) -> None:
    labels = json.loads(docker("image", "inspect", f"{stack.project}-{image}"))[0]["Config"]["Labels"]
    said = {name.removeprefix(OCI): value for name, value in labels.items() if name.startswith(OCI)}
    assert said.pop("description")
    assert said == {
        "title": f"Depeche {image}",
        "version": VERSION,
        "licenses": "Apache-2.0",
        "revision": stack.settings["DEPECHE_REVISION"],
        "source": stack.settings["DEPECHE_SOURCE"],
    }


def test_no_process_runs_as_root(stack: Stack) -> None:
    for container in stack.containers("redis", "postgres", *WORKERS):
        processes = docker("top", container, "-eo", "uid,pid,args").splitlines()[1:]
        assert processes
        # Postgres' image starts as root, so its health check, which lives for milliseconds, does as well; and so
        # does the engine's own program, before it becomes a health check.
        passing = ("pg_isready", "runc init")
        assert not [line for line in processes if line.split()[0] == "0" and not any(name in line for name in passing)]


def test_containers_have_a_read_only_root_and_no_privileges(stack: Stack) -> None:
    for container in stack.containers("redis", "postgres", *WORKERS):
        host = inspect(container)["HostConfig"]
        assert host["ReadonlyRootfs"]
        assert host["CapDrop"] == ["ALL"]
        assert host["SecurityOpt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("service", WORKERS)
def test_a_worker_can_write_to_its_tmp_only(stack: Stack, service: str) -> None:
    attempt = f"touch /tmp/x && ! touch /app/x /run/depeche/{service}/x 2>/dev/null && id -u"
    assert stack.compose("exec", "--no-TTY", service, "sh", "-c", attempt).strip() == "10001"


def test_only_postgres_and_the_dashboard_are_published_and_only_on_the_loopback(stack: Stack) -> None:
    bound = {
        (inspect(container)["Config"]["Labels"]["com.docker.compose.service"], binding["HostIp"])
        for container in stack.containers()
        for bindings in inspect(container)["NetworkSettings"]["Ports"].values()
        for binding in bindings or []
    }
    assert bound == {("postgres", "127.0.0.1"), ("dashboard", "127.0.0.1")}


@pytest.mark.parametrize("service", ["parser", "indexer", "tick"])
def test_a_worker_other_than_the_fetcher_cannot_reach_a_site(stack: Stack, service: str) -> None:
    networks = inspect(stack.containers("site")[0])["NetworkSettings"]["Networks"]
    [address] = [network["IPAddress"] for network in networks.values()]
    connect = f"import socket; socket.create_connection(('{address}', 8000), timeout=2)"
    failed = stack.compose(
        "exec",
        "--no-TTY",
        service,
        "python",
        "-c",
        f"""
try:
    {connect}
except OSError as error:
    print("no way", error)
""",
    )
    assert failed.startswith("no way")
    stack.compose("exec", "--no-TTY", "fetcher", "python", "-c", connect)
