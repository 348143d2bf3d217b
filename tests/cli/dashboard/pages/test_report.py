"""The report on a page as the archive has it: read in a process of its own, and shown where it can do nothing."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.dashboard.pages import report
from cli.settings import CliSettings
from shared.failures import UserError
from tests.cli.dashboard.newsroom import STORY, newsroom, story
from tests.cli.dashboard.serving import Dashboard, serving
from tests.cli.hostile import HOSTILE
from tests.support.exchanges import exchange, open_archive, visit
from tests.support.pages import page
from tests.support.servers import PostgresForTests

# To start a process that reads a page takes a second and a half of the processor, which a busy machine may not have.
LONG_PATIENCE_S = 240


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "PATIENCE_S", LONG_PATIENCE_S)


@pytest.fixture
def place(tmp_path: Path) -> str:
    """Where the archive has a page that tries to do harm."""
    archive = open_archive(tmp_path / "archive")
    kept = archive.keep(exchange(HOSTILE.replace("BEACON", "https://beacon.example").encode()), visit(STORY), None)
    archive.close()
    assert kept is not None
    assert kept.place is not None
    return kept.place


@pytest.fixture
def dashboard(place: str, redis_server: str, postgres: PostgresForTests, tmp_path: Path) -> Iterator[Dashboard]:
    with newsroom(redis_server, postgres) as (database_url, room):
        room.visit(STORY, page(url=STORY, article=story("Once more.")), minutes=50, archive=place)
        with serving(CliSettings(home=tmp_path, redis_url=redis_server, database_url=database_url)) as client:
            client.timeout = LONG_PATIENCE_S
            yield client


def test_the_page_has_the_report_in_a_frame_that_can_do_nothing(dashboard: Dashboard) -> None:
    text = dashboard.get("/pages/2").text
    assert 'src="/pages/2/report"' in text
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in text
    answer = dashboard.get("/pages/2/report")
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"].split("; ")
    assert policy[0] == "default-src 'none'"
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "frame-ancestors 'self'" in policy
    assert not any("unsafe" in one or one.startswith("script-src") for one in policy)
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert "A story of a page" in answer.text
    assert "<script" not in answer.text


def test_each_visit_leads_to_the_report_on_its_own_reading(dashboard: Dashboard) -> None:
    text = dashboard.get("/pages/2").text
    _, _, rest = text.partition('href="/pages/2/report/')
    assert dashboard.get(f"/pages/2/report/{rest.partition(chr(34))[0]}").status_code == 200
    other = dashboard.get("/pages/2/report/12345678-1234-5678-1234-567812345678")
    assert (other.status_code, other.text) == (404, "The archive of this machine does not have this page.\n")


def test_a_damaged_archive_is_told(dashboard: Dashboard, place: str, tmp_path: Path) -> None:
    file = tmp_path / "archive" / place.partition(":")[0]
    file.write_bytes(file.read_bytes()[:-400])
    os.truncate(file, int(place.partition(":")[2]) + 40)
    answer = dashboard.get("/pages/2/report")
    assert answer.status_code == 404
    assert "The page cannot be read: " in answer.text
    assert "Traceback" not in answer.text


def test_a_page_that_takes_too_long_is_given_up(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = report.archived_file(CliSettings(home=tmp_path), place)
    assert record is not None
    monkeypatch.setattr(report, "PATIENCE_S", 0.01)
    with pytest.raises(UserError, match="it was given up"):
        report.report_of(record)


@pytest.mark.parametrize(
    "place", ["../secret:0", "/etc/passwd:0", "..:0", "a.warc.gz", "a.warc.gz:x", "missing.warc.gz:0"]
)
def test_only_files_of_the_archive_are_read(place: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "archive").mkdir()
    assert report.archived_file(CliSettings(home=tmp_path), place) is None
