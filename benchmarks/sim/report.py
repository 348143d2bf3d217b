"""What the simulated day showed, as figures and as a section of docs/benchmarks.md."""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from benchmarks.report import setting, significant, table
from benchmarks.sim.press import HOST_CONNECTIONS, HOST_DELAY_S, Site, Story
from benchmarks.sim.site_server import JITTER_S, Account

# Stories from before this moment (s) met a stack that was still starting; they are looked for, but not timed.
WARM_UP_S = 40.0
# An edit that is followed by a planned visit within the day is one that must be found: the last is due at this age (s),
# and the visits wait for their hosts.
EDITS_SETTLE_S = 120.0


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """What came out of Postgres: when (s since the day began) a story's row was first seen there, and its title now."""

    stored_at: Mapping[str, float]
    titles: Mapping[str, str]
    fates: Mapping[str, str]
    quarantined: int


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """A distribution, in seconds."""

    count: int
    p50: float
    p95: float
    longest: float


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of a day."""

    sites: int
    fetchers: int
    seconds: float
    published: int
    missed: list[str]
    freshness: Spread
    until_listed: Spread
    until_stored: Spread
    edits: int
    edits_missed: list[str]
    requests: int
    too_close: int
    least_gap_share: float
    most_at_once: int
    in_pauses: int
    forbidden: int
    pages: int
    not_modified: int
    megabytes_sent: float
    megabytes_saved: float
    wrong_fates: list[str]
    quarantined: int

    @property
    def violations(self) -> int:
        """Requests that a publisher did not want."""
        return self.too_close + (self.most_at_once > HOST_CONNECTIONS) + self.in_pauses + self.forbidden


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What was to happen: the press, its stories by URL, how many fetchers, how long (s)."""

    sites: Sequence[Site]
    stories: Mapping[str, Story]
    fetchers: int
    seconds: float


def judge(plan: Plan, accounts: Mapping[int, Account], observed: Observed) -> Day:
    """Compare what was to happen with what the sites saw and what is in Postgres."""
    wanted = {url: story for url, story in plan.stories.items() if story.fate == "stored"}
    stored = {url: story for url, story in wanted.items() if url in observed.stored_at}
    timed = {url: story for url, story in stored.items() if story.published >= WARM_UP_S}
    listed = {url: accounts[story.site].first_listed[story.number] for url, story in timed.items()}
    edited = [url for url, story in stored.items() if _must_be_found(story, plan.seconds)]
    seen = {site.number: accounts[site.number].seen for site in plan.sites}
    return Day(
        sites=len(plan.sites),
        fetchers=plan.fetchers,
        seconds=plan.seconds,
        published=len(wanted),
        missed=sorted(wanted.keys() - stored.keys()),
        freshness=_spread([observed.stored_at[url] - story.published for url, story in timed.items()]),
        until_listed=_spread([listed[url] - story.published for url, story in timed.items()]),
        until_stored=_spread([observed.stored_at[url] - listed[url] for url in timed]),
        edits=len(edited),
        edits_missed=sorted(url for url in edited if not observed.titles.get(url, "").endswith("corrected")),
        requests=sum(s.requests for s in seen.values()),
        too_close=sum(s.too_close for s in seen.values()),
        least_gap_share=min((seen[site.number].least_gap or site.delay) / site.delay for site in plan.sites),
        most_at_once=max(s.most_at_once for s in seen.values()),
        in_pauses=sum(s.in_pauses for s in seen.values()),
        forbidden=sum(account.forbidden for account in accounts.values()),
        pages=sum(account.pages for account in accounts.values()),
        not_modified=sum(account.not_modified for account in accounts.values()),
        megabytes_sent=sum(account.bytes_sent for account in accounts.values()) / 1e6,
        megabytes_saved=sum(account.bytes_saved for account in accounts.values()) / 1e6,
        wrong_fates=_wrong_fates(plan, observed),
        quarantined=observed.quarantined,
    )


def _must_be_found(story: Story, seconds: float) -> bool:
    return story.edited is not None and story.published + EDITS_SETTLE_S <= seconds


def _wrong_fates(plan: Plan, observed: Observed) -> list[str]:
    """Pages of the press that got another fate than they must; those still in the air have none yet."""
    right = {
        "gone": {"gone"},
        "forbidden": {"refused"},
        "trap": {"refused", "failed"},
        "stored": {"stored", "unchanged"},
    }
    return sorted(
        f"{url}: {observed.fates[url]}"
        for url, story in plan.stories.items()
        if url in observed.fates and observed.fates[url] not in right[story.fate]
    )


def _spread(values: Sequence[float]) -> Spread:
    ordered = sorted(values) or [0.0]

    def at(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    return Spread(count=len(values), p50=at(0.5), p95=at(0.95), longest=ordered[-1])


def markdown(day: Day, plan: Plan) -> str:
    """The section of docs/benchmarks.md."""
    troubles = Counter(site.trouble or "none" for site in plan.sites)
    listed = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in troubles.most_common())
    head = (
        f"{setting('celery', 'redis', 'psycopg', 'httpx')} {day.sites} sites for {day.seconds:.0f} s, {day.fetchers} "
        f"fetchers, {day.published:,} stories that could be had. Sites by their trouble: {listed}."
    )
    spreads: list[dict[str, object]] = [
        {"seconds": name, "p50": spread.p50, "p95": spread.p95, "longest": spread.longest, "stories": spread.count}
        for name, spread in (
            ("published -> row in Postgres", day.freshness),
            ("  of these: until a list with it is read", day.until_listed),
            ("  of these: from there to the row", day.until_stored),
        )
    ]
    unwanted: list[dict[str, object]] = [
        {"counted at the sites": "requests, robots.txt included", "number": f"{day.requests:,}"},
        {
            "counted at the sites": f"too close: by {JITTER_S} s less than {HOST_DELAY_S} s or Crawl-delay",
            "number": day.too_close,
        },
        {"counted at the sites": "closest two, as a share of the delay", "number": f"{day.least_gap_share:.3f}"},
        {"counted at the sites": f"most at a time ({HOST_CONNECTIONS} allowed)", "number": day.most_at_once},
        {"counted at the sites": "in a pause that was asked for", "number": day.in_pauses},
        {"counted at the sites": "forbidden by robots.txt", "number": day.forbidden},
    ]
    share = 100 * day.not_modified / max(1, day.pages)
    saved = 100 * day.megabytes_saved / max(1e-9, day.megabytes_saved + day.megabytes_sent)
    found = day.edits - len(day.edits_missed)
    notes = (
        f"Stories missed: {len(day.missed)}. Edits found, of those that a planned visit follows: {found} of {day.edits}"
        f". Pages with another fate than they must have: {len(day.wrong_fates)}; quarantined: {day.quarantined}. "
        f"Conditional requests: {day.not_modified:,} of {day.pages:,} pages ({share:.0f} %) were answered with 304, "
        f"which spared {significant(day.megabytes_saved)} MB ({saved:.0f} %)."
    )
    return "\n\n".join([head, table(spreads), table(unwanted), notes])
