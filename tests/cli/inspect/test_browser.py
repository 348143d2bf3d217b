"""A report of a hostile page in a real browser: nothing runs, nothing loads, and it looks like something."""

import shutil
import struct
import subprocess
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Self

import pytest

from cli.inspect.report import report
from services.parser.inspect.inspection import inspect_page
from tests.cli.hostile import HOSTILE

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
)
# Timers and pending loads have so many milliseconds of the browser's own time.
PATIENCE = 5000
LONGEST_RUN = 120
SIZE = (1200, 900)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="There is no Chromium on this machine; apt has it as chromium."),
]


class Beacon:
    """A server that notes what is asked of it."""

    def __init__(self) -> None:
        self.hits: list[str] = []
        hits = self.hits

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hits.append(self.path)
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def browse(page: Path, *flags: str) -> str:
    """What the browser says of a file, in a profile of its own."""
    profile = page.with_suffix(".profile")
    command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={profile}", f"--virtual-time-budget={PATIENCE}", *flags]
    ran = subprocess.run([*command, page.as_uri()], capture_output=True, timeout=LONGEST_RUN, check=True)
    shutil.rmtree(profile, ignore_errors=True)
    return ran.stdout.decode()


def hostile_report(beacon: str) -> str:
    url = "https://hostile.example/2026/01/02/a-story-of-a-page"
    return report(inspect_page(HOSTILE.replace("BEACON", beacon).encode(), url=url), "hostile.html")


def test_the_hostile_page_itself_runs_and_loads(tmp_path: Path) -> None:
    page = tmp_path / "hostile.html"
    with Beacon() as beacon:
        page.write_text(HOSTILE.replace("BEACON", beacon.url).replace('http-equiv="refresh"', ""), "utf-8")
        shown = browse(page, "--dump-dom")
    assert "<title>pwned</title>" in shown
    assert {"/pwned", "/style.css", "/script.js", "/photo.jpg", "/embed"} <= set(beacon.hits)


def test_its_report_neither_runs_nor_loads(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    with Beacon() as beacon:
        page.write_text(hostile_report(beacon.url), "utf-8")
        shown = browse(page, "--dump-dom")
    assert beacon.hits == []
    assert "<title>hostile.html – depeche inspect</title>" in shown
    assert "<script" not in shown
    assert shown.count("<iframe") == 0
    assert "It then closed a style sheet" in shown


def test_the_policy_alone_would_hold(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    with Beacon() as beacon:
        smuggled = f'<script>document.title = "pwned"</script><img src="{beacon.url}/x" onerror="document.title = 1">'
        smuggled += f'<style>@import url({beacon.url}/y)</style><iframe src="{beacon.url}/z"></iframe>'
        page.write_text(hostile_report(beacon.url).replace("<main>", f"<main>{smuggled}"), "utf-8")
        shown = browse(page, "--dump-dom")
    assert beacon.hits == []
    assert "<title>hostile.html – depeche inspect</title>" in shown


def test_a_picture_of_it_has_the_size_of_the_window(tmp_path: Path) -> None:
    page, picture = tmp_path / "report.html", tmp_path / "report.png"
    page.write_text(hostile_report("https://hostile.example"), "utf-8")
    browse(page, f"--screenshot={picture}", "--window-size={},{}".format(*SIZE), "--hide-scrollbars")
    chunks = chunks_of(picture.read_bytes())
    width, height, depth, colour = struct.unpack(">IIBB", chunks["IHDR"][:10])
    assert (width, height) == SIZE
    channels = {2: 3, 6: 4}[colour]
    pixels = zlib.decompress(chunks["IDAT"])
    assert len(pixels) == height * (1 + width * channels * depth // 8)
    assert len(set(pixels)) > 100  # no blank sheet


def chunks_of(png: bytes) -> dict[str, bytes]:
    """The chunks of a picture by name, each with a sum that is right."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    chunks: dict[str, bytes] = {}
    at = 8
    while at < len(png):
        size, name = struct.unpack(">I4s", png[at : at + 8])
        data = png[at + 8 : at + 8 + size]
        assert struct.unpack(">I", png[at + 8 + size : at + 12 + size]) == (zlib.crc32(name + data),)
        chunks[name.decode()] = chunks.get(name.decode(), b"") + data
        at += 12 + size
    return chunks
