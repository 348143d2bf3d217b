"""What an operator sets becomes what the downloader gets; a wrong setting is named."""

import pytest

from services.fetcher.app import download_options
from services.fetcher.settings import FetcherSettings
from shared.failures import UserError
from shared.settings import load_settings


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPECHE_ALLOW_NETWORKS", "10.0.0.0/8, fd00::/8")
    monkeypatch.setenv("DEPECHE_CONTACT_URL", "https://desk.example/bot")
    monkeypatch.setenv("DEPECHE_TOTAL_TIMEOUT", "12.5")
    monkeypatch.setenv("DEPECHE_SOURCES", "")
    settings = load_settings(FetcherSettings)
    options = download_options(settings)
    assert [str(network) for network in options.allow_networks] == ["10.0.0.0/8", "fd00::/8"]
    assert options.user_agent == "Depeche/0.1 (+https://desk.example/bot)"
    assert options.total_timeout == 12.5
    assert settings.sources is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FETCHER_THREADS", "0"),
        ("FETCHER_THREADS", "many"),
        ("HOST_DELAY", "-1"),
        ("ALLOW_NETWORKS", "10.0.0.1/8"),
        ("ALLOW_NETWORKS", "localhost"),
        ("LOST_AFTER_FACTOR", "0"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"DEPECHE_{name}", value)
    with pytest.raises(UserError) as caught:
        load_settings(FetcherSettings)
    assert f"DEPECHE_{name}={value!r}: it" in str(caught.value)
