"""Redis' users as deploy/make-secrets makes them, on a Redis of the tests."""

import os
import re
import subprocess
import tempfile
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import redis

from shared.broker.redis_client import connect_redis

DEPLOY = Path(__file__).parents[2] / "deploy"
SERVICES = ("fetcher", "parser", "indexer", "tick", "cli", "dashboard", "scheduler")


def make_secrets(home: Path, *arguments: str, **environment: str) -> None:
    """Run make-secrets as in a container, with `home` in the place of /run/depeche."""
    programs, secrets = home / "bin", home / "secrets"
    programs.mkdir(parents=True, exist_ok=True)
    for name in ("make-secrets", "make-certificates", "redis-users"):
        program = programs / name
        program.write_text((DEPLOY / name).read_text("utf-8").replace("/run/depeche", str(secrets)), "utf-8")
        program.chmod(0o755)
    for folder in ("redis", "postgres", *SERVICES, "relay", "ca", "ca-key", "redis-tls", "postgres-tls"):
        (secrets / folder).mkdir(parents=True, exist_ok=True)
    path = f"{programs}:{os.environ['PATH']}"
    subprocess.run([programs / "make-secrets", *arguments], check=True, env={**os.environ, "PATH": path, **environment})


def for_version(rights: str, version: str) -> str:
    """What users.acl says, for a Redis of this version: before 7, no key can be read only."""
    return rights.replace("%R~", "~") if int(version.partition(".")[0]) < 7 else rights


def redis_users(redis_url: str) -> Mapping[str, str]:
    """Make the users on this Redis, once for each server, and empty its log of denials; gives each one's URL."""
    parts = urlsplit(redis_url)
    with connect_redis(redis_url) as client:
        client.acl_log_reset()
    users = _users_on(parts._replace(path="").geturl())
    return {user: url + parts.path for user, url in users.items()}


@cache
def _users_on(server: str) -> Mapping[str, str]:
    with tempfile.TemporaryDirectory() as home, connect_redis(server) as client:
        make_secrets(Path(home))
        secrets = Path(home) / "secrets"
        version = client.info("server")["redis_version"]  # type: ignore[index]
        for line in for_version((secrets / "redis" / "users.acl").read_text("utf-8"), version).splitlines():
            _, user, *rights = line.split()
            if user != "default":  # which the tests themselves are
                client.execute_command("ACL", "SETUSER", user, "reset", *rights)  # type: ignore[no-untyped-call]
        addresses = {user: (secrets / user / "DEPECHE_REDIS_URL").read_text("utf-8").strip() for user in SERVICES}
    return {
        user: re.sub(r"@.*", "@" + urlsplit(server).netloc.rpartition("@")[2], url) for user, url in addresses.items()
    }


def denied(client: "redis.Redis", users: Collection[str]) -> list[dict[str, Any]]:
    """What these users were denied, as Redis' log has it; and the log is empty afterwards."""
    found = [entry for entry in client.acl_log() if entry["username"] in users]
    client.acl_log_reset()
    return found
