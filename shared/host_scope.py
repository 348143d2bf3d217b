"""What counts as one host when requests are paced."""

from collections.abc import Callable
from typing import Literal

from shared.sites import site_of
from shared.urls import host_of

HostKey = Callable[[str], str]
HostScope = Literal["host", "domain"]


def host_key_of(scope: HostScope) -> HostKey:
    """Returns a function from a URL to the name by which its requests are paced.

    The name is host and port, or with the scope `domain` the domain, for all its hosts together.
    """
    return host_of if scope == "host" else _domain_of


def _domain_of(url: str) -> str:
    """Returns the URL's domain without a port, since all ports are one machine; a host without a domain as it is."""
    host = host_of(url)
    return site_of(host.rpartition(":")[0]) or host
