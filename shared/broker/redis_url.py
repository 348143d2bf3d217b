"""Which addresses of Redis can be used, and what a connection to one is made with: one reading for all of Depeche.

redis-py reads the address, for the queues as for everything else; Celery's own reading of the same address connected
without TLS to a `rediss://` one, and passed over `?db=`.
"""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from redis.connection import parse_url

from shared.failures import UserError

SCHEMES = ("redis", "rediss", "unix")
FORMS = (
    "Write redis://:PASSWORD@HOST:6379/0, rediss://… for TLS (with ?ssl_ca_certs=FILE for a certificate authority of "
    "your own), or unix:///PATH?db=0"
)
# A hung Redis must not hang a worker. BLMOVE, the only blocking call, waits 1 s.
SOCKET_TIMEOUT_S = 5.0


def connection_options(url: str) -> dict[str, Any]:
    """Returns the arguments of a redis.ConnectionPool for this address; raises UserError that says what is wrong in it.

    The certificate of a `rediss://` address is verified unless the address itself says `ssl_cert_reqs=none`.
    """
    scheme = url.partition("://")[0].lower()
    if scheme not in SCHEMES:
        kind = "Redis Sentinel is not supported: name the Redis itself" if "sentinel" in scheme else "No such scheme"
        raise UserError(f"DEPECHE_REDIS_URL={without_password(url)}: {kind}. {FORMS}.")
    try:
        options: dict[str, Any] = dict(parse_url(url))  # type: ignore[no-untyped-call]
    except ValueError as error:
        raise UserError(f"DEPECHE_REDIS_URL={without_password(url)}: {error}. {FORMS}.") from error
    # Without a library name redis-py sends no CLIENT SETINFO, which a user with few rights is denied before Redis 7.2.
    common = {"socket_timeout": SOCKET_TIMEOUT_S, "health_check_interval": 25, "lib_name": None, "lib_version": None}
    of_network = {"socket_connect_timeout": SOCKET_TIMEOUT_S, "socket_keepalive": True} if scheme != "unix" else {}
    return {**common, **of_network, **options}


def without_password(url: str) -> str:
    """Returns the URL with its password masked, so that it may be shown."""
    try:
        parts = urlsplit(url)
        if parts.password is None:
            return url
        return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:***@{parts.netloc.rpartition('@')[2]}"))
    except ValueError:
        return url
