"""What stands between a browser and the pages: names, origins, the password, and the headers of every answer."""

import time
from collections.abc import Iterator

import pytest

from cli.dashboard.security import POLICY, is_our_name
from cli.settings import CliSettings
from tests.cli.dashboard.serving import Dashboard, serving

PASSWORD = "a harbour at six, öäü"
NOBODY = CliSettings(redis_url="redis://:hush@127.0.0.1:1/0", database_url="host=127.0.0.1 port=1 password=hush")


@pytest.fixture(scope="module")
def looking() -> Iterator[Dashboard]:
    with serving(NOBODY) as client:
        yield client


@pytest.fixture(scope="module")
def locked() -> Iterator[Dashboard]:
    with serving(NOBODY, password=PASSWORD) as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/", "/now", "/sources", "/quarantine", "/nowhere", "/health", "/static/dashboard.js"]
)
def test_every_answer_has_the_strict_policy(looking: Dashboard, path: str) -> None:
    headers = looking.get(path).headers
    assert headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers
    assert "set-cookie" not in headers


def test_an_answer_to_a_failure_has_it_too(looking: Dashboard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.dashboard.now.page.look", lambda *_: 1 / 0)
    answer = looking.get("/")
    assert answer.status_code == 500
    assert answer.headers["content-security-policy"] == POLICY
    assert "in a way nobody foresaw" in answer.text
    assert "ZeroDivisionError" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "a@127.0.0.1", "[", ""]
)
def test_under_a_name_of_somebody_else_nothing_is_served(looking: Dashboard, host: str) -> None:
    answer = looking.get("/", headers={"Host": host})
    assert answer.status_code in {400, 421}
    assert "Depeche</title>" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1:9", "localhost", "LOCALHOST:8080", "[::1]:8080", "192.168.7.7:8080"])
def test_addresses_and_localhost_are_our_names(host: str) -> None:
    assert is_our_name(host, frozenset())


def test_a_name_that_is_set_is_ours() -> None:
    assert is_our_name("News.Example:443", frozenset({"news.example"}))
    assert not is_our_name("other.example", frozenset({"news.example"}))


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
    ],
)
@pytest.mark.parametrize("path", ["/sources/beacon", "/quarantine/1"])
def test_another_site_cannot_act(looking: Dashboard, path: str, headers: dict[str, str]) -> None:
    assert looking.post(path, headers=headers, data={"action": "pause"}).status_code == 403


def test_without_sec_fetch_site_the_origin_decides(looking: Dashboard) -> None:
    del looking.headers["Sec-Fetch-Site"]
    try:
        assert "Only a page of the dashboard" in looking.post("/sources/beacon").text
        assert "Only a page of the dashboard" in looking.post("/sources/beacon", headers={"Origin": "null"}).text
        ours = looking.post("/sources/beacon", headers={"Origin": looking.url})
    finally:
        looking.headers["Sec-Fetch-Site"] = "same-origin"
    assert "only looks" in ours.text


def test_without_leave_nothing_is_done(looking: Dashboard) -> None:
    for path in ("/sources/beacon", "/quarantine/1"):
        answer = looking.post(path, data={"action": "pause"})
        assert answer.status_code == 403
        assert "start it with --allow-actions" in answer.text


def test_the_password_is_asked_for(locked: Dashboard) -> None:
    for path in ("/", "/sources", "/static/dashboard.js", "/nowhere"):
        answer = locked.get(path)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic ")
    assert locked.get("/health").text == "answers\n"
    assert locked.get("/", auth=("anybody", PASSWORD.encode())).status_code == 200


@pytest.mark.parametrize("authorization", ["Basic", "Basic !!", "Basic YTo=", "Bearer x", "Basic /w==", "Basic eDp4"])
def test_a_wrong_password_is_answered_slowly(locked: Dashboard, authorization: str) -> None:
    before = time.monotonic()
    assert locked.get("/", headers={"Authorization": authorization}).status_code == 401
    assert time.monotonic() - before >= 0.4


def test_no_page_tells_a_password(looking: Dashboard) -> None:
    for path in ("/", "/sources", "/quarantine"):
        answer = looking.get(path)
        assert "Cannot use" in answer.text
        assert "hush" not in answer.text


def test_a_form_that_is_too_long_is_refused() -> None:
    with serving(NOBODY, actions=True) as client:
        assert client.post("/sources/beacon", content=b"x" * 20_000).status_code == 413
