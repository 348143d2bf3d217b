"""What a robots.txt says of the use of pages: lines `Content-Signal` (contentsignals.org) and `License` (RSL).

A Content-Signal belongs to the group of user agents that it stands in, or to all where it stands before the first
group; it may begin with a pattern of paths. A License belongs to the whole site.
"""

import re
from collections.abc import Iterable

import msgspec

from services.fetcher.rights.path_patterns import matches, path_of
from shared.rights import MAX_CHARS, MOST_STATEMENTS, Rights, Statement

SIGNAL = re.compile(r"content-signals?[ \t]*:[ \t]*(?:([/*]\S*)[ \t]+)?(\S.*)", re.IGNORECASE)
LICENSE = re.compile(r"license[ \t]*:[ \t]*(\S+)", re.IGNORECASE)
# More lines than this (counted over all paths) are not read.
MOST_LINES = 1_000


class RobotsLines(msgspec.Struct, frozen=True, kw_only=True):
    """The lines of one robots.txt that speak to this crawler."""

    signals: tuple[Statement, ...] = ()
    licenses: tuple[Statement, ...] = ()

    def says(self, url: str) -> Rights:
        """Returns the lines that hold for the URL; of Content-Signals the one with the longest pattern comes first."""
        if not self.signals and not self.licenses:
            return Rights()
        path = path_of(url)
        signals = [one for one in self.signals if one.path is None or matches(one.path, path)]
        signals.sort(key=lambda one: -len(one.path or ""))
        return Rights(content_signal=tuple(signals[:MOST_STATEMENTS]), license=self.licenses)


def read_robots_lines(text: str, ours: Iterable[str], to: str) -> RobotsLines:
    """Returns the lines of a robots.txt. `ours` are those of this crawler's groups, which name it as `to`."""
    lowered = text.lower()
    if "content-signal" not in lowered and "license" not in lowered:
        return RobotsLines()
    signals = [*_signals(ours, to), *_signals(_before_groups(text), None)]
    rules = (line.partition("#")[0].strip() for line in text.splitlines())
    licenses = [Statement(said=found[1][:MAX_CHARS], where="robots.txt") for r in rules if (found := LICENSE.match(r))]
    return RobotsLines(signals=tuple(signals[:MOST_LINES]), licenses=tuple(dict.fromkeys(licenses[:MOST_STATEMENTS])))


def _signals(rules: Iterable[str], to: str | None) -> list[Statement]:
    return [
        Statement(said=found[2][:MAX_CHARS], where="robots.txt", path=found[1], to=to)
        for rule in rules
        if (found := SIGNAL.match(rule))
    ]


def _before_groups(text: str) -> Iterable[str]:
    for line in text.splitlines():
        rule = line.partition("#")[0].strip()
        if rule.lower().startswith("user"):
            return
        yield rule
