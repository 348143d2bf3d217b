"""How a delivery can fail.

Undelivered
├── NotNow      the receiver cannot take it at present; the same is sent again
└── Refused     the receiver will never take it
"""


class Undelivered(Exception):
    """The receiver has not taken what was sent to it. `reason` is a slug for metrics, `detail` is for people."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class NotNow(Undelivered):
    """It is to be sent again, `after` seconds where the receiver has said how many."""

    def __init__(self, reason: str, detail: str, *, after: float | None = None) -> None:
        super().__init__(reason, detail)
        self.after = after


class Refused(Undelivered):
    """It is not to be sent again as it is.

    `of_content` says that the receiver refused what was sent, and may take other changes. Otherwise nothing can be sent
    to it as it is set up: a wrong address, signature or right.
    """

    def __init__(self, reason: str, detail: str, *, of_content: bool) -> None:
        super().__init__(reason, detail)
        self.of_content = of_content
