"""A relay that is killed again and again beside a receiver that fails now and then leaves no change out."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.cli.relay.conftest import change, ids, kept
from tests.cli.relay.receiver import SECRET, Receiver, Verdict
from tests.support.documented import ROOT
from tests.support.metrics import documented_of, names, scraped
from tests.support.waiting import wait_until

LIVES = 4
CHANGES_A_LIFE = 25
# Seconds. A process that starts on a busy machine takes its time.
START_S = 120.0

pytestmark = pytest.mark.workers


class Whims:
    """Answers of a receiver that is not well; the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.is_well = False

    def __call__(self, _changes: list[dict[str, Any]]) -> Verdict:
        number = self._random.random()
        if self.is_well or number > 0.35:
            return Verdict()
        if number > 0.25:
            return Verdict(silent=True)  # it has taken them, and nobody hears of that
        return Verdict(503 if number > 0.1 else 429, "0")


class Watched:
    """Notes the cursor that is kept, and what the receiver had taken when it was looked at."""

    def __init__(self, database_url: str, receiver: Receiver) -> None:
        self.seen: list[tuple[str, int]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(database_url, receiver))

    def _watch(self, database_url: str, receiver: Receiver) -> None:
        with psycopg.connect(database_url, autocommit=True) as connection:
            while not self._stop.wait(0.01):
                if (cursor := kept(connection)) is not None:
                    self.seen.append((cursor, len(receiver.taken)))

    def __enter__(self) -> "Watched":
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._thread.join()


@contextlib.contextmanager
def a_life(database_url: str, to: str, folder: Path, **settings: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A relay in a process of its own, which is killed at the end of the block if it is still there."""
    own = {"DEPECHE_DATABASE_URL": database_url, "DEPECHE_RELAY_SECRET": SECRET, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "cli.main", "relay", "--to", to, "--from", "beginning", "--batch", "3"]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, env={**os.environ, **own, **settings}, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("seed", [2026])
def test_every_change_arrives_and_no_cursor_is_ahead(
    seed: int, database: psycopg.Connection, database_url: str, tmp_path: Path
) -> None:
    whims, chance = Whims(seed), random.Random(seed)
    with Receiver(whims) as receiver, Watched(database_url, receiver) as watched:
        for life in range(LIVES):
            change(database, CHANGES_A_LIFE, begin=life * CHANGES_A_LIFE)
            before = len(receiver.came)
            with a_life(database_url, receiver.url, tmp_path):
                enough = before + chance.randint(1, 8)
                wait_until(lambda enough=enough: len(receiver.came) >= enough, timeout=START_S, what=f"life {life}")
        whims.is_well = True
        every = ids(database)
        with a_life(database_url, receiver.url, tmp_path):
            wait_until(lambda: set(receiver.took) == set(every), timeout=START_S, what="their arrival")
    assert receiver.wrong == []
    assert first_arrivals_are_in_order(receiver)
    assert len(watched.seen) > LIVES
    for cursor, taken in watched.seen:
        missing = set(every[: place_of(cursor, database)]) - set(receiver.took[:taken])
        assert not missing, f"the cursor {cursor} was kept before {missing} had been taken"


def first_arrivals_are_in_order(receiver: Receiver) -> bool:
    """Whether no change of an article came before an earlier one of the same article had come."""
    came: dict[int, list[int]] = {}
    for delivered in receiver.taken:
        of_article = came.setdefault(delivered["article_id"], [])
        if int(delivered["id"]) not in of_article:
            of_article.append(int(delivered["id"]))
    return all(numbers == sorted(numbers) for numbers in came.values())


def place_of(cursor: str, database: psycopg.Connection) -> int:
    """How many changes come before the cursor or are its own."""
    row = database.execute("SELECT count(*) FROM news.changes_since(%s, 100000)", [cursor]).fetchone()
    assert row
    return len(ids(database)) - int(row[0])


def test_it_ends_in_order_shows_signs_of_life_and_serves_its_metrics(
    database: psycopg.Connection, database_url: str, tmp_path: Path
) -> None:
    change(database, 4)
    settings = {"DEPECHE_HEALTH_FILE": str(tmp_path / "health"), "DEPECHE_METRICS_PORT": "19464"}
    with Receiver() as receiver, a_life(database_url, receiver.url, tmp_path, **settings) as process:
        wait_until(lambda: len(receiver.taken) == 4, timeout=START_S)
        assert (tmp_path / "health").exists()
        port = served_at((tmp_path / "log").read_text())
        families = list(scraped(port))
        assert names(families) == documented_of("relay")
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert '"event": "relay_begins"' in (tmp_path / "log").read_text()


def served_at(log: str) -> int:
    """The port at which the relay says that it serves its metrics."""
    return next(json.loads(line)["port"] for line in log.splitlines() if '"metrics_served"' in line)
