"""What tests of the fetcher share."""

from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from services.fetcher.download.download import Downloader, DownloadOptions


@pytest.fixture
def downloader() -> Iterator[Downloader]:
    """A downloader that may connect to loopback."""
    options = DownloadOptions(
        user_agent="Depeche/0.1",
        connect_timeout=5,
        read_timeout=5,
        total_timeout=20,
        max_bytes=1_000_000,
        max_redirects=5,
        allow_networks=(ip_network("127.0.0.0/8"),),
    )
    downloader = Downloader(options)
    yield downloader
    downloader.close()
