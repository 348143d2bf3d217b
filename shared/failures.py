"""The types of failures: the exception's type decides what becomes of a page.

    DepecheError
    ├── UserError           a person can fix it: wrong setting, unreachable server, unreadable file
    ├── ServerUnavailable   Postgres does not answer; nothing is wrong with the page, which waits
    └── PageFailure         ends or delays one page
        ├── GiveUp          the page lands now, with this fate and reason
        └── RetryLater      the page waits in the frontier and is tried again, until its attempts are used up

Any other exception from a service's work is unforeseen, and quarantines the page (shared/flight/stage.py).
"""

from typing import Literal

Fate = Literal["stored", "unchanged", "refused", "gone", "failed", "quarantined"]


class DepecheError(Exception):
    """The base class of Depeche's exceptions."""


class UserError(DepecheError):
    """A failure that its reader can fix; shown as one sentence, without a traceback."""


class ServerUnavailable(DepecheError):
    """Postgres does not answer now."""


class PageFailure(DepecheError):
    """One page could not go on. `reason` is a slug for machines, `detail` a sentence for people."""

    def __init__(self, reason: str, detail: str, *, http_status: int | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.http_status = http_status


class GiveUp(PageFailure):
    """Another attempt would fail in the same way; the page lands with `fate`."""

    def __init__(self, reason: str, detail: str, *, fate: Fate = "failed", http_status: int | None = None) -> None:
        super().__init__(reason, detail, http_status=http_status)
        self.fate: Fate = fate


class RetryLater(PageFailure):
    """A later attempt may work. `after` is in seconds; None leaves the delay to the retry policy.

    `counts` is false for a wait that is not a failure, such as for a host's turn: it does not count as an attempt.
    """

    def __init__(
        self,
        reason: str,
        detail: str,
        *,
        after: float | None = None,
        http_status: int | None = None,
        counts: bool = True,
    ) -> None:
        super().__init__(reason, detail, http_status=http_status)
        self.after = after
        self.counts = counts
