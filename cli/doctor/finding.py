"""One thing that was looked at, and what is to be done about it."""

from typing import Literal

import msgspec

Grade = Literal["good", "warning", "fault"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of a subject.

    A fault keeps Depeche from its work. Each finding that is not good says what to do.
    """

    subject: str
    found: str
    grade: Grade = "good"
    do: str | None = None


def warning(subject: str, found: str, do: str) -> Finding:
    """Return a finding that ought to be mended."""
    return Finding(subject=subject, found=found, grade="warning", do=do)


def fault(subject: str, found: str, do: str) -> Finding:
    """Return a finding that has to be mended."""
    return Finding(subject=subject, found=found, grade="fault", do=do)
