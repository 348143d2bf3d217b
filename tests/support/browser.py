"""Debian's Chromium, driven by its own protocol over two pipes: pages, keys, sizes, and what it complains of."""

import base64
import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.support.waiting import wait_until

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
    *("--remote-debugging-pipe", "--hide-scrollbars", "--force-color-profile=srgb"),
)
PATIENCE = 120.0
KEYS = {"Tab": 9, "Enter": 13}
COMPLAINTS = ("Runtime.exceptionThrown", "Audits.issueAdded")


class Browser:
    """One window of a running Chromium."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._number, self._session = commands, 0, ""
        self._answers: dict[int, Mapping[str, Any]] = {}
        self._complaints: list[str] = []
        self._arrived = threading.Condition()
        threading.Thread(target=self._read, args=(answers,), daemon=True).start()
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Audits"):
            self.ask(f"{domain}.enable")

    def _read(self, answers: int) -> None:
        with os.fdopen(answers, "rb") as pipe:
            rest = b""
            while part := os.read(pipe.fileno(), 65536):
                *messages, rest = (rest + part).split(b"\0")
                with self._arrived:
                    for message in map(json.loads, messages):
                        self._note(message)
                    self._arrived.notify_all()

    def _note(self, message: Mapping[str, Any]) -> None:
        method, facts = message.get("method"), message.get("params", {})
        if "id" in message:
            self._answers[message["id"]] = message
        elif method in COMPLAINTS or (method == "Log.entryAdded" and facts["entry"]["level"] == "error"):
            self._complaints.append(json.dumps(facts))
        elif method == "Runtime.consoleAPICalled" and facts["type"] in {"error", "warning"}:
            self._complaints.append(json.dumps(facts["args"]))

    def ask(self, method: str, **parameters: Any) -> Any:
        """Give a command of the protocol; returns its result."""
        self._number += 1
        number = self._number
        session = {"sessionId": self._session} if self._session else {}
        message = json.dumps({"id": number, "method": method, "params": parameters, **session})
        os.write(self._commands, message.encode() + b"\0")
        with self._arrived:
            assert self._arrived.wait_for(lambda: number in self._answers, PATIENCE), f"no answer to {method}"
            answer = self._answers.pop(number)
        assert "error" not in answer, (method, answer["error"])
        return answer["result"]

    def look_like(self, width: int, height: int, *, dark: bool) -> None:
        """Give the window this size, and its user this taste."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])

    def open(self, url: str) -> None:
        """Open a page, and wait until all of it is there."""
        self.ask("Page.navigate", url="about:blank")
        self.wait_for("location.href === 'about:blank'")  # what the page before still asked for has failed by now
        with self._arrived:
            self._complaints.clear()
        assert "errorText" not in self.ask("Page.navigate", url=url)
        self.wait_for(f"document.readyState === 'complete' && location.href === new URL({json.dumps(url)}).href")

    def value(self, expression: str) -> Any:
        """Return what an expression gives in the page."""
        result = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, (expression, result)
        return result["result"].get("value")

    def wait_for(self, expression: str) -> None:
        """Wait until an expression is true in the page; while there is none, it is not."""
        guarded = f"(() => {{ try {{ return Boolean({expression}) }} catch {{ return false }} }})()"
        wait_until(lambda: self.value(guarded), timeout=PATIENCE, what=expression)

    def press(self, key: str, *, shift: bool = False) -> None:
        """Press a key."""
        code = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key], "modifiers": 8 if shift else 0}
        text = {"text": "\r"} if key == "Enter" else {}
        self.ask("Input.dispatchKeyEvent", type="keyDown", **code, **text)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **code)

    def complaints(self) -> list[str]:
        """Return what the browser has complained of since the page was opened: failures, and what a policy forbade."""
        with self._arrived:
            return list(self._complaints)

    def picture(self) -> bytes:
        """Return a picture of the window (PNG)."""
        return base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"])


@contextlib.contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """Run Chromium with a profile in this folder."""
    to_read, commands = os.pipe()
    answers, to_write = os.pipe()
    # It expects the pipes as 3 and 4; they have numbers that are surely others until then.
    reads, writes = (fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (to_read, to_write))
    start = f"import os, sys; os.dup2({reads}, 3); os.dup2({writes}, 4); os.execvp(sys.argv[1], sys.argv[1:])"
    command = [sys.executable, "-c", start, str(CHROMIUM), *FLAGS, f"--user-data-dir={folder}"]
    process = subprocess.Popen(command, pass_fds=(reads, writes), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    for end in (to_read, to_write, reads, writes):
        os.close(end)
    try:
        window = Browser(commands, answers)
        yield window
        window._session = ""
        with contextlib.suppress(OSError, AssertionError):
            window.ask("Browser.close")
        process.wait(PATIENCE)
    finally:
        process.kill()
        process.wait()
        os.close(commands)
