"""A story and a ticker in a real browser: no complaint, nothing beside the window, the chart drawn, keys enough."""

from collections.abc import Iterator

import pytest

from cli.settings import CliSettings
from tests.cli.dashboard.chromium import CHROMIUM, Tab, chromium
from tests.cli.dashboard.newsroom import ONE_O_CLOCK, STORY, newsroom, story
from tests.cli.dashboard.serving import Dashboard, serving
from tests.cli.hostile import HOSTILE
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
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with chromium(tmp_path_factory.mktemp("browser") / "profile") as tab:
        yield tab


@pytest.mark.parametrize(("width", "dark"), [(1400, False), (390, True)])
def test_both_pages(width: int, dark: bool, tab: Tab, dashboard: Dashboard) -> None:
    tab.open(f"{dashboard.url}/tickers/1?length=1h&until={ONE_O_CLOCK.replace('+', '%2B')}", width, dark=dark)
    wait_until(lambda: tab.value(INKED) > 10, what="the chart")
    assert tab.value(BESIDE) <= 0
    assert tab.complaints() == []

    tab.value("document.querySelector('tr[data-line]').focus()")
    assert tab.value("document.querySelector('.told').textContent") == "ferry waits"
    assert tab.value("document.querySelector('tr[data-line]').className") == "near"

    tab.open(f"{dashboard.url}/pages/2", width, dark=dark)
    assert tab.value(BESIDE) <= 0
    below = "document.querySelector('.lists').offsetTop - document.querySelector('article').offsetTop"
    assert (tab.value(below) == 0) == (width == 1400)
    tab.value("document.querySelector('#read summary').focus()")
    tab.press("Enter")
    wait_until(lambda: tab.value("document.querySelector('iframe').contentDocument === null"), what="a frame apart")
    loaded = "performance.getEntriesByType('resource').some((one) => one.name.endsWith('/report'))"
    wait_until(lambda: tab.value(loaded), what="the report")
    assert tab.complaints() == []
    assert tab.value("document.title").startswith("Harbour <script>")
