"""Which finds are worth naming, and why: the front page, then whatever brings most that nothing before it brings."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import msgspec

from cli.sources.discovery.find import Find
from cli.sources.discovery.links import NEWS
from shared.urls import url_key


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a find is worth naming, and why; how much of it the front page and the best other find have too."""

    find: Find
    named: bool
    why: str
    in_front: float | None = None
    in_other: float | None = None
    other: str | None = None
    reach: int = 0  # its stories, and those of the feeds and sitemaps that are read with it


# A find that brings fewer stories than this share of all is not worth its visits, nor one that brings a single story.
LEAST_SHARE, LEAST_STORIES = 0.03, 2
# Finds with so many stories in common are one and the same under two addresses.
THE_SAME = 0.98


def judged(finds: Sequence[Find], now: datetime) -> list[Worth]:
    """Return the finds with what is worth naming: the front page, then whatever brings most that nothing before has."""
    finds = _with_all_dates(finds)
    front = _front(finds)
    reach = {find.url: _reach(find, finds) for find in finds}
    everything = frozenset().union(*reach.values()) if reach else frozenset()
    least = max(LEAST_STORIES, LEAST_SHARE * len(everything))
    why: dict[str, str] = {}
    named: list[Find] = []
    covered: frozenset[str] = frozenset()
    rest = [find for find in finds if find.works and _has_lasting_address(find, finds)]
    while rest:
        fresh = _is_covered_by_sitemap(named, now)
        gains = {find.url: _gain(find, reach, covered, fresh=fresh, now=now) for find in rest}
        rest = [find for find in rest if find is front or gains[find.url] >= least]
        if not rest:
            break
        # A feed or sitemap says when its stories were published, and costs its publisher less than a page.
        best = max(rest, key=lambda find: (find is front, find.kind != "page", gains[find.url]))
        why[best.url] = (
            "the page itself" if best is front else f"{gains[best.url]} of its stories come from none before it"
        )
        named.append(best)
        covered |= reach[best.url]
        rest.remove(best)
    order = [*named, *(find for find in finds if find not in named)]
    return [_worth(find, finds, front, why.get(find.url), named, len(reach[find.url])) for find in order]


def _with_all_dates(finds: Sequence[Find]) -> list[Find]:
    """The finds with the dates that any of them knows: a feed dates the stories that a page lists without."""
    dates: dict[str, datetime] = {}
    for find in finds:
        dates |= {key: at for key, at in find.stories.items() if at is not None}
    return [
        msgspec.structs.replace(find, stories={key: at or dates.get(key) for key, at in find.stories.items()})
        for find in finds
    ]


def _front(finds: Sequence[Find]) -> Find | None:
    """The page that was asked for or, if that is a feed, the site's front page; else the feed."""
    given = [find for find in finds if find.how in ("given", "home") and find.works]
    return next((find for find in given if find.kind == "page"), next(iter(given), None))


def _reach(find: Find, finds: Sequence[Find]) -> frozenset[str]:
    """The stories of a find and of the feeds and sitemaps that are read with it."""
    within = [other for other in finds if url_key(other.url) in find.names]
    return frozenset(find.stories).union(*(other.stories for other in within))


def _has_lasting_address(find: Find, finds: Sequence[Find]) -> bool:
    """Whether this is what to name: of an index and its sitemaps, the one for news, if its address is no date's."""
    if find.how == "index":
        return _is_for_news(find)
    return find.kind != "sitemap" or not any(_is_for_news(other) for other in finds if url_key(other.url) in find.names)


def _is_for_news(find: Find) -> bool:
    path = urlsplit(find.url).path
    return find.works and NEWS.search(path) is not None and re.search(r"\d{2}", path) is None


def _is_covered_by_sitemap(named: Sequence[Find], now: datetime) -> bool:
    """Whether a sitemap that is named tells what is new: all of a site's new stories stand in such a one."""
    return any(find.kind == "sitemap" and (find.last_day(now) or 0) > 0 for find in named)


def _gain(
    find: Find, reach: Mapping[str, frozenset[str]], covered: frozenset[str], *, fresh: bool, now: datetime
) -> int:
    """How many stories it would add. Beside a fresh sitemap, which has no old ones, only those count that are new."""
    more = reach[find.url] - covered
    if not fresh:
        return len(more)
    dates = [find.stories.get(key) for key in more]
    return sum(find.kind != "page" if at is None else now - at <= timedelta(days=1) for at in dates)


def _worth(  # noqa: PLR0913, PLR0917 - a find, and all that it is judged by
    find: Find, finds: Sequence[Find], front: Find | None, why: str | None, named: Sequence[Find], reach: int
) -> Worth:
    best = max((other for other in finds if other.url != find.url), key=find.shared_with, default=None)
    share = find.shared_with(best) if best is not None else 0.0
    return Worth(
        find=find,
        named=find in named,
        why=why or _why_not(find, finds, named, best),
        in_front=find.shared_with(front) if front is not None and find is not front and find.stories else None,
        in_other=share if find.stories else None,
        other=best.url if best is not None and share else None,
        reach=reach,
    )


def _why_not(find: Find, finds: Sequence[Find], named: Sequence[Find], best: Find | None) -> str:
    if find.reason is not None:
        return f"{find.reason}: {find.problem}"
    if not find.works:
        return "all its stories are older than max_age" if find.too_old else "it brings nothing"
    through = next((other for other in finds if url_key(find.url) in other.names and other.works), None)
    if find.kind == "sitemap" and any(url_key(other.url) in find.names for other in named):
        return "its sitemap for news is named"
    if through is not None and (through in named or find.how == "index"):
        return f"read with {through.url}, which names it"
    known = [*named, *finds[: finds.index(find)]]
    return _why_covered(find, named, best if best in known else None)


def _why_covered(find: Find, named: Sequence[Find], best: Find | None) -> str:
    if best is not None and find.shared_with(best) >= THE_SAME and best.shared_with(find) >= THE_SAME:
        return f"the same as {best.url}"
    if find.kind == "page" and any(other.kind == "sitemap" for other in named):
        return "a sitemap that is named has what is new"
    return "nearly all of it comes from those that are named"
