"""A story and a ticker in a real browser: no complaint, nothing beside the window, the chart drawn, keys enough."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from cli.settings import CliSettings
from tests.cli.dashboard.newsroom import ONE_O_CLOCK, STORY, newsroom, story
from tests.cli.dashboard.serving import Dashboard, serving
from tests.cli.hostile import HOSTILE
from tests.support.browser import CHROMIUM, Browser, browser
from tests.support.exchanges import exchange, open_archive, visit
from tests.support.pages import page
from tests.support.servers import PostgresForTests
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="There is no Chromium on this machine; apt has it as chromium."),
]
BESIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
INKED = """(() => {
    const canvas = document.querySelector('.places canvas');
    if (!canvas || !canvas.width) return 0;
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    const colours = new Set();
    for (let i = 0; i < pixels.length; i += 4) if (pixels[i + 3] > 200) colours.add(pixels.slice(i, i + 3).join());
    return colours.size;
})()"""


@pytest.fixture(scope="module")
def dashboard(
    redis_server: str, postgres: PostgresForTests, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Dashboard]:
    home = tmp_path_factory.mktemp("home")
    archive = open_archive(home / "archive")
    kept = archive.keep(exchange(HOSTILE.replace("BEACON", "https://beacon.example").encode()), visit(STORY), None)
    archive.close()
    assert kept is not None
    with newsroom(redis_server, postgres) as (database_url, room):
        room.visit(STORY, page(url=STORY, article=story("Once more.")), minutes=50, archive=kept.place)
        with serving(CliSettings(home=home, redis_url=redis_server, database_url=database_url)) as client:
            yield client


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("chromium")) as window:
        yield window


@pytest.mark.parametrize(("width", "dark"), [(1400, False), (390, True)])
def test_both_pages(width: int, dark: bool, window: Browser, dashboard: Dashboard) -> None:
    window.look_like(width, 900, dark=dark)
    window.open(f"{dashboard.url}/tickers/1?length=1h&until={quote(ONE_O_CLOCK)}")
    window.wait_for(f"{INKED} > 10")
    assert window.value(BESIDE) <= 0
    assert window.complaints() == []
    window.value("document.querySelector('tr[data-line]').focus()")
    assert window.value("document.querySelector('.told').textContent") == "ferry waits"
    assert window.value("document.querySelector('tr[data-line]').className") == "near"

    window.open(f"{dashboard.url}/pages/2")
    assert window.value(BESIDE) <= 0
    below = "document.querySelector('.lists').offsetTop - document.querySelector('article').offsetTop"
    assert (window.value(below) == 0) == (width == 1400)
    window.value("document.querySelector('#read summary').focus()")
    window.press("Enter")
    loaded = "performance.getEntriesByType('resource').some((one) => one.name.endsWith('/report'))"
    wait_until(lambda: window.value(loaded), timeout=120, what="the report, which a process of its own makes")
    assert window.value("document.querySelector('iframe').contentDocument") is None  # it is of an origin of its own
    assert window.complaints() == []
    assert window.value("document.title").startswith("Harbour <script>")
