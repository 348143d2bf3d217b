"""Durations as people write them in settings: "90s", "15m", "6h", "1d"."""

import re

DURATION = re.compile(r"^(\d{1,9})\s*(s|m|h|d)$")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds(value: object) -> int:
    """Returns the seconds of a duration; raises ValueError that says how to write one for any other value."""
    found = DURATION.match(value) if isinstance(value, str) else None
    if found is not None and int(found[1]) == 0:
        raise ValueError('it cannot be 0; write a number and a unit: "90s", "15m", "6h" or "1d"')
    if found is None:
        raise ValueError('write a number and a unit: "90s", "15m", "6h" or "1d"')
    return int(found[1]) * SECONDS[found[2]]
