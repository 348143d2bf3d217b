"""Waiting until pages have landed: with a progress bar on a terminal, with a line from time to time elsewhere."""

import time
from collections.abc import Callable, Mapping

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli.output import stderr
from cli.workers import silence
from shared.broker.consumers import Consumers, WorkerStage
from shared.failures import UserError
from shared.flight.ledger import Acceptance, FlightStage, Ledger

POLL_S = 0.2
# How often (s) it is looked for workers, and after how long without one, a restart's time included, waiting is useless.
LOOK_FOR_WORKERS_S = 2.0
PATIENCE_S = 20.0
# A line is printed this often (s) where there is no terminal for a progress bar.
LINE_EVERY_S = 10.0


class NobodyServes(UserError):
    """Pages wait for a stage that no worker serves."""


def wait_until_landed(
    ledger: Ledger,
    batch: str,
    accepted: list[Acceptance],
    timeout: float | None,
    each_time: Callable[[], None] = lambda: None,
) -> bool:
    """Show progress until all pages of the batch, and the joined flights, have landed; returns False at the timeout.

    `each_time` is called after each look, and may raise to end the wait. Raises NobodyServes where a stage that pages
    wait for has had no worker for PATIENCE_S.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    joined = {a.flight_id for a in accepted if a.outcome == "joined" and a.flight_id}
    joined -= {a.flight_id for a in accepted if a.outcome == "new"}
    watch = _WorkersWatch(ledger)
    with _Shown() as shown:
        while True:
            left = ledger.batch_in_air(batch) + len(ledger.in_air(joined))
            counts = ledger.counts()
            shown.show(left, least=len({a.flight_id for a in accepted}), counts=counts)
            if not left:
                return True
            if deadline is not None and time.monotonic() >= deadline:
                return False
            watch.look(counts)
            time.sleep(POLL_S)
            each_time()


class _Shown:
    """The progress, on stderr."""

    def __enter__(self) -> "_Shown":
        columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.fields[at]}"))
        self._progress = Progress(TextColumn("landed"), *columns, console=stderr, transient=True)
        self._task = self._progress.add_task("landed", total=None, at="")
        self._progress.__enter__()
        self._total = 0
        self._line_at = time.monotonic() + LINE_EVERY_S
        return self

    def __exit__(self, *exception: object) -> None:
        self._progress.__exit__(None, None, None)

    def show(self, left: int, *, least: int, counts: Mapping[FlightStage, int]) -> None:
        self._total = max(self._total, left, least)
        at = ", ".join(f"{n} {stage}" for stage, n in counts.items() if n)
        self._progress.update(self._task, total=self._total, completed=self._total - left, at=at)
        if not stderr.is_terminal and time.monotonic() >= self._line_at:
            self._line_at = time.monotonic() + LINE_EVERY_S
            stderr.print(f"landed {self._total - left} of {self._total}; in the air: {at}", highlight=False)


class _WorkersWatch:
    """Says when a stage that pages wait for has lost its last worker, and raises when none comes."""

    def __init__(self, ledger: Ledger) -> None:
        self._consumers = Consumers(ledger.client)
        self._look_at = 0.0
        self._missing: dict[WorkerStage, float] = {}

    def look(self, counts: Mapping[FlightStage, int]) -> None:
        now = time.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_FOR_WORKERS_S
        silent = self._consumers.silent_since()
        needed: set[WorkerStage] = {"tick" if stage == "waiting" else stage for stage, n in counts.items() if n}
        missing = {stage: self._missing.get(stage, now) for stage in silent if stage in needed}
        for stage in missing.keys() - self._missing.keys():
            stderr.print(silence(stage, silent[stage]), style="yellow", highlight=False)
        self._missing = missing
        for stage, since in missing.items():
            if now - since >= PATIENCE_S:
                raise NobodyServes(f"{silence(stage, silent[stage]).capitalize()}; the pages land when one is.")
