"""`depeche dashboard`: where it listens, what it refuses, and how it ends."""

import os
import re
import signal
import subprocess
import sys
import threading

import httpx
import pytest

from tests.cli.conftest import Run

NOBODY = {"DEPECHE_REDIS_URL": "redis://127.0.0.1:1/0", "DEPECHE_DATABASE_URL": "host=127.0.0.1 port=1"}
PATIENCE = 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.7.7", "news.example"])
def test_without_a_password_it_listens_on_the_loopback_alone(run: Run, host: str) -> None:
    ran = run("dashboard", "--host", host, "--port", "0")
    assert ran.status == 2
    assert f"Whoever reaches {host} could look: set DEPECHE_DASHBOARD_PASSWORD" in ran.err


def test_an_address_that_is_not_there(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPECHE_DASHBOARD_PASSWORD", "hush")
    ran = run("dashboard", "--host", "192.0.2.1", "--port", "0")
    assert ran.status == 2
    assert "Cannot listen on 192.0.2.1, port 0" in ran.err


def test_the_help_teaches(run: Run) -> None:
    said = " ".join(run("dashboard", "--help").out.split())
    for word in ("DEPECHE_DASHBOARD_PASSWORD", "--allow-actions", "ssh -L", "127.0.0.1"):
        assert word in said


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_says_its_address_and_ends_quietly(end: signal.Signals) -> None:
    command = [sys.executable, "-m", "cli.main", "dashboard", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, **NOBODY}) as process:
        rescue = threading.Timer(PATIENCE, process.kill)
        rescue.start()
        try:
            assert process.stderr
            said = process.stderr.readline()
            address = re.search(r"http://127\.0\.0\.1:\d+", said)
            assert address, said
            assert "Cannot use Redis" in httpx.get(address[0], trust_env=False, timeout=PATIENCE).text
            process.send_signal(end)
            rest = process.stderr.read()
        finally:
            rescue.cancel()
    assert process.returncode in {0, -end, 130}
    assert "Traceback" not in rest
