"""The soak: its press, its judgement, and a short run of all of it."""

import json
import subprocess
import sys
from typing import Any

import pytest

from benchmarks.soak.meters import Kind, Sample, known_bytes
from benchmarks.soak.press import LISTED, LISTS, PASSING, STEADY, Press, list_of, path, story, title
from benchmarks.soak.report import Line, Result, left_over, lines, markdown
from services.parser.page import parse_page

PRESS = Press(per_s=2, edited_at=100)


def test_stories_appear_at_a_steady_rate_and_most_are_edited() -> None:
    assert [PRESS.newest(at) for at in (0, 0.5, 10)] == [-1, 0, 19]
    assert [PRESS.edition(4, at) for at in (2, 101, 102)] == [0, 0, 1]
    assert PRESS.edition(3, 1_000) == 0
    listed = list(PRESS.listed(2, 1_000))
    assert len(listed) == LISTED
    assert listed[0] > 1_990
    assert {list_of(number) for number in listed} == {2}
    assert list(PRESS.listed(5, 2.9)) == []
    assert list(PRESS.listed(2, 2.9)) == [2]


def test_hosts_come_and_go_beside_those_that_stay() -> None:
    hosts = {PRESS.address(number) for number in range(2 * 600)}
    assert len(hosts & set(STEADY)) == len(STEADY) * 3 // 4
    assert len(hosts & set(PASSING)) == 10


def test_the_parser_reads_the_stories_of_the_press() -> None:
    url = "http://127.0.3.1:80"
    for number in range(20):
        for edition in (0, 1):
            page = story(number, edition, url + path(number))
            read = parse_page(page, url=url + path(number), content_type="text/html")
            assert read.article is not None
            assert read.article.title == title(number, edition)
    assert story(5, 0, url) == story(5, 0, url) != story(5, 1, url)


def sample(at: float, held: float, visits: int = 0) -> Sample:
    return Sample(at=at, visits=visits, in_air=3, held={"parser, MB": held}, grown={"logs, MB": at * 0.0015}, kinds={})


def result(**changes: Any) -> Result:
    found = lines([sample(at, 100, 10 * at) for at in range(0, 1_000, 10)], 200)
    given: dict[str, Any] = {
        "seconds": 1_000,
        "visits": 10_000,
        "pages_per_s": 10,
        "fates": {"stored": 10_000},
        "in_air": found.in_air,
        "held": found.held,
        "grown": found.grown,
        "kinds": {"seen": Kind(keys=1, entries=4_000, bytes=400_000)},
        "stuck": 0,
        "left": {},
        "restarts": [],
    }
    return Result(**{**given, **changes})


def test_a_flat_run_is_without_fault() -> None:
    assert result().faults == []
    [logs] = result().grown
    assert (logs.visits, round(1e6 * (logs.last - logs.first) / logs.visits)) == (6_400, 150)
    told = markdown(result())
    for cell in ("| logs, MB ", "| 0.15 KB ", "| seen ", "| 100 "):
        assert cell in told


@pytest.mark.parametrize(("slope", "grows"), [(0.004, False), (0.02, True)])
def test_what_grows_steadily_is_named(slope: float, grows: bool) -> None:
    held = lines([sample(at, 100 + slope * at) for at in range(0, 1_000, 10)], 200).held
    faults = result(held=held).faults
    assert [fault.split(":")[0] for fault in faults] == (["parser, MB"] if grows else [])


def test_growth_in_the_warm_up_and_a_single_peak_are_none() -> None:
    held = lines([sample(at, min(at, 200) + 500 * (at == 500)) for at in range(0, 1_000, 10)], 200).held
    assert (held[0].highest, held[0].has_grown) == (700, False)


def test_one_thread_more_is_noise_and_two_of_thirty_are_not() -> None:
    def grown(first: float, last: float) -> bool:
        return Line(name="parser, threads", first=first, last=last, highest=last, visits=1).has_grown

    assert [grown(2, 3), grown(30, 32), grown(100, 104)] == [False, True, False]


def test_a_backlog_is_a_fault() -> None:
    faults = result(in_air=Line(name="pages in the air", first=9, last=301, highest=301, visits=1)).faults
    assert [fault.split(":")[0] for fault in faults] == ["301 pages are in the air at the end"]


def test_what_was_started_again_is_a_fault() -> None:
    assert result(restarts=["parser ended with status 1"]).faults == ["parser ended with status 1"]


def test_keys_of_pages_that_have_landed_are_a_fault() -> None:
    kinds = {kind: Kind(keys=2, entries=2, bytes=99) for kind in ("seen", "in_hand", "flight")}
    assert left_over(kinds, consumers=3) == {"flight": 2}
    assert left_over(kinds, consumers=1) == {"flight": 2, "in_hand": 2}
    assert len(result(left={"flight": 2}).faults) == 1


def test_pages_that_do_not_land_are_a_fault() -> None:
    assert result(stuck=2).faults == ["2 pages have not landed, long after the last one was published."]


def test_a_warm_up_leaves_time_for_samples() -> None:
    command = [sys.executable, "-m", "benchmarks.soak", "--seconds", "10", "--warm-up", "10"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "more --seconds" in done.stderr


def test_what_redis_remembers_is_counted_with_its_tables() -> None:
    kinds = {"seen": Kind(keys=1, entries=9, bytes=1_000), "sources_due": Kind(keys=5, entries=5, bytes=5_000)}
    assert known_bytes({"db0": {"keys": 6, "expires": 3}}, kinds) == 1_000 + 8 * (8 + 4) + 3 * 32
    assert known_bytes({}, {}) == 2 * 4 * 8


@pytest.mark.workers
@pytest.mark.timeout(600)
def test_a_short_soak_measures_everything() -> None:
    """Whether something grows is not judged here: after seconds, everything still does."""
    arguments = ["--seconds", "12", "--warm-up", "2", "--rate", "9", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.soak", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    soaked = json.loads(done.stdout)
    assert (soaked["stuck"], soaked["left"], soaked["restarts"]) == (0, {}, [])
    assert {"stored", "unchanged", "gone"} <= soaked["fates"].keys()
    assert soaked["visits"] > LISTS
    held = {line["name"]: line["last"] for line in soaked["held"]}
    assert all(held[f"{name}, MB"] > 20 for name in ("fetcher", "parser", "indexer", "tick"))
    assert held["Postgres, connections"] >= 1
    assert held["Redis, connections"] >= 4
    assert all(line["highest"] >= line["last"] > 0 for line in soaked["grown"])
