"""A stack of this repository's docker-compose.yml under a name of its own, driven as an operator would."""

import json
import os
import re
import shlex
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
IMAGES = ("cli", "fetcher", "parser", "indexer")
# The site under test has an address that Docker chose from one of these.
DOCKER_NETWORKS = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One Compose project; `settings` are variables that an operator would have in .env.

    `files` join the site and small disks to the stack, or more hosts.
    """

    project: str
    settings: dict[str, str]
    files: tuple[str, ...] = ("tests/compose/site.yml", "tests/compose/disks.yml")

    def compose(self, *args: str, stdin: str | None = None, check: bool = True) -> str:
        """Run `docker compose …`; what it printed."""
        done = subprocess.run(
            self.command(*args), env=self.environment(), input=stdin or "", capture_output=True, text=True, check=False
        )
        assert done.returncode == 0 or not check, f"docker compose {' '.join(args)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def command(self, *args: str) -> list[str]:
        """The command line, with further files joined to the stack and without the developer's own .env."""
        files = [word for file in ("docker-compose.yml", *self.files) for word in ("-f", str(ROOT / file))]
        where = ["--project-directory", str(ROOT), "--env-file", os.devnull, "-p", self.project]
        return ["docker", "compose", *where, *files, *args]

    def environment(self) -> dict[str, str]:
        """The developer's environment without what would configure the stack, and these settings."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("DEPECHE_", "COMPOSE_"))}
        return {**kept, **stand_ins(), **self.settings}

    def cli(self, *args: str, stdin: str | None = None) -> list[Any]:
        """The JSON lines that a command of `depeche` prints."""
        out = self.compose("run", "--rm", "--no-TTY", "cli", *args, stdin=stdin)
        return [json.loads(line) for line in out.splitlines()]

    @contextmanager
    def fetching(self, urls: list[str]) -> Iterator[list[dict[str, Any]]]:
        """Have pages fetched meanwhile; on the way out all have landed, and the list has how."""
        fetch = ("run", "--rm", "--no-TTY", "cli", "fetch", "--file", "-", "--wait", "--timeout", "300", "--json")
        landed: list[dict[str, Any]] = []
        with subprocess.Popen(
            self.command(*fetch), env=self.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as waiting:
            assert waiting.stdin is not None
            assert waiting.stdout is not None
            waiting.stdin.write("\n".join(urls))
            waiting.stdin.close()
            yield landed
            landed += [json.loads(line) for line in waiting.stdout]

    @contextmanager
    def logs(self, service: str) -> Iterator[Iterator[str]]:
        """What a service says from now on, a line at a time."""
        with following("docker", "logs", "--follow", "--since", "0s", *self.containers(service)) as lines:
            yield lines

    def sql(self, query: str) -> str:
        """What a query of the owner gives, unadorned."""
        psql = ("psql", "--username", "depeche", "--no-align", "--tuples-only", "--command", query)
        return self.compose("exec", "--no-TTY", "postgres", *psql).strip()

    def containers(self, *services: str) -> list[str]:
        """Ids of running containers, oldest first."""
        return self.compose("ps", "--quiet", "--orphans=false", *services).split()

    def shell(self, script: str, *, folder: Path = ROOT) -> None:
        """Run documented commands in a folder, with `docker compose` as this stack's."""
        own = shlex.join(self.command()).join(re.split("docker compose(?= )", script))
        done = subprocess.run(
            ["sh", "-ec", own], cwd=folder, env=self.environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"

    def remove(self) -> None:
        """Leave nothing of the stack behind."""
        # Of a service in a profile that is not named, `down` leaves the volumes, although `run` has made them.
        self.compose("--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "10")
        docker("image", "rm", "--force", *self.images())

    def images(self) -> list[str]:
        """The images that were built for this stack."""
        return [f"{self.project}-{name}" for name in IMAGES]


@cache
def stand_ins() -> dict[str, str]:
    """The settings for images that no registry can be asked for, where the engine has another one of their version.

    So a machine that reaches no registry can have images of its own, such as `redis:8` for redis:8.10.2.
    """
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    pinned = dict(re.findall(r"\$\{(DEPECHE_(?:PYTHON|REDIS|POSTGRES)_IMAGE):-([^}]+)\}", text))
    return {setting: there for setting, image in pinned.items() if (there := _instead_of(image))}


def _instead_of(image: str) -> str | None:
    """Another image of its version that is here; None where the image itself is here or can be had."""

    def succeeds(*command: str) -> bool:
        return subprocess.run(["docker", *command], capture_output=True, check=False).returncode == 0

    if succeeds("image", "inspect", image) or succeeds("pull", "--quiet", image):
        return None
    found = re.fullmatch(r"(\w+):(\d+)(\.\d+)?[\d.]*(-slim)?.*", image)
    assert found is not None, image
    name, major, minor, slim = found.groups(default="")
    names = (f"{name}:{major}{minor}{slim}", f"{name}:{major}{slim}")
    return next((each for each in names if succeeds("image", "inspect", each)), None)


def story(number: int) -> str:
    """A page of the site under test."""
    return f"http://site:8000/story/{number}"


def wait_for(lines: Iterator[str], wanted: str, times: int = 1) -> None:
    """Read on until as many lines have had `wanted` in them."""
    seen = sum(1 for _ in islice((line for line in lines if wanted in line), times))
    assert seen == times, f"saw {wanted!r} {seen} times, not {times}"


def docker(*args: str) -> str:
    """Run `docker …`; what it printed."""
    done = subprocess.run(["docker", *args], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"docker {' '.join(args)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def inspect(container: str) -> Any:
    """All that Docker knows of a container."""
    return json.loads(docker("inspect", container))[0]


def freeze(container: str) -> None:
    """Stop all processes but the init, as a hang would: the container runs, nothing in it does."""
    docker("exec", container, "python", "-c", "import os, signal; os.kill(-1, signal.SIGSTOP)")


@contextmanager
def events(container: str, *, patience: float = 240) -> Iterator[Iterator[str]]:
    """What happens to a container from now on, a line an event; the lines end after `patience` seconds."""
    now = time.time()  # before Docker has begun to listen
    span = ("--since", str(now), "--until", str(int(now + patience)))
    with following("docker", "events", "--filter", f"container={container}", "--format", "{{.Action}}", *span) as lines:
        yield lines


@contextmanager
def following(*command: str) -> Iterator[Iterator[str]]:
    """The lines of a command that goes on printing; it is ended on the way out."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        try:
            yield (line.strip() for line in process.stdout)
        finally:
            process.terminate()
