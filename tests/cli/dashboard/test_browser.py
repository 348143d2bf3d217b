"""The pages in a real browser: wide and narrow, light and dark, by keyboard alone, with hostile text, updating."""

import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from services.fetcher.sources.source import Source
from services.fetcher.timing.schedule import Schedule
from shared.broker.consumers import WORKER_STAGES, Consumer, Consumers
from shared.flight.ledger import Ledger
from shared.flight.redis_keys import SOURCE
from shared.messages import FetchRequest, Origin
from tests.cli.dashboard.serving import Dashboard
from tests.cli.quarantine.quarantined import BreakingParser, visited
from tests.cli.services import Services, story
from tests.support.browser import CHROMIUM, Browser, browser
from tests.support.flights import at_parse
from tests.support.records import changed
from tests.support.source_visits import day_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="There is no Chromium on this machine; apt has it as chromium."),
]
HOSTILE = "<script>window.pwned=1</script><img/src=/x/onerror=window.pwned=1>"
LONG = "https://news.example/" + "very-long-and-without-a-break" * 12 + HOSTILE
PATHS = ("/", "/sources", "/sources/harbour", "/quarantine", "/quarantine/1", "/nowhere")
FOCUSABLE = "a[href], button, input, select, [tabindex='0']"


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("chromium")) as window:
        yield window


@pytest.fixture
def _filled(
    services: Services,
    client: "redis.Redis",
    database: psycopg.Connection,
    ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Something on each page, all of it long or hostile."""
    for stage in WORKER_STAGES:
        Consumers(client).beat(stage, changed(Consumer.here(stage), at=LONG, in_hand=1))
    parser = BreakingParser(monkeypatch)
    services.bring([visited(LONG, story(f"BROKEN {HOSTILE}"))])
    parser.mend()
    day_of(database, 0, source="harbour")
    at_parse(ledger, client, LONG)
    Schedule(client).enter({name: Source(name=name, url=LONG) for name in ("harbour", HOSTILE)})
    failed = {"result": "failed", "reason": "http_500", "detail": HOSTILE * 3, "failures": 4}
    client.hset(SOURCE + "harbour", mapping={**failed, "failing_since": time.time() - 7200})


@pytest.mark.usefixtures("_filled")
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1400, 390])
def test_pages_look_right_and_nothing_runs(window: Browser, acting: Dashboard, width: int, dark: bool) -> None:
    window.look_like(width, 900, dark=dark)
    for path in PATHS:
        window.open(acting.url + path)
        assert window.value("document.documentElement.scrollWidth") <= width, path
        assert window.value("typeof window.pwned") == "undefined", path
        [red, *_] = window.value("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
        assert (red < 64) == dark, path
        complaints = [text for text in window.complaints() if not (path == "/nowhere" and "404" in text)]
        assert complaints == [], path
    window.open(acting.url)
    window.wait_for("document.querySelector('.plot canvas') !== null")
    assert window.complaints() == []


@pytest.mark.usefixtures("_filled")
@pytest.mark.parametrize("path", ["/", "/sources", "/sources/harbour", "/quarantine/1"])
def test_by_keyboard_alone(window: Browser, acting: Dashboard, path: str) -> None:
    window.look_like(1400, 900, dark=False)
    window.open(acting.url + path)
    window.value("document.querySelectorAll('[hx-trigger]').forEach(part => part.removeAttribute('hx-trigger'))")
    number = window.value(f"document.querySelectorAll({FOCUSABLE!r}).length")
    assert number > 5
    window.value(f"document.querySelectorAll({FOCUSABLE!r}).forEach((one, number) => one.dataset.at = number)")
    reached = []
    for _ in range(number):
        window.press("Tab")
        reached.append(window.value("document.activeElement.dataset.at"))
        assert window.value("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2, reached
        assert window.value("getComputedStyle(document.activeElement).outlineStyle") != "none", reached
        assert window.value("(box => box.width > 0 && box.right > 0)(document.activeElement.getBoundingClientRect())")
    assert reached == [str(at) for at in range(number)]


def test_the_skip_link_and_a_link_by_keys(window: Browser, dashboard: Dashboard) -> None:
    window.look_like(1400, 900, dark=False)
    window.open(dashboard.url + "/sources")
    window.press("Tab")
    assert window.value("document.activeElement.textContent") == "Skip to the content"
    window.press("Enter")
    window.wait_for("document.activeElement.id === 'main'")
    window.press("Tab")
    assert window.value("document.activeElement.name") == "words"
    window.press("Tab", shift=True)
    assert window.value("document.activeElement.textContent") == "Quarantine"
    window.press("Enter")
    window.wait_for("location.pathname === '/quarantine' && document.readyState === 'complete'")


@pytest.mark.usefixtures("_filled")
def test_now_updates_by_itself_and_keeps_the_focus(
    window: Browser, dashboard: Dashboard, ledger: Ledger, client: "redis.Redis"
) -> None:
    window.look_like(1400, 900, dark=False)
    window.open(dashboard.url)
    window.value("document.querySelector('#sources-failing').focus()")
    ledger.accept([FetchRequest(origin=Origin(url=f"https://calm.example/{n}")) for n in range(777)])
    window.wait_for("document.querySelector('#stages').textContent.includes('777')")
    window.wait_for("document.activeElement.id === 'sources-failing'")
    window.value("document.querySelector('#hold').click()")
    assert window.value("document.querySelector('#hold').getAttribute('aria-pressed')") == "true"
    asked = "performance.getEntriesByType('resource').filter(one => one.name.endsWith('/now')).length"
    window.value("new Promise(done => setTimeout(done, 500))")  # what was on its way when it was held
    before = window.value(asked)
    window.value("new Promise(done => setTimeout(done, 4000))")
    assert window.value(asked) == before
    window.value("document.querySelector('#hold').click()")
    window.wait_for(f"{asked} > {before}")
    assert window.complaints() == []


def test_it_says_when_the_dashboard_is_silent(window: Browser, dashboard: Dashboard) -> None:
    window.look_like(390, 900, dark=False)
    window.open(dashboard.url)
    assert window.value("document.querySelector('#silence').hidden")
    window.ask("Network.enable")
    gone = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    window.ask("Network.emulateNetworkConditions", **gone)
    window.wait_for("!document.querySelector('#silence').hidden")
    window.ask("Network.emulateNetworkConditions", **{**gone, "offline": False, "downloadThroughput": -1})
    window.wait_for("document.querySelector('#silence').hidden")


def test_the_policy_alone_would_hold(window: Browser, dashboard: Dashboard, tmp_path: Path) -> None:
    window.open(dashboard.url)
    window.value(
        "document.body.insertAdjacentHTML('beforeend', '<img src=http://127.0.0.1:9/x onerror=window.pwned=1>"
        "<p id=styled style=color:red>x</p><iframe src=https://evil.example/></iframe>');"
        "let smuggled = document.createElement('script'); smuggled.textContent = 'window.pwned = 1';"
        "document.body.append(smuggled)"
    )
    assert window.value("typeof window.pwned") == "undefined"
    assert window.value("getComputedStyle(document.querySelector('#styled')).color") != "rgb(255, 0, 0)"
    assert window.value("fetch('http://127.0.0.1:9/').then(() => 'asked', () => 'refused')") == "refused"
    assert len(window.complaints()) >= 4


def test_a_source_is_paused_by_keys(window: Browser, acting: Dashboard, client: "redis.Redis") -> None:
    Schedule(client).enter({"harbour": Source(name="harbour", url="https://harbour.example/")})
    window.look_like(390, 900, dark=True)
    window.open(acting.url + "/sources/harbour")
    window.value("document.querySelector('button[value=pause]').focus()")
    window.press("Enter")
    window.wait_for("document.body.textContent.includes('It is paused.')")
    assert window.value("location.search") == "?done=pause"
    assert window.complaints() == []
