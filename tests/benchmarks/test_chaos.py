"""The chaos: its schedule, its pages, its network and its judgement; and a short run of all of it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest

from benchmarks.chaos.__main__ import APART_S, PAGES, SECONDS
from benchmarks.chaos.feeding import Asked
from benchmarks.chaos.network import Loop, Proxy, to_tcp
from benchmarks.chaos.plain import PlainResult
from benchmarks.chaos.press import Story, feed, front, page, stories, title
from benchmarks.chaos.report import Done, Evidence, judge
from benchmarks.chaos.schedule import ALONE, DECK, KINDS, Fault, faults
from benchmarks.chaos.tables import markdown
from benchmarks.chaos.watch import Stored, Visit
from services.parser.page import parse_page
from tests.support.site import dead_port
from tests.support.waiting import PATIENCE_S, wait_until

SITE = "http://127.0.2.1:80"


@pytest.mark.parametrize(("seconds", "kills"), [(SECONDS, 200), (180, 30)])
def test_a_schedule_follows_from_its_seed_and_has_enough_kills(seconds: float, kills: int) -> None:
    for seed in range(20):
        found = faults(seed, seconds, APART_S)
        assert found == faults(seed, seconds, APART_S)
        assert sum(DECK.get(fault.kind, (0, 0))[1] for fault in found) >= kills
        assert {fault.kind for fault in found} == set(KINDS if seconds == SECONDS else DECK)
        assert all(fault.at < seconds for fault in found)
        for alone in (fault for fault in found if fault.kind in ALONE):
            others = [fault for fault in found if fault is not alone]
            assert not any(alone.at < fault.at < alone.at + alone.lasts for fault in others)
            assert not any(fault.at < alone.at < fault.at + fault.lasts for fault in others)
    assert faults(1, seconds, APART_S) != faults(2, seconds, APART_S)


def test_the_parser_reads_the_pages_of_the_press() -> None:
    told = stories(1, 300, 180)
    assert told == stories(1, 300, 180)
    assert len({story.path for story in told}) == len(told)
    assert {story.way for story in told} == {"front", "feed", "door", "ledger"}
    assert any(story.copy_of is not None for story in told)
    for story in told:
        canonical = SITE + told[story.told].path
        read = parse_page(page(story, canonical, True), url=SITE + story.path, content_type="text/html")
        assert read.article is not None
        assert (read.article.title, read.canonical_url) == (title(story.told, True), canonical)
    listed = [(SITE + story.path, title(story.told, False)) for story in told[:40]]
    for body, kind in ((front(listed), "text/html"), (feed(listed, SITE), "application/rss+xml")):
        read = parse_page(body, url=SITE + "/front", content_type=kind)
        assert {headline.url for headline in read.headlines} == {url for url, _ in listed}


@pytest.fixture
def proxied() -> Iterator[tuple[Proxy, int]]:
    """A proxy before a server that answers with what it is told; and the proxy's port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)

    async def serve() -> int:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        return int(server.sockets[0].getsockname()[1])

    with Loop() as loop:
        proxy = Proxy(to_tcp(loop.run(serve())), loop)
        yield proxy, proxy.open()


async def told_back(streams: tuple[asyncio.StreamReader, asyncio.StreamWriter], seconds: float = PATIENCE_S) -> bytes:
    reader, writer = streams
    writer.write(b"word")
    return await asyncio.wait_for(reader.read(100), seconds)


async def is_reset(streams: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> bool:
    try:
        return await asyncio.wait_for(streams[0].read(100), PATIENCE_S) == b""
    except ConnectionError:
        return True


def test_a_proxy_passes_on_cuts_refuses_and_holds(proxied: tuple[Proxy, int]) -> None:
    proxy, port = proxied

    async def talk() -> None:
        def connect() -> Any:
            return asyncio.open_connection("127.0.0.1", port)

        first = await connect()
        assert await told_back(first) == b"word"
        await asyncio.to_thread(proxy.cut)
        assert await is_reset(first)
        await asyncio.to_thread(proxy.refuse, True)
        assert await is_reset(await connect())
        await asyncio.to_thread(proxy.refuse, False)
        second = await connect()
        assert await told_back(second) == b"word"
        await asyncio.to_thread(proxy.hold, True)
        with pytest.raises(TimeoutError):
            await told_back(second, 0.2)
        await asyncio.to_thread(proxy.hold, False)
        assert await is_reset(second)
        assert await told_back(await connect()) == b"word"

    asyncio.run(talk())


def test_a_proxy_before_a_dead_server_ends_connections() -> None:
    with Loop() as loop:
        port = Proxy(to_tcp(dead_port()), loop).open()

        async def talk() -> None:
            assert await is_reset(await asyncio.open_connection("127.0.0.1", port))

        asyncio.run(talk())


def story(number: int, way: Any, edited: float | None = None) -> Story:
    return Story(number=number, way=way, at=1, edited=edited, copy_of=None, again=())


def visit(flight: str, url: str, at: float) -> Visit:
    return Visit(flight_id=flight, url=url, at=at, landed_at=at + 0.5)


def article(url: str, number: int, version: int = 1, is_edited: bool = False) -> dict[str, Any]:
    return {"url": url, "canonical_url": url, "title": title(number, is_edited), "version": version}


def evidence(**changes: Any) -> Evidence:
    """A run in which all is well: one page from each side, and one kill of each parser."""
    stored = Stored(
        visits=[visit("f", "a", 101), visit("g", "b", 103), visit("h", "c", 109)],
        fates={"a": "stored", "b": "stored", "c": "unchanged"},
        articles=[article("a", 0), article("b", 1, 2, is_edited=True), article("c", 2)],
        quarantined=0,
    )
    fault = Fault(at=2, kind="one parser killed", lasts=0, pick=0)
    given: dict[str, Any] = {
        "seconds": 60,
        "began": 100,
        "stories": {"a": story(0, "ledger"), "b": story(1, "door", edited=2), "c": story(2, "feed")},
        "asked": [Asked(url="a", at=101, flight_id="f"), Asked(url="b", at=102)],
        "edited": frozenset({1}),
        "done": [Done(fault=fault, began=104, ended=104.1)],
        "moved": {"fetch": [105], "parse": [105], "index": [103, 107]},
        "stored": stored,
        "kills": 1,
        "left": 0,
    }
    return Evidence(**{**given, **changes})


def test_a_run_in_which_all_is_well() -> None:
    result = judge(evidence())
    assert (result.accepted, result.landed, result.visits, result.articles) == (3, 3, 3, 3)
    assert (result.lost, result.double, result.stale, result.not_stored, result.slow) == ([], [], [], [], [])
    assert (result.longest, result.longest_stall, result.late) == (1.5, 6, 0)
    assert result.recovery["one parser killed"].p95 == 3
    assert "one parser killed" in markdown(result, PlainResult(sent=1, lost=0, double=0, late=0, longest=1))


def test_what_is_lost_is_named() -> None:
    stored = evidence().stored
    there = Stored(visits=stored.visits[1:2], fates={"b": "stored"}, articles=stored.articles[1:2], quarantined=0)
    result = judge(evidence(stored=there))
    assert result.lost == ["a: flight f", "a: asked for", "c: listed"]


@pytest.mark.parametrize(
    ("visits", "articles"),
    [
        ([visit("f", "a", 101.2)], []),
        ([], [article("a", 0)]),
        ([], [{**article("d", 0), "canonical_url": "a"}]),
        ([], [article("e", 9, version=2)]),
    ],
    ids=["a flight with two visits", "a URL with two articles", "a copy as an article", "a version of the same text"],
)
def test_what_is_double_is_named(visits: list[Visit], articles: list[dict[str, Any]]) -> None:
    stored = evidence().stored
    more = Stored(
        visits=[*stored.visits, *visits], fates=stored.fates, articles=[*stored.articles, *articles], quarantined=0
    )
    assert judge(evidence(stored=more)).double


def test_an_article_that_is_older_than_what_was_fetched_is_stale() -> None:
    assert judge(evidence(edited=frozenset({0, 1}))).stale == ["a"]


def test_a_stage_that_never_moves_again_is_slow() -> None:
    result = judge(evidence(moved={"fetch": [], "parse": [], "index": [103]}))
    assert result.slow == ["one parser killed"]


def test_a_fault_from_which_nothing_recovers_within_a_minute_of_its_end_is_slow() -> None:
    fault = Fault(at=2, kind="Redis stopped", lasts=5, pick=0)
    done = [Done(fault=fault, began=102, ended=107)]
    late = visit("i", "c", 170)
    stored = evidence().stored
    result = judge(evidence(done=done * 30, stored=msgspec.structs.replace(stored, visits=[*stored.visits[:2], late])))
    assert result.recovery["Redis stopped"].after_end == 63.5
    assert result.slow == ["Redis stopped"]


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "benchmarks.chaos", *map(str, arguments)]


@pytest.mark.workers
@pytest.mark.timeout(600)
def test_a_short_chaos_loses_nothing_and_doubles_nothing() -> None:
    """How long pages were held up is not judged here: that depends on what else the machine does."""
    arguments = command("--seconds", 30, "--pages", PAGES // 40, "--apart", 3, "--seed", 11, "--json")
    done = subprocess.run(arguments, capture_output=True, check=False)
    assert done.stdout, done.stderr.decode()
    result = json.loads(done.stdout)["depeche"]
    assert (result["lost"], result["double"], result["stale"], result["left"]) == ([], [], [], 0)
    assert result["landed"] == result["accepted"] > PAGES // 40
    assert result["kills"] > 0


@pytest.mark.workers
def test_interrupted_it_leaves_nothing_behind() -> None:
    with tempfile.TemporaryDirectory() as scratch:  # pytest's paths are too long for a Unix socket
        Path(scratch).chmod(0o755)
        env = {**os.environ, "TMPDIR": scratch}
        with subprocess.Popen(command("--seconds", 600), env=env, stderr=subprocess.DEVNULL) as process:
            root = psutil.Process(process.pid)
            wait_until(lambda: list(Path(scratch).glob("*/plain/logs/celery-2.log")))
            [postmaster] = Path(scratch).glob("*/postgres/postmaster.pid")
            started = [psutil.Process(int(postmaster.read_text("utf-8").split()[0])), *root.children(recursive=True)]
            process.send_signal(signal.SIGINT)
            assert process.wait(120) in (130, -signal.SIGINT)
        _, alive = psutil.wait_procs(started, timeout=PATIENCE_S)
        assert alive == []
        assert list(Path(scratch).glob("depeche-chaos-*")) == []
