"""Delivers to a stream of Redis: an entry for each change, all of a delivery in one transaction."""

from collections.abc import Sequence
from typing import Any

import msgspec
import redis

from cli.relay.errors import NotNow, Refused
from cli.relay.feed import Change
from shared.broker.redis_url import connection_options, without_password
from shared.failures import UserError

# What passes by itself: a server that is away, starts, is a replica for now, or is full.
PASSING = (
    redis.ConnectionError,
    redis.TimeoutError,
    redis.exceptions.BusyLoadingError,
    redis.exceptions.ReadOnlyError,
    redis.exceptions.OutOfMemoryError,
    redis.exceptions.TryAgainError,
)


class Stream:
    """The stream of this name, which keeps about so many entries."""

    def __init__(self, address: str, name: str, length: int) -> None:
        if name.startswith("depeche:"):
            raise UserError("The names that begin with depeche: are Depeche's own; give --stream another name.")
        self._redis = redis.Redis(connection_pool=redis.ConnectionPool(**connection_options(address)))
        self._name = name
        self._length = length
        self.shown = f"{without_password(address)} {name}"

    def deliver(self, changes: Sequence[Change]) -> None:
        """Add the changes to the stream; returns once Redis has them. Raises NotNow or Refused."""
        pipeline = self._redis.pipeline(transaction=True)
        for change in changes:
            fields: Any = {"id": change.id, "kind": change.kind, "change": msgspec.json.encode(change)}
            pipeline.xadd(self._name, fields, maxlen=self._length, approximate=True)
        try:
            pipeline.execute()
        except (redis.AuthenticationError, redis.exceptions.AuthorizationError) as error:
            raise Refused("redis_auth", str(error), of_content=False) from error
        except PASSING as error:
            raise NotNow("redis_away", f"{type(error).__name__}: {error}") from error
        except redis.RedisError as error:
            raise Refused("redis_refuses", str(error), of_content=False) from error

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()
