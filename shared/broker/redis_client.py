"""Connects to Redis, and says in a clear sentence when that fails."""

from urllib.parse import urlsplit, urlunsplit

import redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from shared.failures import UserError

# A hung Redis must not hang a publisher. BRPOP, the only blocking call, waits 1 s.
SOCKET_TIMEOUT_S = 5.0


def connect_redis(url: str) -> "redis.Redis":
    """Returns a client to which Redis has answered; raises UserError that names the URL when it does not answer."""
    try:
        client = redis.Redis.from_url(
            url,
            socket_timeout=SOCKET_TIMEOUT_S,
            socket_connect_timeout=SOCKET_TIMEOUT_S,
            retry=Retry(ExponentialBackoff(cap=1.0, base=0.05), retries=3),
            health_check_interval=30,
        )
        client.ping()
    except (redis.RedisError, ValueError) as error:
        raise UserError(
            f"Cannot use Redis at {without_password(url)}: {error}. Start it, or set DEPECHE_REDIS_URL."
        ) from error
    return client


def without_password(url: str) -> str:
    """Returns the URL with its password masked, so that it may be shown."""
    try:
        parts = urlsplit(url)
        if parts.password is None:
            return url
        return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:***@{parts.netloc.rpartition('@')[2]}"))
    except ValueError:
        return url
