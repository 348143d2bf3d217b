"""What one of the two servers knows, or why it could not be asked: a command shows the half that it has."""

from collections.abc import Callable
from typing import TypeVar

import psycopg
import redis

from shared.failures import UserError

H = TypeVar("H")


def half(read: Callable[[], H]) -> tuple[H | None, str | None]:
    """Return what a server told or, as the second part, the sentence that says why it told nothing."""
    try:
        return read(), None
    except (UserError, redis.RedisError, psycopg.Error) as error:
        return None, sentence_of(error)


def sentence_of(error: UserError | redis.RedisError | psycopg.Error) -> str:
    """Return a failure in one line, without what the server's library has about places in a statement."""
    if isinstance(error, UserError):
        return str(error)
    server = "Redis" if isinstance(error, redis.RedisError) else "Postgres"
    return f"{server}: {' '.join(str(error).split())}"
