"""A Compose project to which bad things are done: how it is built, spoken to and looked at."""

import json
import os
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.compose.conftest import free_port
from tests.compose.stack import DOCKER_NETWORKS, Stack, docker

FILES = (
    "tests/compose/incidents/incidents.yml",
    *(["deploy/dashboard.yml"] if (Path(__file__).parents[3] / "deploy" / "dashboard.yml").exists() else []),
)
HERE = "tests/compose/incidents"


class Night:
    """The project, with a container of the command line that stays, and the ports of what an operator looks at."""

    def __init__(self, stack: Stack, clock: Path) -> None:
        self.stack = stack
        self.clock = clock
        self.cli = stack.compose("run", "--detach", "--no-deps", "--entrypoint", "sleep", "cli", "infinity").strip()

    def status(self) -> dict[str, Any]:
        """What `depeche status --json` prints; {} where it prints nothing."""
        done = self._depeche("status", "--json")
        with suppress(json.JSONDecodeError):
            return dict(json.loads(done.stdout))
        return {}

    def depeche(self, *words: str) -> str:
        """What a command of `depeche` prints, in the container of the command line."""
        done = self._depeche(*words)
        return done.stdout + done.stderr

    def _depeche(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = ["docker", "exec", self.cli, "timeout", "60", "with-secrets", "python", "-m", "cli.main", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def alerts(self) -> dict[str, str]:
        """The alerts that Prometheus has, by their names: `firing` if one of that name is, else `pending`."""
        port = self.stack.settings["DEPECHE_PROMETHEUS_PORT"]
        told = json.loads(self._page(f"http://127.0.0.1:{port}/api/v1/alerts") or '{"data": {"alerts": []}}')
        found: dict[str, str] = {}
        for alert in told["data"]["alerts"]:
            name = alert["labels"]["alertname"]
            found[name] = "firing" if "firing" in (alert["state"], found.get(name)) else "pending"
        return found

    def dashboard(self, path: str) -> str:
        """A page of the dashboard, as its HTML; "" where it does not answer."""
        return self._page(f"http://127.0.0.1:{self.stack.settings['DEPECHE_DASHBOARD_PORT']}{path}")

    def _page(self, url: str) -> str:
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                return str(answer.read().decode())
        except OSError:
            return ""

    def befall(self, paper: str, night: str) -> None:
        """Say what happens to a paper; "" ends it."""
        script = f"printf %s '{night}' > /tmp/nights/{paper}"
        self.stack.compose("exec", "--no-TTY", "press", "sh", "-c", script)

    def redis(self, *words: str) -> str:
        """What Redis answers to its administrator."""
        told = "REDISCLI_AUTH=$(sed -n 's/^requirepass //p' /run/depeche/redis/redis.conf) exec redis-cli " + " ".join(
            words
        )
        return self.stack.compose("exec", "--no-TTY", "redis", "sh", "-c", told).strip()

    def set_clock(self, ahead_s: int) -> None:
        """Set the wall clock of the workers and the command line to so much ahead of the true time (s)."""
        whole = self.clock / "new"
        whole.write_text(f"{ahead_s:+d}\n", "utf-8")
        whole.replace(self.clock / "now")


@contextmanager
def night() -> Iterator[Night]:
    """The project, built and up, with Prometheus; nothing of it is left behind."""
    package = find_spec("libfaketime")
    assert package is not None
    assert package.origin is not None
    library = Path(package.origin).parent / "vendor" / "libfaketime" / "src"
    with tempfile.TemporaryDirectory() as folder:
        clock = Path(folder)
        clock.chmod(0o755)
        (clock / "now").write_text("+0\n", "utf-8")
        ports = ("DEPECHE_POSTGRES_PORT", "DEPECHE_PROMETHEUS_PORT", "DEPECHE_DASHBOARD_PORT")
        settings = {
            **{name: str(free_port()) for name in ports},
            "DEPECHE_ALLOW_NETWORKS": DOCKER_NETWORKS,
            "DEPECHE_HOST_DELAY": "0.1",
            "DEPECHE_PARSE_TIMEOUT": "2",
            "DEPECHE_SOURCES": f"{HERE}/sources.toml",
            "INCIDENTS_FAKETIME": str(library),
            "INCIDENTS_CLOCK": folder,
        }
        stack = Stack(project=f"depeche-incidents-{os.getpid()}", settings=settings, files=FILES)
        try:
            stack.compose("up", "--detach", "--build", "--wait", "--wait-timeout", "300")
            stack.compose("--profile", "observability", "up", "--detach", "--no-deps", "prometheus")
            whole = Night(stack, clock)
            yield whole
        finally:
            with suppress(UnboundLocalError, AssertionError):
                docker("rm", "--force", whole.cli)
            stack.remove()
