"""One WARC record of a file, or what stands for one that could not be read."""

import sys
from dataclasses import dataclass

# A place beyond every file's end.
TO_THE_END = sys.maxsize
NO_WARC = "no_warc_file"


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A WARC record from which no page is taken; `reason` is a slug. If `broken`, the file is damaged at `place`."""

    place: str
    reason: str
    detail: str
    broken: bool = False


@dataclass(frozen=True, kw_only=True)
class Member:
    """The bytes of the WARC record at `place`, or LeftOut where it is broken or too long; `end` is where it ends.

    If `doubtful`, it was packed together with others, and their checksum is wrong or missing.
    """

    place: str
    end: int
    content: bytes | LeftOut
    doubtful: bool = False


def other_file(name: str, kind: str) -> Member:
    """Returns what stands for a whole file that is no WARC file, or none that can be read."""
    return Member(place=name, end=TO_THE_END, content=LeftOut(place=name, reason=NO_WARC, detail=kind, broken=True))


def broken(place: str, end: int, detail: str) -> Member:
    """Returns what stands for a damaged place."""
    left_out = LeftOut(place=place, reason="broken_record", detail=detail, broken=True)
    return Member(place=place, end=end, content=left_out)
