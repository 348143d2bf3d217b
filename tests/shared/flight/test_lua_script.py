import re
from pathlib import Path
from typing import cast

import pytest
import redis

import services
import shared
from services.fetcher.politeness.host_turns import HostTurns, Pace
from services.fetcher.timing.clock import Clock
from services.fetcher.timing.frontier import Frontier
from services.fetcher.timing.queues import Queues
from services.fetcher.timing.reconciler import Reconciler
from services.fetcher.timing.revisits import Revisits
from services.fetcher.timing.schedule import Schedule
from shared.broker.consumers import Consumers
from shared.flight.ledger import Ledger
from shared.flight.lua_script import lua_script
from shared.sources.by_hand import ByHand
from shared.sources.log import SourceLog
from shared.urls import host_of

FOLDERS = [Path(folder) for package in (shared, services) for folder in package.__path__]
FILES = sorted(file for folder in FOLDERS for file in folder.rglob("*.lua") if file.name != "prelude.lua")


class Recorder:
    """Stands for a Redis client where scripts are only registered."""

    def __init__(self) -> None:
        self.scripts: list[str] = []

    def register_script(self, script: str) -> None:
        self.scripts.append(script)


@pytest.fixture(scope="module")
def scripts() -> list[str]:
    recorder = Recorder()
    client = cast("redis.Redis", recorder)
    for user in (Clock, Consumers, Ledger, SourceLog, ByHand, Schedule, Revisits, Queues):
        user(client)
    Frontier(client, host_delay=1)
    Reconciler(client, {})
    HostTurns(client, Pace(host_delay=1, host_connections=1, lease_s=1), host_of)
    return recorder.scripts


def test_each_file_is_loaded_by_one_module(scripts: list[str]) -> None:
    texts = [file.read_text("utf-8") for file in FILES]
    assert len(scripts) == len(texts) > 20
    assert all(any(script.endswith(text) for script in scripts) for text in texts)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_file_says_what_it_is_given_and_what_it_returns(file: Path) -> None:
    head = file.read_text("utf-8").partition("\n\n")[0].splitlines()
    assert all(line.startswith("--") for line in head)
    words = [line.split()[1] for line in head if len(line.split()) > 1]
    assert "KEYS" in words
    assert "Returns" in words
    assert any(word.startswith("ARGV") for word in words)


def test_the_file_is_named_after_its_module() -> None:
    for file in FILES:
        modules = [module for module in file.parent.glob("*.py") if file.name in module.read_text("utf-8")]
        assert [file.name.startswith(f"{module.stem}_") for module in modules] == [True], file


def test_no_script_uses_a_name_that_is_not_declared(scripts: list[str]) -> None:
    for script in scripts:
        code = re.sub(r"--.*|'[^']*'|\"[^\"]*\"", "", script)
        declared = set(re.findall(r"^local ([A-Z_]+) =", code, re.M))
        assert set(re.findall(r"\b[A-Z][A-Z_]+\b", code)) <= declared | {"ARGV"}, script[-400:]


def test_redis_can_compile_every_script(scripts: list[str], client: "redis.Redis") -> None:
    for script in scripts:
        assert client.script_load(script)


def test_a_script_knows_keys_and_the_constants_that_it_is_given(
    client: "redis.Redis", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scripts_of_a_test").mkdir()
    (tmp_path / "scripts_of_a_test" / "__init__.py").touch()
    (tmp_path / "scripts_of_a_test" / "a.lua").write_text("return {FLIGHT, NUMBER * 2, TEXT, now > 0}", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    script = lua_script(client, "scripts_of_a_test", "a.lua", NUMBER=1.5, TEXT="-")
    assert script() == [b"depeche:flight:", 3, b"-", 1]
