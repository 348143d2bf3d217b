"""What a relay counts (docs/operations.md has them all)."""

import time

from prometheus_client import Counter, Gauge, Histogram

CHANGES = Counter("depeche_relay_changes", "Changes that were delivered, and that were skipped.", ["result"])
FAILURES = Counter("depeche_relay_failures", "Deliveries that were not taken.", ["reason"])
SECONDS = Histogram("depeche_relay_delivery_seconds", "Time of a delivery, failed ones included.")
LAG = Gauge("depeche_relay_lag_seconds", "Age of the oldest change that was not delivered yet; 0 for none.")
for _result in ("delivered", "skipped"):
    CHANGES.labels(_result)


class Waiting:
    """Since when the oldest change waits that was not delivered yet."""

    def __init__(self) -> None:
        self._since: float | None = None
        LAG.set_function(self.seconds)

    def since(self, moment: float | None) -> None:
        """Take note of the moment at which that change was made; None where all have been delivered."""
        self._since = moment

    def seconds(self) -> float:
        """Return how long it has waited until now."""
        return 0.0 if self._since is None else max(0.0, time.time() - self._since)
