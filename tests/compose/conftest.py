"""The Docker engine, if there is one, and one running stack for all compose tests."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator

import pytest

from tests.compose.stack import DOCKER_NETWORKS, Stack


@pytest.fixture(scope="session")
def compose() -> None:
    """Skip where `docker compose` is not installed."""
    if shutil.which("docker") is None:
        pytest.skip("docker is not installed")
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("docker has no Compose v2 plugin")


@pytest.fixture(scope="session")
def engine(compose: None) -> None:
    """Skip where no Docker engine answers."""
    answer = subprocess.run(["docker", "info"], capture_output=True, text=True, check=False)
    if answer.returncode:
        pytest.skip(f"no Docker engine answers: {answer.stderr.strip()}")


@pytest.fixture(scope="session")
def stack(engine: None) -> Iterator[Stack]:
    """The stack, built and up, with free ports; nothing of it is left behind."""
    stack = Stack(
        project=f"depeche-test-{os.getpid()}",
        settings={
            "DEPECHE_POSTGRES_PORT": str(free_port()),
            "DEPECHE_DASHBOARD_PORT": str(free_port()),
            "DEPECHE_ALLOW_NETWORKS": DOCKER_NETWORKS,
            "DEPECHE_HOST_DELAY": "0.1",
            "DEPECHE_REVISION": "0123456789abcdef",
            "DEPECHE_SOURCE": "https://code.example/depeche",
            "DEPECHE_LOST_AFTER_FACTOR": "0.3",  # a page that a killed parser held is missed after 14 s, not 45
        },
    )
    try:
        stack.compose("up", "--detach", "--build", "--wait", "--wait-timeout", "300")
        yield stack
    finally:
        stack.remove()


def free_port() -> int:
    """A port of the loopback that nobody has."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
