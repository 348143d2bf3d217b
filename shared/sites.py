"""Which site does a host belong to? By the Public Suffix List as it was when the package was locked.

Nothing is ever downloaded for it.
"""

from functools import cache, lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

# Some megabytes. A page's headlines are mostly of its own site.
REMEMBERED_HOSTS = 20_000


@lru_cache(maxsize=REMEMBERED_HOSTS)
def site_of(host: str) -> str | None:
    """The registrable domain (`paper.co.uk` for `www.paper.co.uk`), or an IP address as it is.

    None where nobody can register one: for a name without dots, or a public suffix itself.
    """
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return _suffixes().privatesuffix(host)
    return host


@cache
def _suffixes() -> "PublicSuffixList":
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 - 50 ms that not every process needs

    return PublicSuffixList()
