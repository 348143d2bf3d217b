"""How a service starts, and how it reports that it cannot."""

import sys
import time
from collections.abc import Callable
from typing import TypeVar

import structlog

from shared.failures import UserError

log = structlog.get_logger()

T = TypeVar("T")

# Servers of the same stack start at the same time as the workers, so a worker waits for them for a while.
STARTUP_WAIT_S = 30.0


def wait_for(connect: Callable[[], T], *, patience: float = STARTUP_WAIT_S) -> T:
    """Call `connect` until it succeeds, and return its result.

    It is called again while it raises UserError; after `patience` seconds, that error is raised.
    """
    give_up_at = time.monotonic() + patience
    while True:
        try:
            return connect()
        except UserError as error:
            if time.monotonic() >= give_up_at:
                raise
            log.warning("waiting_for_server", problem=str(error))
            time.sleep(1.0)


def exit_status(name: str, main: Callable[[], None]) -> int:
    """Run a service and return its exit status; a UserError becomes one sentence on stderr and status 2."""
    try:
        main()
    except UserError as error:
        print(f"depeche {name}: {error}", file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        return 130
    return 0
