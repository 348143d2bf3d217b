"""`depeche sources`: check tries each source against a real server and needs none of ours; list reads Redis."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis
from structlog.testing import capture_logs

from services.fetcher.sources.source import Source
from services.fetcher.timing.schedule import Schedule
from shared.failures import GiveUp
from shared.flight.drops import dropped
from shared.flight.redis_keys import SOURCE
from shared.messages import FetchPage, Origin, Visit
from shared.sources.log import SourceLog
from tests.cli.conftest import Run
from tests.support.running import Ran
from tests.support.site import Answer, Site, dead_port

Check = Callable[..., Ran]
XML = {"Content-Type": "application/rss+xml"}


def feed(*links: str, at: str = "") -> Answer:
    date = f"<pubDate>{at}</pubDate>" if at else ""
    items = "".join(
        f"<item><title>Harbour report number {n}</title><link>{u}</link>{date}</item>" for n, u in enumerate(links)
    )
    return Answer(f'<rss version="2.0"><channel>{items}</channel></rss>'.encode(), headers=XML)


TITLES = (
    "Harbour opens after nine years of work on the new quay",
    "Ferry to the islands keeps its Sunday crossing this winter",
    "Town council votes against a second tram line to Eastmoor",
    "Schools close early on Friday because of the coming storm",
    "Museum of clocks finds a lost dial in its own cellar",
)


def front(*links: str, head: str = "") -> bytes:
    lines = "".join(f'<article><h2><a href="{u}">{t}</a></h2></article>' for u, t in zip(links, TITLES, strict=False))
    return f"<html><head>{head}</head><body><h1>News</h1><main>{lines}</main></body></html>".encode()


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(text)}" for key, text in value.items()) + "}"
    return json.dumps(value)


@pytest.fixture
def check(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Check:
    """Write these sources (a dict each) and check them."""
    monkeypatch.setenv("DEPECHE_ALLOW_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("DEPECHE_HOST_DELAY", "0")

    def write_and_check(*sources: dict[str, Any], options: tuple[str, ...] = ()) -> Ran:
        text = "".join("[[source]]\n" + "".join(f"{k} = {toml(v)}\n" for k, v in s.items()) for s in sources)
        (tmp_path / "sources.toml").write_text(text, "utf-8")
        return run("sources", "check", "sources.toml", *options)

    return write_and_check


def trials(ran: Ran) -> dict[str, dict[str, Any]]:
    return {trial["name"]: trial for trial in map(json.loads, ran.out.splitlines())}


def test_what_a_page_and_its_feed_would_lead_to(check: Check, site: Site) -> None:
    links = [f"/2025/05/harbour-report-{n}" for n in range(5)]
    url = site.serve("/", front(*links, head='<link rel="alternate" type="application/rss+xml" href="/rss.xml">'))
    site.serve("/rss.xml", feed(*map(site.url, links[:2])))
    ran = check({"name": "front", "url": url}, {"name": "feed", "url": site.url("/rss.xml")}, options=("--json",))
    assert ran.status == 0
    found = trials(ran)
    assert list(found) == ["front", "feed"]
    page = found["front"]
    assert (page["ok"], page["kind"], page["http_status"], page["stories"]) == (True, "page", 200, 5)
    assert (page["feeds"], page["feeds_followed"]) == ([site.url("/rss.xml")], 1)
    assert page["first_stories"] == [site.url(link) for link in links[:3]]
    assert (found["feed"]["kind"], found["feed"]["headlines"], found["feed"]["stories"]) == ("feed", {"feed": 2}, 2)


def test_the_same_for_people(check: Check, site: Site) -> None:
    url = site.serve("/", front(*(f"/2025/05/harbour-report-{n}" for n in range(5))))
    ran = check({"name": "front", "url": url}, {"name": "lost", "url": site.url("/lost")})
    assert ran.status == 1
    assert "works  front" in ran.out
    assert "would follow 5 stories" in ran.out
    assert site.url("/2025/05/harbour-report-0") in ran.out
    assert "fails  lost" in ran.out
    assert "http_404" in ran.out
    assert "1 of 2 sources work" in ran.err


def test_what_is_broken_in_a_feed_is_told(check: Check, site: Site) -> None:
    whole = feed(*(site.url(f"/{n}") for n in range(3))).body
    url = site.serve("/rss.xml", Answer(b"<b>Warning</b>: slow query\n" + whole[:-60], headers=XML))
    ran = check({"name": "feed", "url": url})
    assert ran.status == 0
    assert "is broken: read 2 entries, passed over 1, mended 1 from line 1 on (text before the root element)" in ran.out


def test_every_way_to_fail_is_named(check: Check, site: Site) -> None:
    story = site.url("/2025/05/harbour-report-1")
    site.serve("/robots.txt", Answer(b"User-agent: *\nDisallow: /private", headers={"Content-Type": "text/plain"}))
    site.serve("/private", front(story))
    expected = {
        "robots": (site.url("/private"), {}, "robots_disallowed"),
        "broken": (site.serve("/broken", Answer(b"oops", 500)), {}, "http_500"),
        "dead": (f"http://127.0.0.1:{dead_port()}/", {}, "robots_unreachable"),
        "inward": ("http://10.255.255.1/", {}, "address_denied"),
        "pdf": (
            site.serve("/pdf", Answer(b"%PDF-1.7", headers={"Content-Type": "application/pdf"})),
            {},
            "unsupported_type",
        ),
        "kind": (site.serve("/kind", front(*(f"{story}{n}" for n in range(4)))), {"kind": "feed"}, "other_kind"),
        "bare": (site.serve("/bare", b"<html><body><div id=app></div></body></html>"), {}, "nothing_to_follow"),
        "other": (site.serve("/other.xml", feed("https://other.example/1")), {}, "nothing_to_follow"),
        "lists": (site.serve("/lists.xml", feed(story)), {"follow": "ticker"}, "nothing_to_follow"),
    }
    sources = [{"name": name, "url": url, **keys} for name, (url, keys, _) in expected.items()]
    ran = check(*sources, options=("--json",))
    assert ran.status == 1
    assert {name: (t["ok"], t["reason"]) for name, t in trials(ran).items()} == {
        name: (False, reason) for name, (_, _, reason) in expected.items()
    }
    assert all(trial["problem"] for trial in trials(ran).values())


def test_what_is_said_of_the_pages_use_is_shown_and_may_be_respected(check: Check, site: Site) -> None:
    site.serve("/robots.txt", b"User-agent: *\nContent-Signal: /reserved ai-train=no\n")
    site.serve("/.well-known/tdmrep.json", b'[{"location": "/", "tdm-reservation": 0}]')
    url = site.serve("/reserved.xml", feed(site.url("/2025/05/harbour-report-1")))
    other = site.serve("/reserved.xml?2", feed(site.url("/2025/05/harbour-report-1")))
    ran = check({"name": "noted", "url": url}, {"name": "heeded", "url": other, "rights": "respect"})
    assert ran.status == 1
    assert "says tdm_reservation: 0 (tdmrep.json, of /)" in ran.out
    assert "says content_signal: ai-train=no (robots.txt, of /reserved, to *)" in ran.out
    assert "fails  heeded" in ran.out
    assert 'rights_reserved: the page says "Content-Signal: ai-train=no" in its site\'s robots.txt' in ran.out


def test_what_may_surprise_is_no_failure(check: Check, site: Site) -> None:
    story = site.url("/2025/05/harbour-report-1")
    sources = [
        {"name": "old", "url": site.serve("/old.xml", feed(story, at="Mon, 06 Jan 2020 10:00:00 GMT"))},
        {"name": "looks", "url": site.serve("/sitemap.xml", feed(story))},
        {"name": "moved", "url": site.serve("/moved", Answer(b"", 301, {"Location": "/looks.rss"}))},
        {"name": "alone", "url": site.serve("/alone", b"<html><body><p>Nothing</p></body></html>"), "follow": []},
        {"name": "off", "url": site.url("/off"), "enabled": False},
    ]
    site.serve("/looks.rss", feed(story))
    ran = check(*sources, options=("--json",))
    found = trials(ran)
    assert (ran.status, list(found)) == (0, ["old", "looks", "moved", "alone"])
    assert (found["old"]["stories"], found["old"]["too_old"]) == (0, 1)
    assert found["old"]["note"] == "all its stories are older than max_age"
    assert found["looks"]["note"] == "its address looks like a sitemap, and it is a feed"
    assert found["moved"]["final_url"] == site.url("/looks.rss")
    assert site.asked("/off") == 0


def test_headers_delay_and_robots_are_those_of_the_stack(check: Check, site: Site) -> None:
    urls = [site.serve(f"/{n}.xml", feed(site.url("/2025/05/harbour-report-1"))) for n in range(3)]
    keys = {"headers": {"X-Key": "k"}, "user_agent": "Desk/1", "delay": "1s"}
    start = time.monotonic()
    ran = check(*({"name": f"s{n}", "url": url, **keys} for n, url in enumerate(urls)), options=("--json",))
    assert ran.status == 0, ran.out
    assert time.monotonic() - start >= 3  # four requests, with that for robots.txt
    assert site.asked("/robots.txt") == 1
    assert site.headers_of("/1.xml")["X-Key"] == "k"
    assert site.headers_of("/1.xml")["User-Agent"] == "Desk/1"


def test_offline_reads_the_file_alone(check: Check, site: Site) -> None:
    url = site.serve("/", front("/1"))
    ran = check({"name": "a", "url": url}, options=("--offline",))
    assert ran.status == 0
    assert "is right: 1 source" in ran.err
    assert site.asked("/") == 0


def test_a_wrong_file_is_named_with_its_lines(check: Check) -> None:
    ran = check({"name": "a", "url": "news.example"}, {"name": "b", "url": "https://news.example/", "evry": "5m"})
    assert ran.status == 2
    assert "sources.toml, line 3: [[source]] number 1, url: write a whole address" in ran.err
    assert "sources.toml, line 7: [[source]] number 2, evry: there is no such key; do you mean every?" in ran.err
    assert "Traceback" not in ran.err


def test_an_empty_file_is_said_to_be_empty(check: Check) -> None:
    ran = check()
    assert (ran.status, "sources.toml is empty: there is no [[source]] in it" in ran.err) == (2, True)


def test_the_file_of_the_settings(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert run("sources", "check").status == 2
    (tmp_path / "mine.toml").write_text('[[source]]\nname = "a"\nurl = "https://news.example/"\n')
    monkeypatch.setenv("DEPECHE_SOURCES", "mine.toml")
    ran = run("sources", "check", "--offline")
    assert (ran.status, "mine.toml is right" in ran.err) == (0, True)


def test_list_shows_how_visits_went(run_on_servers: Run, client: "redis.Redis") -> None:
    schedule, log = Schedule(client), SourceLog(client)
    sources = {n: Source(name=n, url=f"https://{n}.example/", every="15m") for n in ("calm", "failing")}
    schedule.enter(sources)
    schedule.confirm(schedule.claim_due())
    page = FetchPage(
        flight_id="f", origin=Origin(url="https://failing.example/", source="failing", visit=Visit(of_source=True))
    )
    with capture_logs():
        log.note(page, dropped("fetch", page, GiveUp("http_503", "busy"), "failed"), [])
    client.hset(SOURCE + "failing", "failing_since", time.time() - 7500)
    client.hset(SOURCE + "calm", "faults", "read 4 entries, stopped at line 9")
    rows = {row["name"]: row for row in map(json.loads, run_on_servers("sources", "list", "--json").out.splitlines())}
    assert list(rows) == ["calm", "failing"]
    assert rows["calm"]["due"] == pytest.approx(time.time() + 900, abs=10)
    assert (rows["calm"]["result"], rows["calm"]["failing_since"]) == (None, None)
    assert (rows["failing"]["result"], rows["failing"]["reason"], rows["failing"]["failures"]) == (
        "failed",
        "http_503",
        1,
    )
    table = run_on_servers("sources", "list").out
    for shown in ("in 15m", "failed: http_503", "2h05m (1 visit)", "calm", "read 4 entries"):
        assert shown in table


def test_list_without_sources(run_on_servers: Run) -> None:
    ran = run_on_servers("sources", "list")
    assert ran.status == 0
    assert "no source is on the schedule" in ran.err


def test_how_many_stories_robots_txt_forbids(check: Check, site: Site) -> None:
    site.serve("/robots.txt", Answer(b"User-agent: *\nDisallow: /closed/\n", headers={"Content-Type": "text/plain"}))
    url = site.serve("/", front("/2025/05/harbour-opens", "/closed/ferry-keeps-its-crossing", "/closed/council-votes"))
    ran = check({"name": "front", "url": url})
    assert ran.status == 0
    assert "would follow 3 stories" in ran.out
    assert "robots.txt forbids 2 of these stories, which will be refused" in ran.out
    found = trials(check({"name": "front", "url": url}, options=("--json",)))
    assert (found["front"]["stories"], found["front"]["forbidden"]) == (3, 2)
