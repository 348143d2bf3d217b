"""What counts as one host when requests are paced."""

from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address
from typing import Literal

from shared.urls import host_of

HostKey = Callable[[str], str]
HostScope = Literal["host", "domain"]

# Some megabytes. A page's headlines are mostly of its own site.
REMEMBERED_HOSTS = 20_000


def host_key_of(scope: HostScope) -> HostKey:
    """URL -> the name that its requests are paced under: host and port, or for all hosts of a domain the domain."""
    return host_of if scope == "host" else _by_domain()


def _by_domain() -> HostKey:
    """By the Public Suffix List as it was when the package was locked; nothing is ever downloaded for it."""
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 - 50 ms that only this scope needs

    suffixes = PublicSuffixList()

    @lru_cache(maxsize=REMEMBERED_HOSTS)
    def domain_of(host: str) -> str:
        name = host.rpartition(":")[0]
        try:
            ip_address(name.strip("[]"))
        except ValueError:
            return suffixes.privatesuffix(name) or host
        return name  # Whatever its port, it is one machine.

    return lambda url: domain_of(host_of(url))
