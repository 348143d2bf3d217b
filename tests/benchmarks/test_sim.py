"""The simulated day: its press, its pages, what its sites see, and the judgement; the day itself is `make sim`."""

import time
import urllib.error
import urllib.request
from typing import Any

import msgspec
import pytest

from benchmarks.sim import watch as watch_module
from benchmarks.sim.__main__ import played_press, sources_toml
from benchmarks.sim.pages import article, front
from benchmarks.sim.press import Story, sites, stories
from benchmarks.sim.report import Observed, Plan, judge, markdown
from benchmarks.sim.site_server import Account
from benchmarks.sim.watch import HostWatch, Seen
from services.fetcher.sources.file import read_sources
from services.parser.page import parse_page

BASE = "http://127.0.1.1:80"
QUIET = Seen(requests=9, too_close=0, least_gap=0.6, most_at_once=1, in_pauses=0)


def test_the_press_is_the_same_wherever_it_is_asked_for() -> None:
    assert sites(200) == sites(200)
    assert [stories(site, 240) for site in sites(20)] == [stories(site, 240) for site in sites(20)]
    assert stories(sites(1)[0], 60) == stories(sites(1)[0], 240)[: len(stories(sites(1)[0], 60))]
    assert {site.trouble for site in sites(200)} >= {"slow", "hostile", "closed", "overloaded", "private", None}
    assert {site.oddity for site in sites(200)} == {"opaque", "untitled", "broken", None}
    assert len({(s.site, s.path) for site in sites(60) for s in stories(site, 240)}) == sum(
        len(stories(site, 240)) for site in sites(60)
    )
    fates = {story.fate for site in sites(200) for story in stories(site, 240)}
    assert fates == {"stored", "gone", "forbidden", "trap"}


@pytest.mark.parametrize(
    "site", [sites(35)[n] for n in (*range(14), 20, 34)], ids=lambda site: f"{site.kind}-{site.number}"
)
def test_the_parser_reads_the_pages_of_the_press(site: Any) -> None:
    listed = stories(site, 240)[-40:]
    kind = "text/html" if site.kind == "page" else "application/xml"
    page = parse_page(front(site, listed, BASE, 1.7e9, 240), url=BASE + site.list_path, content_type=kind)
    assert {h.url for h in page.headlines} == {BASE + story.path for story in listed}
    story = next(story for story in listed if story.edited)
    for at in (story.published, 999.0):
        page = parse_page(article(story, BASE, 1.7e9, at), url=BASE + story.path, content_type="text/html")
        assert page.article is not None
        assert page.article.title == story.title(at)
    assert story.title(999.0).endswith("corrected")


def test_an_operator_could_have_written_the_sources(tmp_path: Any) -> None:
    (tmp_path / "sources.toml").write_text(sources_toml(sites(9), 80), "utf-8")
    assert read_sources(tmp_path / "sources.toml")[0].url == f"{BASE}/"


def test_a_host_sees_what_is_done_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(watch_module.time, "monotonic", lambda: now)
    host = HostWatch(least=0.5, grace=0.2)
    host.arrives()
    now += 0.4
    host.arrives()
    host.leaves()
    host.leaves()
    host.pauses(4)
    now += 0.1
    host.arrives(late=0.3)  # on its way when the pause was asked for
    host.leaves()
    now += 0.3
    host.arrives()  # the one before may have come 0.6 s earlier
    seen = host.seen()
    assert (seen.requests, seen.too_close, seen.most_at_once, seen.in_pauses) == (4, 2, 2, 1)
    assert seen.least_gap == pytest.approx(0.1)


def ask(url: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, b"", dict(error.headers)


def test_the_sites_are_played_and_keep_account() -> None:
    with played_press(14, 240) as opened:
        base = f"http://127.0.1.1:{opened.port}"
        status, _, headers = ask(base + "/")
        assert status == 200
        assert ask(base + "/", **{"If-None-Match": headers["ETag"]})[0] in (200, 304)
        first = stories(sites(1)[0], 240)[0]
        assert first.fate == "stored"
        assert ask(base + first.path)[0] == 200
        assert ask(base + "/nothing")[0] == 404
        private = sites(14)[13]
        hidden = next(story for story in stories(private, 240) if story.fate == "forbidden")
        assert b"/private/" in ask(f"http://{private.address}:{opened.port}/robots.txt")[1]
        ask(f"http://{private.address}:{opened.port}{hidden.path}")
        accounts = msgspec.json.decode(ask(base + "/account")[1], type=dict[int, Account])
    assert accounts[0].seen.requests == 4
    assert first.number in accounts[0].first_listed
    assert (accounts[0].forbidden, accounts[13].forbidden) == (0, 1)
    assert accounts[0].seen.too_close > 0, "this test spares nobody"


def account(seen: Seen = QUIET, **fields: Any) -> Account:
    given = {"forbidden": 0, "pages": 10, "not_modified": 4, "bytes_sent": 600, "bytes_saved": 400, "first_listed": {}}
    return Account(seen=seen, **{**given, **fields})


def story(number: int, fate: str, published: float = 50.0, edited: float | None = None) -> Story:
    return msgspec.convert(
        {"site": 0, "number": number, "published": published, "edited": edited, "fate": fate}, type=Story
    )


def judged(accounts: dict[int, Account], observed: Observed, told: dict[str, Story]) -> Any:
    plan = Plan(sites=sites(1), stories=told, fetchers=4, seconds=240)
    day = judge(plan, accounts, observed)
    assert markdown(day, plan)
    return day


def test_a_good_day() -> None:
    told = {"a": story(0, "stored", edited=60), "b": story(1, "stored", 60), "c": story(2, "gone")}
    seen = {0: account(first_listed={0: 52.0, 1: 64.0})}
    fates = {"a": "unchanged", "b": "stored", "c": "gone"}
    titles = {"a": "A, corrected", "b": "B"}
    day = judged(seen, Observed(stored_at={"a": 53, "b": 66}, titles=titles, fates=fates, quarantined=0), told)
    assert (day.missed, day.violations, day.wrong_fates, day.edits, day.edits_missed) == ([], 0, [], 1, [])
    assert (day.freshness.p50, day.freshness.longest) == (6, 6)
    assert (day.until_listed.longest, day.until_stored.longest) == (4, 2)
    assert (day.pages, day.not_modified) == (10, 4)


@pytest.mark.parametrize(
    "seen",
    [
        account(msgspec.structs.replace(QUIET, too_close=1)),
        account(msgspec.structs.replace(QUIET, most_at_once=3)),
        account(msgspec.structs.replace(QUIET, in_pauses=1)),
        account(forbidden=1),
    ],
    ids=["too close", "too many", "in a pause", "forbidden"],
)
def test_what_no_publisher_wants_is_a_violation(seen: Account) -> None:
    day = judged({0: seen}, Observed(stored_at={}, titles={}, fates={}, quarantined=0), {})
    assert day.violations == 1


def test_a_bad_day_names_its_stories() -> None:
    told = {"a": story(0, "stored", edited=60), "b": story(1, "stored"), "t": story(2, "trap")}
    observed = Observed(stored_at={"a": 53}, titles={"a": "A"}, fates={"a": "stored", "t": "stored"}, quarantined=0)
    day = judged({0: account(first_listed={0: 51.0})}, observed, told)
    assert (day.missed, day.edits_missed, day.wrong_fates) == (["b"], ["a"], ["t: stored"])


def test_time_is_that_of_the_day() -> None:
    with played_press(1, 10) as opened:
        assert abs(time.time() - opened.began) < 5
