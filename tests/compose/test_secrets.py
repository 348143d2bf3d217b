"""Passwords: who can see them, what each opens, and how new ones take their place while pages are in the air."""

import json
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.compose.stack import ROOT, Stack, docker, story
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.compose, pytest.mark.timeout(900)]

WORKERS = ("fetcher", "tick", "parser", "indexer")
SERVERS = ("redis", "postgres")
PAGES = 40
# What a parser that somebody has taken over could try; it prints how often it was denied.
TRY = """
import os, redis
client, denied = redis.Redis.from_url(os.environ["DEPECHE_REDIS_URL"]), 0
for command in ("HSET depeche:clock ahead 9", "ZREM depeche:paused news.example", "ZREM depeche:slots x",
                "LPUSH depeche:queue:fetch x", "GET depeche:validators:x", "FLUSHALL",
                "CONFIG GET *", "KEYS *", "ACL LIST"):
    try:
        client.execute_command(*command.split())
    except redis.exceptions.NoPermissionError:
        denied += 1
print(client.ping(), denied, "of 9")
"""


def passwords(stack: Stack) -> set[str]:
    """All that are in the volumes."""
    every = ("run", "--rm", "--no-TTY", "--entrypoint", "sh", "secrets", "-c", "cat /run/depeche/*/*")
    said = stack.compose(*every)
    return set(re.findall(r"//\w+:(\w+)@", said)) | set(re.findall(r"^(?:whsec_\S+|[0-9a-f]{48})$", said, re.MULTILINE))


def told(stack: Stack) -> Iterator[tuple[str, str]]:
    """What Docker and the system tell of the stack to whoever asks."""
    own = f"label=com.docker.compose.project={stack.project}"
    for container in docker("ps", "--all", "--quiet", "--filter", own).split():
        yield f"inspect {container}", docker("inspect", container)
    yield "logs", stack.compose("--profile", "*", "logs", "--no-color")
    yield "config", stack.compose("--profile", "*", "config")
    for image in stack.images():
        yield f"image {image}", docker("image", "inspect", image) + docker("history", "--no-trunc", image)
    for service in (*SERVERS, *WORKERS):
        [container] = stack.containers(service)
        yield f"processes of {service}", docker("top", container, "-eo", "pid,args")
        yield f"environment of {service}", docker("exec", container, "env")


def test_no_secret_shows_in_what_docker_and_the_system_tell(stack: Stack) -> None:
    secrets = passwords(stack)
    assert len(secrets) == 14, "7 users of Redis, 5 of Postgres, what the dashboard asks for, what the relay signs by"
    shown = {where: [word for word in secrets if word in text] for where, text in told(stack)}
    assert len(shown) > 20
    assert {where: words for where, words in shown.items() if words} == {}


def test_a_service_is_denied_what_is_not_its_own(stack: Stack) -> None:
    """By the Redis of the stack, which knows keys that may be read and not written to."""
    said = stack.compose("exec", "--no-TTY", "parser", "with-secrets", "python", "-c", TRY)
    assert said.split() == ["True", "9", "of", "9"]


def test_redis_asks_for_a_password(stack: Stack) -> None:
    asked = stack.compose("exec", "--no-TTY", "redis", "redis-cli", "GET", "depeche:page:x")
    assert "NOAUTH" in asked


@contextmanager
def command_lines() -> Iterator[set[str]]:
    """All command lines of the machine meanwhile, its containers included."""
    seen: set[str] = set()
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            ps = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=False)
            seen.update(ps.stdout.splitlines())
            time.sleep(0.05)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def at_index(stack: Stack) -> int:
    """How many pages wait to be stored; `status` ends with another status than 0 while nobody stores any."""
    said = stack.compose("run", "--rm", "--no-TTY", "cli", "status", "--json", check=False)
    return int(json.loads(said)["stages"]["index"])


def test_new_passwords_can_be_drawn_while_pages_are_in_the_air(stack: Stack) -> None:
    """As docs/operations.md has it."""
    text = (ROOT / "docs/operations.md").read_text("utf-8").partition("\n### New passwords\n")[2]
    [documented, *_] = re.findall(r"(?:^    .+\n)+", text, re.MULTILINE)
    before = passwords(stack)
    stack.compose("stop", "indexer")  # so that pages are in the air, all through it
    urls = [story(number) for number in range(3000, 3000 + PAGES)]
    stack.compose("run", "--rm", "--no-TTY", "cli", "fetch", "--file", "-", stdin="\n".join(urls))
    wait_until(lambda: at_index(stack) == PAGES, timeout=300, what="all pages parsed")
    landed = "SELECT count(*), count(*) FILTER (WHERE fate = 'stored') FROM news.pages WHERE url LIKE '%/story/3___'"
    assert stack.sql(landed) == "0|0"
    with command_lines() as seen:
        stack.shell(re.sub("^    ", "", documented, flags=re.MULTILINE))
    stack.compose("up", "--detach", "--wait")
    wait_until(lambda: stack.sql(landed) == f"{PAGES}|{PAGES}", timeout=300, what="the landing of all pages")
    assert "CRITICAL" not in stack.compose("logs", "--no-color", "redis"), "all of the append-only file was read"
    after = passwords(stack)
    assert len(after) == len(before)
    assert not after & before
    assert len(seen) > 20
    assert [line for line in seen if any(word in line for word in before | after)] == []
    assert stack.sql("SELECT count(*) FROM news.quarantine WHERE url LIKE '%/story/3___'") == "0"


def test_no_service_has_been_denied_anything_in_all_its_work(stack: Stack) -> None:
    stack.cli("fetch", story(3999), "--wait", "--timeout", "120", "--json")
    logs = stack.compose("logs", "--no-color", *WORKERS)
    assert "worker_consumes" in logs
    denied = re.compile("NOPERM|no permission|can't access", re.IGNORECASE)
    assert [line for line in logs.splitlines() if denied.search(line)] == []
