"""What can go wrong while storing.

    shared.failures
    ├── UserError            the database cannot be used at start, or lacks a migration
    ├── ServerUnavailable    Postgres went away, is full, made us wait too long, or does not let this user write: the
    │                        batch is stored again later
    └── GiveUp               result_missing: the page store lost the parse result while it was in the air

A page whose values Postgres refuses is quarantined alone; the rest of its batch is stored.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import psycopg_pool

from shared.failures import GiveUp, ServerUnavailable

UNAVAILABLE = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg_pool.PoolTimeout,
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.ReadOnlySqlTransaction,
)


@contextmanager
def postgres_failures() -> Iterator[None]:
    """Raise psycopg's operational failures as ServerUnavailable; errors in the data pass through.

    A value too large for an index or a row is filed under the operational ones, but will be as large next time. A right
    that is missing, or a standby that only reads, is no page's fault.
    """
    try:
        yield
    except psycopg.errors.ProgramLimitExceeded:
        raise
    except UNAVAILABLE as error:
        raise ServerUnavailable(f"Postgres: {type(error).__name__}: {str(error).strip()}") from error


def result_missing(flight_id: str) -> GiveUp:
    """The claim check found nothing."""
    return GiveUp(
        "result_missing", f"the page store holds no parse result for flight {flight_id}; fetch the page again"
    )
