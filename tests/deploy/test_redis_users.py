"""What deploy/redis-users lets each service do in Redis, and how deploy/make-secrets makes these users."""

import contextlib
import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import redis
from celery import Celery

from cli.stack.embedded import redis_binary, stop_process
from shared.broker.celery_app import require_rights
from shared.failures import UserError
from shared.flight import redis_keys
from shared.flight.ledger import Ledger
from shared.messages import DOOR_QUEUE, DOOR_TASK, QUEUES, FetchRequest, Origin
from tests.deploy.manifests import compose
from tests.support.redis_users import DEPLOY, SERVICES, denied, for_version, make_secrets, redis_users
from tests.support.site import dead_port
from tests.support.waiting import wait_until

pytestmark = pytest.mark.redis
RIGHTS = (DEPLOY / "redis-users").read_text("utf-8")


@pytest.fixture
def users(redis_url: str) -> Mapping[str, str]:
    return redis_users(redis_url)


def of(user: str, users: Mapping[str, str]) -> "redis.Redis":
    return redis.Redis.from_url(users[user], lib_name=None, lib_version=None)


def passwords(secrets: Path) -> dict[str, str]:
    """Address -> its password, for each file that has one."""
    found = {str(file.relative_to(secrets)): file.read_text("utf-8") for file in secrets.glob("*/DEPECHE_*_URL")}
    return {name: re.findall(r"//\w+:(\w+)@", url)[0] for name, url in found.items()}


def test_a_stack_with_one_password_for_redis_gets_users_and_keeps_what_it_has(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    old = {
        "redis/redis.conf": "requirepass once",
        "redis/DEPECHE_REDIS_URL": "redis://:once@redis:6379/0",
        "postgres/password": "owners",
        "postgres/DEPECHE_DATABASE_URL": "postgresql://depeche:owners@postgres:5432/depeche",
        "indexer/DEPECHE_DATABASE_URL": "postgresql://depeche_indexer:indexers@postgres:5432/depeche",
        "cli/DEPECHE_DATABASE_URL": "postgresql://depeche_cli:clis@postgres:5432/depeche",
    }
    for name, text in old.items():
        (secrets / name).parent.mkdir(parents=True, exist_ok=True)
        (secrets / name).write_text(text + "\n", "utf-8")
    make_secrets(tmp_path)
    drawn = passwords(secrets)
    kept = {"postgres": "owners", "indexer": "indexers", "cli": "clis"}
    assert {folder: drawn[f"{folder}/DEPECHE_DATABASE_URL"] for folder in kept} == kept
    assert set(drawn) == {
        *(f"{service}/DEPECHE_REDIS_URL" for service in SERVICES),
        *(f"{folder}/DEPECHE_DATABASE_URL" for folder in ("postgres", "indexer", "cli", "dashboard", "relay")),
    }
    assert len(set(drawn.values())) == len(drawn)
    assert "once" not in "".join(file.read_text("utf-8") for file in (secrets / "redis").iterdir())
    make_secrets(tmp_path)
    assert passwords(secrets) == drawn
    make_secrets(tmp_path, "--new-passwords")
    assert not set(passwords(secrets).values()) & set(drawn.values())
    assert (secrets / "postgres/password").read_text("utf-8").strip() == passwords(secrets)[
        "postgres/DEPECHE_DATABASE_URL"
    ]


def test_redis_has_no_password_but_its_hash(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    acl = (tmp_path / "secrets/redis/users.acl").read_text("utf-8")
    drawn = {name.partition("/")[0]: word for name, word in passwords(tmp_path / "secrets").items() if "REDIS" in name}
    for user, password in drawn.items():
        assert f"user {user} on #{hashlib.sha256(password.encode()).hexdigest()} resetchannels -@all " in acl
        assert password not in acl
    users_there = re.findall(r"^user (\w+) (on|off)", acl, re.MULTILINE)
    assert users_there == [("default", "off"), ("health", "on"), *((user, "on") for user in users_in_file())]


def users_in_file() -> list[str]:
    return re.findall(r"^[a-z]+$", RIGHTS, re.MULTILINE)


def test_every_service_has_a_user_and_no_other_is_made() -> None:
    assert set(users_in_file()) == set(SERVICES)


def test_the_rights_name_keys_that_there_are_and_all_keys_are_named() -> None:
    named = set(re.findall(r"~(depeche:\S+)", RIGHTS)) - {"depeche:*"}
    names = {name: key for name, key in vars(redis_keys).items() if name.isupper() and name != "PREFIX"}
    prefixes = {key for name, key in names.items() if not name.endswith("_CHANNEL")}
    queues = {*QUEUES.values(), DOOR_QUEUE + "???"}
    assert {key.removesuffix("*") for key in named - queues} == prefixes - {redis_keys.QUEUE}
    assert set(QUEUES.values()) <= named
    assert set(re.findall(r"&(depeche:\S+)", RIGHTS)) == set(names.values()) - prefixes


def test_a_change_of_the_rights_makes_the_container_of_redis_anew() -> None:
    assert compose()["redis"]["labels"]["depeche.redis-users"] == hashlib.sha256(RIGHTS.encode()).hexdigest()[:16]


FORBIDDEN_TO_ALL = [
    ("FLUSHALL",),
    ("FLUSHDB",),
    ("CONFIG", "GET", "*"),
    ("KEYS", "*"),
    ("ACL", "LIST"),
    ("ACL", "SETUSER", "parser", "+@all"),
    ("SHUTDOWN", "NOSAVE"),
    ("REPLICAOF", "203.0.113.1", "6379"),
    ("MONITOR",),
    ("CLIENT", "LIST"),
    ("EVAL", "return redis.call('GET', 'other')", "0"),
    ("SCRIPT", "FLUSH"),
    ("SUBSCRIBE", "anything"),
    ("GET", "other"),
    ("SORT", "other"),
]


@pytest.mark.parametrize("user", SERVICES)
@pytest.mark.parametrize("command", FORBIDDEN_TO_ALL, ids=lambda command: " ".join(command[:2]))
def test_nobody_may_do_what_no_service_needs(user: str, command: tuple[str, ...], users: Mapping[str, str]) -> None:
    with of(user, users) as client, pytest.raises(redis.exceptions.NoPermissionError):
        client.execute_command(*command)


FORBIDDEN = [
    ("parser", "LPUSH depeche:queue:fetch x"),
    ("parser", "LLEN depeche:queue:fetch"),
    ("parser", "GET depeche:robots:https://news.example"),
    ("parser", "GET depeche:validators:x"),
    ("parser", "HGET depeche:pace:news.example delay"),
    ("parser", "ZRANGE depeche:touched 0 -1"),
    ("parser", "HGETALL depeche:postgres"),
    ("parser", "HGETALL depeche:revisits"),
    ("parser", "SCAN 0"),
    ("fetcher", "LLEN depeche:retry"),
    ("fetcher", "HGETALL depeche:postgres"),
    ("fetcher", "SCAN 0"),
    ("indexer", "LPUSH depeche:queue:fetch x"),
    ("indexer", "GET depeche:robots:https://news.example"),
    ("indexer", "HGET depeche:source:beacon url"),
    ("tick", "SCAN 0"),
    ("dashboard", "SET depeche:page:x y"),
    ("dashboard", "ZADD depeche:sources_due 0 beacon"),
    ("dashboard", "LPUSH depeche:queue:fetch x"),
    ("scheduler", "RPOP depeche:queue:fetch"),
    ("scheduler", "LRANGE depeche:queue:fetch 0 -1"),
    ("scheduler", "LPUSH depeche:queue:index x"),
    ("scheduler", "HGETALL depeche:flight:x"),
]


@pytest.mark.parametrize(("user", "command"), FORBIDDEN)
def test_a_service_may_touch_its_own_keys_only(user: str, command: str, users: Mapping[str, str]) -> None:
    with of(user, users) as client, pytest.raises(redis.exceptions.NoPermissionError):
        client.execute_command(*command.split())


@pytest.fixture
def with_file(tmp_path: Path, users: Mapping[str, str]) -> Iterator[int]:
    """A Redis that reads users.acl, as under Compose; its port."""
    make_secrets(tmp_path)
    file = tmp_path / "secrets/redis/users.acl"
    with of("cli", users) as other:
        file.write_text(for_version(file.read_text("utf-8"), other.info("server")["redis_version"]), "utf-8")
    with running(tmp_path, port := dead_port()):
        yield port


@contextlib.contextmanager
def running(home: Path, port: int) -> Iterator[int]:
    """Redis with its users and its data in this folder."""
    file = home / "secrets/redis/users.acl"
    command = [redis_binary(), "--port", str(port), "--bind", "127.0.0.1", "--aclfile", str(file)]
    command += ["--appendonly", "yes", "--appendfsync", "always", "--save", ""]
    process = subprocess.Popen(command, cwd=home, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(port) and process.poll() is None, what="Redis")
        yield port
    finally:
        stop_process(process, patience=10.0)


def answers(port: int) -> bool:
    with contextlib.suppress(redis.ConnectionError), as_health(port) as client:
        return bool(client.ping())
    return False


def as_health(port: int) -> "redis.Redis":
    return redis.Redis(port=port, username="health", password="any", lib_name=None, lib_version=None)


def test_without_a_password_only_the_health_check_is_answered(with_file: int, tmp_path: Path) -> None:
    with as_health(with_file) as health:
        assert health.ping()
        for command in (["INFO"], ["GET", "depeche:page:x"], ["EXISTS", "depeche:air"]):
            with pytest.raises(redis.exceptions.NoPermissionError):
                health.execute_command(*command)
    with redis.Redis(port=with_file, lib_name=None, lib_version=None) as nobody:
        with pytest.raises(redis.AuthenticationError, match="required"):
            nobody.ping()
        with pytest.raises(redis.AuthenticationError, match="invalid"):
            nobody.execute_command("AUTH", "once")
    for service in SERVICES:
        url = (tmp_path / "secrets" / service / "DEPECHE_REDIS_URL").read_text("utf-8").strip()
        with redis.Redis.from_url(url.replace("@redis:6379", f"@127.0.0.1:{with_file}"), lib_name=None) as client:
            assert client.ping()


def test_what_scripts_have_written_is_there_after_a_restart(with_file: int, tmp_path: Path) -> None:
    """Redis reads transactions in its append-only file as its default user, and leaves out what that may not do.

    Versions from 7 on did; tests/compose/test_secrets.py restarts one of these while pages are in the air.
    """
    url = (tmp_path / "secrets/cli/DEPECHE_REDIS_URL").read_text("utf-8").strip()
    with redis.Redis.from_url(url.replace("@redis:6379", f"@127.0.0.1:{with_file}"), lib_name=None) as client:
        Ledger(client).accept([FetchRequest(origin=Origin(url="https://news.example/"))])
    copy = tmp_path / "copy"
    shutil.copytree(tmp_path, copy, ignore=shutil.ignore_patterns("copy"))
    with (
        running(copy, port := dead_port()),
        redis.Redis.from_url(url.replace("@redis:6379", f"@127.0.0.1:{port}"), lib_name=None) as client,
    ):
        assert Ledger(client).counts()["waiting"] == 1


@pytest.mark.parametrize(("user", "stage"), [("dashboard", "parse"), ("parser", "fetch"), ("indexer", "parse")])
def test_a_worker_with_anothers_user_says_so_and_ends(user: str, stage: str, users: Mapping[str, str]) -> None:
    with pytest.raises(UserError, match=f"{user}:.*@.* what the stage {stage} needs.*deploy/redis-users"):
        require_rights(users[user], stage)  # type: ignore[arg-type]


@pytest.mark.parametrize(("user", "stage"), [("fetcher", "fetch"), ("parser", "parse"), ("indexer", "index")])
def test_a_worker_with_its_own_user_starts(user: str, stage: str, users: Mapping[str, str]) -> None:
    require_rights(users[user], stage)  # type: ignore[arg-type]


def test_another_scheduler_sends_with_a_user_that_can_do_nothing_else(
    users: Mapping[str, str], client: "redis.Redis"
) -> None:
    denied(client, users)
    foreign = Celery("scheduler", broker=users["scheduler"], set_as_current=False)
    foreign.send_task(DOOR_TASK, kwargs={"urls": ["https://news.example/"]}, queue=DOOR_QUEUE)
    foreign.send_task(DOOR_TASK, kwargs={"urls": ["https://news.example/"]}, queue=DOOR_QUEUE, priority=9)
    foreign.close()
    assert client.llen(DOOR_QUEUE) == 1
    refused = {(entry["reason"], entry["object"]) for entry in denied(client, users)}
    assert refused <= {("command", "client|setinfo"), ("command", "client")}  # before Redis 7.2; the client goes on
