"""What an address that was tried would bring."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from cli.sources.trial import Look
from shared.parsed_page import ParsedPage
from shared.urls import url_key

How = Literal["given", "home", "declared", "linked", "robots.txt", "index", "menu", "guessed"]


# A section lists at least so many stories; fewer are the teasers beside a page of another kind.
LEAST_OF_SECTION = 4


class Find(msgspec.Struct, frozen=True, kw_only=True):
    """An address and what it would bring.

    `stories` are those that would be followed: url key -> when published, None where that is not said. `names` are the
    feeds and sitemaps that the page names and that are read with it, as url keys.
    """

    url: str
    how: How
    label: str = ""
    kind: str | None = None
    stories: Mapping[str, datetime | None] = {}
    too_old: int = 0
    names: frozenset[str] = frozenset()
    same_site: bool = True
    reason: str | None = None
    problem: str | None = None
    faults: str | None = None

    @property
    def works(self) -> bool:
        """Whether it would bring anything."""
        return self.reason is None and bool(self.stories or self.names)

    @property
    def newest(self) -> datetime | None:
        """When the newest story was published, as far as that is said."""
        return max((at for at in self.stories.values() if at is not None), default=None)

    def last_day(self, now: datetime) -> int | None:
        """Return how many stories are of the last day; None where no story has a date."""
        dates = [at for at in self.stories.values() if at is not None]
        return sum(now - at <= timedelta(days=1) for at in dates) if dates else None

    def useless(self, reason: str, problem: str) -> "Find":
        """Return the find without its stories, for a reason that lies not with the server."""
        return msgspec.structs.replace(self, stories={}, names=frozenset(), reason=reason, problem=problem)

    def shared_with(self, other: "Find") -> float:
        """Return which share of its stories the other one has."""
        return len(self.stories.keys() & other.stories.keys()) / len(self.stories) if self.stories else 0.0


def find_of(look: Look, how: How, label: str, *, same_site: bool) -> Find:
    """Return what a look at an address has shown."""
    trial, page = look.trial, look.page
    if look.response is None or page is None:
        return Find(url=trial.url, how=how, label=label, reason=trial.reason, problem=trial.problem)
    dates = {url_key(line.url): _moment(line.published_at) for line in page.headlines if line.url}
    keys = [url_key(request.origin.url) for request in look.requests if request.only_new]
    find = Find(
        url=look.response.url,
        how=how,
        label=label or next((line.label for line in page.headlines if line.label and line.kind == "feed"), ""),
        kind=trial.kind,
        stories={key: dates.get(key) for key in keys},
        too_old=trial.too_old,
        names=frozenset(url_key(request.origin.url) for request in look.requests if not request.only_new),
        same_site=same_site,
        reason=trial.reason,
        problem=trial.problem,
        faults=_faults(page),
    )
    if find.reason is None and trial.forbidden and not look.requests:
        return find.useless("robots_disallowed", "the site's robots.txt forbids all stories of it")
    is_section = page.article is None and len(keys) >= LEAST_OF_SECTION
    if find.kind == "page" and find.reason is None and how != "given" and not is_section:
        return find.useless("no_section", "it is a page without a list of stories")
    return find


def _moment(written: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written) if written else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _faults(page: ParsedPage) -> str | None:
    faults = page.faults
    if not isinstance(faults, msgspec.Struct):
        return None
    parts = []
    if faults.fault:
        parts.append(f"line {faults.line}: {faults.fault}")
    if faults.passed_over:
        parts.append(f"{faults.passed_over} entries cannot be read")
    if faults.stopped_at:
        parts.append(f"breaks off at line {faults.stopped_at}")
    return ", ".join(parts) or None
