"""A worker's sign of life: a file that it touches as long as it is consuming its queue.

`python -m shared.health` exits 0 when the file is fresh; Compose and Kubernetes call it as the health check. It imports
only the standard library, since it runs every few seconds in every container.
"""

import os
import sys
import time
from pathlib import Path

BEAT_S = 5.0
STALE_AFTER_S = 20.0


def beat(path: str) -> None:
    """Touch the health file."""
    Path(path).touch()


def age(path: str) -> float | None:
    """Returns the seconds since the last sign of life; None when there was none."""
    try:
        return time.time() - Path(path).stat().st_mtime
    except FileNotFoundError:
        return None


def main() -> int:
    """Returns the exit status of the health check; a failing check prints its reason to stderr."""
    path = os.environ.get("DEPECHE_HEALTH_FILE")
    if not path:
        print("DEPECHE_HEALTH_FILE is not set: the worker writes no sign of life", file=sys.stderr)  # noqa: T201
        return 1
    seconds = age(path)
    if seconds is None or seconds > STALE_AFTER_S:
        print(f"not consuming: last sign of life {seconds} s ago", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
