"""Chromium without a window, told what to do by a pipe (Chrome DevTools Protocol)."""

import base64
import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from select import select
from typing import Any

from tests.support.waiting import PATIENCE_S

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
    *("--disable-extensions", "--hide-scrollbars", "--remote-debugging-pipe"),
)
# Chromium reads commands from its file 3, and answers on its file 4.
START = """
import fcntl, os, sys
of, to = (fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3])
os.dup2(of, 3)
os.dup2(to, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Pipe:
    """Sends commands to Chromium, and keeps what it tells meanwhile."""

    def __init__(self, to: int, of: int) -> None:
        self._to, self._of = to, of
        self._numbers = itertools.count(1)
        self._rest = b""
        self.events: list[dict[str, Any]] = []

    def ask(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """What Chromium answers to a command."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        os.write(self._to, json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0")
        while True:
            told = self._next()
            if told.get("id") == number:
                assert "error" not in told, told
                answer: dict[str, Any] = told["result"]
                return answer
            self.events.append(told)

    def wait_for(self, event: str) -> None:
        """Wait until this event has been told since the list was emptied."""
        while not any(told.get("method") == event for told in self.events):
            self.events.append(self._next())

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            readable, _, _ = select([self._of], [], [], PATIENCE_S)
            assert readable, "Chromium does not answer"
            piece = os.read(self._of, 1 << 16)
            assert piece, "Chromium has ended"
            self._rest += piece
        message, _, self._rest = self._rest.partition(b"\0")
        told: dict[str, Any] = json.loads(message)
        return told


class Tab:
    """A page that is open, in a window of this size."""

    def __init__(self, pipe: Pipe, session: str) -> None:
        self._pipe, self._session = pipe, session

    def open(self, url: str, width: int, *, height: int = 900, dark: bool = False) -> None:
        """Open an address, and wait until it has loaded."""
        self._pipe.events.clear()
        self._ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._ask("Emulation.setEmulatedMedia", features=[scheme])
        for domain in ("Page", "Runtime", "Log"):
            self._ask(f"{domain}.enable")
        self._ask("Page.navigate", url=url)
        self._pipe.wait_for("Page.loadEventFired")

    def value(self, expression: str) -> Any:
        """The value of an expression of the page."""
        answer = self._ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        code = {"Tab": 9, "Enter": 13, "Escape": 27}[key]
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self._ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **text)

    def complaints(self) -> list[str]:
        """What the browser has complained about: failures of scripts, of requests, and against the policy."""
        self._ask("Runtime.evaluate", expression="0")
        told = [(event["method"], event.get("params", {})) for event in self._pipe.events if "method" in event]
        return [
            *(str(facts) for method, facts in told if method == "Runtime.exceptionThrown"),
            *(str(facts["entry"]) for method, facts in told if method == "Log.entryAdded"),
            *(str(facts) for method, facts in told if method == "Runtime.consoleAPICalled"),
        ]

    def picture(self, file: Path, *, height: int | None = None) -> None:
        """Keep what is to be seen, or the page down to this height, as a picture."""
        width = self.value("innerWidth")
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        whole = {"captureBeyondViewport": True, "clip": clip} if height else {}
        file.write_bytes(base64.b64decode(self._ask("Page.captureScreenshot", format="png", **whole)["data"]))

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._pipe.ask(method, self._session, **parameters)


@contextmanager
def chromium(profile: Path) -> Iterator[Tab]:
    """A browser with a profile of its own."""
    their_in, our_out = os.pipe()
    our_in, their_out = os.pipe()
    start = [sys.executable, "-c", START, str(their_in), str(their_out)]
    command = [*start, str(CHROMIUM), *FLAGS, f"--user-data-dir={profile}"]
    process = subprocess.Popen(command, pass_fds=(their_in, their_out), stderr=subprocess.DEVNULL)
    os.close(their_in)
    os.close(their_out)
    try:
        pipe = Pipe(our_out, our_in)
        target = pipe.ask("Target.createTarget", url="about:blank")["targetId"]
        session = pipe.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        yield Tab(pipe, session)
    finally:
        os.close(our_out)  # at which it ends
        os.close(our_in)
        process.terminate()
        process.wait(PATIENCE_S)
        shutil.rmtree(profile, ignore_errors=True)
