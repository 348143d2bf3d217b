"""Which site does a host belong to? The Public Suffix List in the locked package decides; it is never downloaded."""

from functools import cache, lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

# This many take some megabytes. A page's headlines are mostly of its own site.
REMEMBERED_HOSTS = 20_000


@lru_cache(maxsize=REMEMBERED_HOSTS)
def site_of(host: str) -> str | None:
    """Returns the registrable domain (`paper.co.uk` for `www.paper.co.uk`), or an IP address as it is.

    None where there is no registrable domain: for a name without dots, or a public suffix itself.
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
