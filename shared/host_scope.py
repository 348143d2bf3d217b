"""What counts as one host when requests are paced."""

from collections.abc import Callable
from typing import Literal

from shared.sites import site_of
from shared.urls import host_of

HostKey = Callable[[str], str]
HostScope = Literal["host", "domain"]


def host_key_of(scope: HostScope) -> HostKey:
    """URL -> the name that its requests are paced under: host and port, or for all hosts of a domain the domain."""
    return host_of if scope == "host" else _domain_of


def _domain_of(url: str) -> str:
    """The domain whatever its port, since it is one machine; a host without one stands for itself."""
    host = host_of(url)
    return site_of(host.rpartition(":")[0]) or host
