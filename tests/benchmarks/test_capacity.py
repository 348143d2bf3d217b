"""The measurement of capacity: its arithmetic, its tables, and a short run of all of it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from benchmarks.capacity.__main__ import CAPACITY
from benchmarks.capacity.model import BUSY, DAY_S, PEAK, limits, needs, pages_a_day_in, predicted_highest, redis_memory
from benchmarks.capacity.report import markdown
from benchmarks.capacity.sizes import RedisSizes, Relation, growth
from benchmarks.capacity.stack import Load
from benchmarks.capacity.trials import Measured, is_sustained
from benchmarks.cpu import Cost, RedisUse

CPU_MS = {
    "fetcher": 4,
    "parser": 10,
    "indexer": 3,
    "tick": 1,
    "Redis": 2,
    "Postgres": 4,
    "accepting": 1,
    "page server": 1,
}


def load(rate: float = 40, **changes: Any) -> Load:
    given: dict[str, Any] = {
        "rate": rate,
        "seconds": 60,
        "cost": Cost(
            pages=round(60 * rate),
            wall_s=61,
            cpu_ms=dict(CPU_MS),
            redis=RedisUse(reads=20, commands=100, messages=3, bytes_in=50_000, bytes_out=40_000),
        ),
        "in_air": [20] * 60,
        "fates": {"stored": round(60 * rate)},
        "wal_bytes": 30_000,
        "wal_of_full_pages": 0.25,
        "redis_file_bytes": 60_000,
        "archive_bytes": 25_000,
        "redis_memory": 5_000_000,
        "urls_before": 1_000,
        "latency_p50": 0.1,
        "latency_p95": 0.4,
    }
    return Load(**{**given, **changes})


def measured() -> Measured:
    return Measured(
        processes=2,
        ceiling=50,
        tried=[load(45, in_air=list(range(60)))],
        highest=load(40),
        half=load(20),
        unchanged=load(20, fates={"unchanged": 1_200}),
        redis=RedisSizes(
            in_air={"fetch": 1_000, "parse": 50_000, "index": 60_000},
            waiting=1_500,
            seen=130,
            validators=500,
            at_rest=2_000_000,
        ),
        postgres=[Relation(name="articles", rows=1, table=8_000, indexes=2_000)],
        followers={"stories": 500, "search": 250},
        page_bytes=20_000,
    )


@pytest.mark.parametrize(
    ("in_air", "sustained"),
    [([20] * 60, True), ([20, 90] * 30, True), (list(range(20, 140, 2)), False), (list(range(140, 20, -2)), True)],
    ids=["even", "up and down", "two more each second", "fewer"],
)
def test_a_rate_is_sustained_while_no_backlog_grows(in_air: list[int], sustained: bool) -> None:
    assert is_sustained(load(40, in_air=in_air)) == sustained
    assert load(in_air=list(range(20, 140, 2))).backlog_per_s == pytest.approx(2)


def test_needs_follow_from_what_a_page_costs() -> None:
    of = needs(measured(), 10_000_000)
    peak = PEAK * 10_000_000 / DAY_S
    assert of.peak == pytest.approx(peak)
    assert of.parsers == 5
    assert of.indexers == 2
    assert of.cores == pytest.approx(peak * 0.024 / BUSY)
    assert of.redis_busy == pytest.approx(peak * 0.002)
    assert of.redis_ops_per_s == pytest.approx(100 * peak)
    assert of.postgres_a_day == pytest.approx(100e9)
    assert of.wal_a_day == pytest.approx(300e9)
    assert of.archive_a_day == pytest.approx(250e9)
    assert of.followers_busy == pytest.approx(peak / 250)
    assert needs(measured(), 1_000).parsers == needs(measured(), 1_000).fetchers == 1


def test_redis_memory_is_what_it_remembers_and_what_is_in_the_air() -> None:
    a_day = 30 * 130 + 8 * 500
    assert redis_memory(measured(), 1_000_000) == pytest.approx(2e6 + 2_000 * 60_000 + 1e6 * a_day)
    assert redis_memory(measured(), pages_a_day_in(measured(), 8e9)) == pytest.approx(8e9)
    assert pages_a_day_in(measured(), 1e6) == 0


def test_the_part_that_ends_first_is_the_slowest_of_which_there_is_one() -> None:
    assert limits(measured()) == pytest.approx(
        {"Redis": 350, "the tick": 700, "follower stories": 350, "follower search": 175}
    )
    assert predicted_highest(measured(), 2)["all cores"] == pytest.approx(2_000 / 26)
    assert predicted_highest(measured(), 1)["the parser's processes"] == pytest.approx(100)


def test_tables_grow_by_what_was_added() -> None:
    before = {name: Relation(name=name, rows=10, table=8_192, indexes=8_192) for name in ("pages", "visits", "feed")}
    after = {
        "pages": Relation(name="pages", rows=20, table=16_384, indexes=8_192),
        "visits": Relation(name="visits", rows=30, table=24_576, indexes=16_384),
        "feed": before["feed"],
    }
    assert [(one.name, one.rows, one.table) for one in growth(before, after, 10)] == [
        ("visits", 2, 1_638.4),
        ("pages", 1, 819.2),
    ]


def test_the_tables_say_what_was_measured() -> None:
    told = markdown(measured())
    for text in (
        "The highest sustained rate: 40.0 pages a second.",
        "| CPU ms, parser ",
        "| articles ",
        "| follower search ",
        "| 10,000,000 |",
    ):
        assert text in told


def test_a_rate_that_is_not_sustained_is_not_called_so() -> None:
    told = markdown(msgspec.structs.replace(measured(), highest=load(45, in_air=list(range(60)))))
    assert "Not even 45.0 pages a second were sustained." in told


@pytest.mark.workers
@pytest.mark.timeout(600)
def test_a_short_measurement_has_all_figures(tmp_path: Path) -> None:
    for number in range(7):
        text = (
            f"<p>The council of Eastmoor has voted for tram number {number}, said the clerk who counted hands.</p>" * 4
        )
        page = f"<html lang=en><title>Tram {number}</title><article><h1>Tram {number}</h1>{text}</article></html>"
        (tmp_path / f"{number}.html").write_text(page, "utf-8")
    command = [sys.executable, "-m", "benchmarks.capacity", str(tmp_path), "--seconds", "2", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["ceiling"] > 0
    for name, fate in (("highest", "stored"), ("half", "stored"), ("unchanged", "unchanged")):
        assert set(found[name]["fates"]) == {fate}
        assert found[name]["wal_bytes"] > 0
        assert found[name]["redis_file_bytes"] > 0
        assert found[name]["archive_bytes"] > 0
        assert found[name]["cost"]["redis"]["commands"] > 10
    sizes = found["redis"]
    assert all(sizes[name] > 50 for name in ("waiting", "seen", "validators", "at_rest"))
    assert {"pages", "visits"} <= {one["name"] for one in found["postgres"]}
    assert set(found["followers"]) == {"stories", "search"}


@pytest.mark.parametrize("name", ["capacity", "soak"])
def test_the_document_has_each_section_once(name: str) -> None:
    text = CAPACITY.read_text("utf-8")
    assert (text.count(f"<!-- {name} -->"), text.count(f"<!-- /{name} -->")) == (1, 1)
