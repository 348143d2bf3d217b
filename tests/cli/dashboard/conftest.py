"""The dashboard of the test's own Redis and Postgres."""

from collections.abc import Iterator

import pytest

from cli.settings import CliSettings
from tests.cli.dashboard.serving import Dashboard, serving


@pytest.fixture
def settings(redis_url: str, database_url: str) -> CliSettings:
    return CliSettings(redis_url=redis_url, database_url=database_url)


@pytest.fixture
def dashboard(settings: CliSettings) -> Iterator[Dashboard]:
    """The dashboard, which only looks: `dashboard.get("/sources")`."""
    with serving(settings) as client:
        yield client


@pytest.fixture
def acting(settings: CliSettings) -> Iterator[Dashboard]:
    """The dashboard with --allow-actions."""
    with serving(settings, actions=True) as client:
        yield client


@pytest.fixture
def alone() -> Iterator[Dashboard]:
    """The dashboard while neither server answers."""
    nobody = CliSettings(redis_url="redis://:hush@127.0.0.1:1/0", database_url="host=127.0.0.1 port=1 password=hush")
    with serving(nobody) as client:
        yield client
