"""Workers of two hosts, here two Compose projects, on the servers of the first: as docs/operations.md has it."""

import json
import os
import re
import ssl
import subprocess
from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_network
from itertools import count
from pathlib import Path

import psycopg
import pytest
import redis
from psycopg.conninfo import make_conninfo

from tests.compose.conftest import free_port
from tests.compose.stack import DOCKER_NETWORKS, ROOT, Stack, docker, story
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.compose, pytest.mark.timeout(900)]

WORKERS = ("fetcher", "parser", "indexer")
LANDED = """
import re, urllib.request
with urllib.request.urlopen("http://127.0.0.1:9464/metrics") as answer:
    print(sum(map(float, re.findall(r'^depeche_pages_landed_total{.*} (.*)$', answer.read().decode(), re.M))))
"""
numbers = count(1)


def documented(host: str) -> str:
    """The commands for the first host, or for "each" further one: the second block after it is named."""
    _, _, section = (ROOT / "docs/operations.md").read_text("utf-8").partition("\n## Several hosts\n")
    _, _, text = section.partition(f"On {host}")
    blocks = re.findall(r"(?:^    .+\n)+", text, re.MULTILINE)
    return str(blocks[1])


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which workers.tar comes from the first host to the second."""
    return tmp_path_factory.mktemp("carried")


COMMON = {"DEPECHE_ALLOW_NETWORKS": DOCKER_NETWORKS, "DEPECHE_HOST_DELAY": "0", "DEPECHE_HOST_CONNECTIONS": "0"}


@pytest.fixture(scope="module")
def first(engine: None, carried: Path) -> Iterator[Stack]:
    """The first host, which the second reaches at the address that this machine has for containers."""
    addresses = json.loads(docker("network", "inspect", "bridge", "--format", "{{json (index .IPAM.Config 0)}}"))
    # An engine that made the network since it was started does not say its gateway, which is the first address.
    gateway = addresses.get("Gateway") or str(next(ip_network(addresses["Subnet"]).hosts()))
    ports = {name: str(free_port()) for name in ("DEPECHE_REDIS_PORT", "DEPECHE_POSTGRES_PORT")}
    stack = Stack(
        project=f"depeche-host1-{os.getpid()}",
        settings={**COMMON, **ports, "DEPECHE_SERVER_NAME": gateway},
        files=("deploy/hosts/servers.yml", "tests/compose/site.yml", "tests/compose/disks.yml"),
    )
    try:
        stack.shell(documented("the first"), folder=carried)
        assert (carried / "workers.tar").stat().st_mode & 0o077 == 0, "only its owner can read it"
        yield stack
    finally:
        stack.remove()


@pytest.fixture(scope="module")
def hosts(first: Stack, carried: Path) -> Iterator[tuple[Stack, Stack]]:
    """Both hosts."""
    second = Stack(
        project=first.project.replace("host1", "host2"),
        settings={**COMMON, "SITES": f"{first.project}_outbound"},
        files=("deploy/hosts/workers.yml", "tests/compose/host2.yml"),
    )
    try:
        second.shell(documented("each of them"), folder=carried)
        yield first, second
    finally:
        second.remove()


def fetch(stack: Stack, pages: int) -> None:
    """Pages that nobody has fetched yet land."""
    urls = [story(next(numbers)) for _ in range(pages)]
    with stack.fetching(urls) as landed:
        pass
    assert {page["url"]: page["fate"] for page in landed} == dict.fromkeys(urls, "stored")


def landed(stack: Stack) -> float:
    """How many pages the indexer of this host has stored."""
    return float(stack.compose("exec", "--no-TTY", "indexer", "python", "-c", LANDED))


def test_workers_of_the_first_host_move_pages(first: Stack) -> None:
    fetch(first, 10)


def test_workers_of_both_hosts_move_pages(hosts: tuple[Stack, Stack]) -> None:
    one, two = hosts
    [status] = one.cli("status", "--json")
    workers = Counter(worker["worker"] for worker in status["workers"])
    assert workers == {"fetcher": 2, "parser": 2, "indexer": 2, "tick": 1}
    before = landed(one)
    wait_until(lambda: fetch(one, 20) or (landed(one) > before and landed(two)), what="pages stored by both hosts")
    one.compose("stop", *WORKERS)
    alone = landed(two)
    fetch(one, 10)
    assert landed(two) == alone + 10


@pytest.fixture(scope="module")
def authority(hosts: tuple[Stack, Stack], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of the first host's authority."""
    file = tmp_path_factory.mktemp("authority") / "ca.crt"
    file.write_text(hosts[0].compose("exec", "--no-TTY", "redis", "cat", "/run/depeche/ca/ca.crt"), "utf-8")
    return file


def on_host_two(two: Stack, file: str) -> str:
    """What a file of the second host's secrets says."""
    return two.compose("exec", "--no-TTY", "indexer", "cat", f"/run/depeche/{file}").strip()


def test_redis_answers_with_tls_only_and_shows_a_certificate_of_its_name(
    hosts: tuple[Stack, Stack], authority: Path
) -> None:
    one, two = hosts
    url = on_host_two(two, "indexer/DEPECHE_REDIS_URL")
    assert url.startswith("rediss://")
    url = url.partition("?")[0]
    assert redis.Redis.from_url(url, ssl_ca_certs=str(authority)).ping()
    with pytest.raises(redis.ConnectionError):
        redis.Redis.from_url(url.replace("rediss:", "redis:"), socket_timeout=10).ping()
    with pytest.raises(redis.ConnectionError, match="certificate"):
        redis.Redis.from_url(url).ping()
    elsewhere = url.replace(one.settings["DEPECHE_SERVER_NAME"], "127.0.0.1")
    with pytest.raises(redis.ConnectionError, match="certificate"):
        redis.Redis.from_url(elsewhere, ssl_ca_certs=str(authority)).ping()


def test_postgres_answers_with_tls_only_and_shows_a_certificate_of_its_name(
    hosts: tuple[Stack, Stack], authority: Path
) -> None:
    url = on_host_two(hosts[1], "indexer/DEPECHE_DATABASE_URL")
    with psycopg.connect(make_conninfo(url, sslrootcert=str(authority))) as connection:
        assert connection.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone() == (True,)
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        psycopg.connect(make_conninfo(url, sslmode="disable", sslrootcert=""))
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        psycopg.connect(make_conninfo(url, sslrootcert=ssl.get_default_verify_paths().cafile or "system"))
    with pytest.raises(psycopg.OperationalError, match="does not match host name"):
        psycopg.connect(make_conninfo(url, host="127.0.0.1", sslrootcert=str(authority)))


def test_the_second_host_has_no_more_passwords_than_its_workers_need(hosts: tuple[Stack, Stack]) -> None:
    look = ("run", "--rm", "--no-TTY", "--entrypoint", "find", "secrets", "/run/depeche", "-type", "f")
    assert set(hosts[1].compose(*look).split()) == {
        "/run/depeche/fetcher/DEPECHE_REDIS_URL",
        "/run/depeche/parser/DEPECHE_REDIS_URL",
        "/run/depeche/indexer/DEPECHE_REDIS_URL",
        "/run/depeche/indexer/DEPECHE_DATABASE_URL",
        "/run/depeche/ca/ca.crt",
    }
    mounts = {
        name: [volume["source"] for volume in service.get("volumes", [])]
        for name, service in json.loads(hosts[0].compose("config", "--format", "json"))["services"].items()
    }
    assert [name for name, sources in mounts.items() if "ca-key" in sources] == ["secrets"]
    key = ("run", "--rm", "--no-TTY", "--entrypoint", "stat", "secrets", "--format=%a", "/run/depeche/ca-key/ca.key")
    assert hosts[0].compose(*key).strip() == "600"
    assert {name for name, sources in mounts.items() if "redis-tls" in sources} == {"secrets", "redis"}
    assert {name for name, sources in mounts.items() if "postgres-tls" in sources} == {"secrets", "postgres"}


def test_a_host_without_the_secrets_says_so(hosts: tuple[Stack, Stack]) -> None:
    run = ["docker", "run", "--rm", "--network", "none", "--entrypoint", "share-secrets", hosts[1].images()[0], "check"]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "docs/operations.md" in done.stderr
