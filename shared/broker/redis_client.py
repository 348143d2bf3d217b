"""Connects to Redis, and says in a clear sentence when that fails."""

from typing import Any, cast

import redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from shared.broker.redis_url import FORMS, connection_options, without_password
from shared.failures import UserError

# BLMOVE came with it.
OLDEST_VERSION = (6, 2)


def connect_redis(url: str) -> "redis.Redis":
    """Returns a client to which Redis has answered.

    Raises UserError that names the URL when it does not answer, or is no Redis that Depeche can use.
    """
    options = connection_options(url)
    retry = Retry(ExponentialBackoff(cap=1.0, base=0.05), retries=3)
    try:
        client = redis.Redis(connection_pool=redis.ConnectionPool(**options, retry=retry))
        client.ping()
        problem = _problem_of(client)
    except TypeError as error:  # of the connection's class, for an option in the address that it does not know
        raise UserError(f"DEPECHE_REDIS_URL={without_password(url)}: {error}. {FORMS}.") from error
    except (redis.RedisError, ValueError, OSError) as error:
        raise UserError(
            f"Cannot use Redis at {without_password(url)}: {error}. Start it, or set DEPECHE_REDIS_URL."
        ) from error
    if problem:
        raise UserError(f"Cannot use Redis at {without_password(url)}: {problem}.")
    return client


def _problem_of(client: "redis.Redis") -> str | None:
    """Returns why this server cannot be used; None where it can, and where its user may not ask."""
    try:
        told = cast(dict[str, Any], client.info("server", "cluster"))  # type: ignore[arg-type]
    except redis.ResponseError:
        return None
    if told.get("cluster_enabled"):
        return "it is a node of a cluster, and Depeche's scripts need all keys on one server"
    version = str(told.get("redis_version", ""))
    if version and tuple(int(part) for part in version.split(".")[:2]) < OLDEST_VERSION:
        return f"it is version {version}, and Depeche needs 6.2 or later"
    return None
