"""What can go wrong while storing.

    shared.failures
    ├── UserError            the database cannot be used at start, or lacks a migration
    ├── ServerUnavailable    Postgres went away, is full, answered too late, or does not let this user write: the
    │                        batch is stored again later
    └── GiveUp               result_missing: the page store lost the parse result while it was in the air

When Postgres refuses the values of a page, that page alone is quarantined; the rest of its batch is stored.
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

    psycopg counts a value that is too large for an index or a row among the operational failures. It passes through all
    the same, since the value will be as large next time. A missing right or a read-only standby is not the fault of any
    page, so both are raised as ServerUnavailable.
    """
    try:
        yield
    except psycopg.errors.ProgramLimitExceeded:
        raise
    except UNAVAILABLE as error:
        raise ServerUnavailable(f"Postgres: {type(error).__name__}: {str(error).strip()}") from error


def result_missing(flight_id: str) -> GiveUp:
    """Return the GiveUp for a flight whose parse result is not in the page store."""
    return GiveUp(
        "result_missing", f"the page store holds no parse result for flight {flight_id}; fetch the page again"
    )
