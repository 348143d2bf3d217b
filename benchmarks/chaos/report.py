"""Judges a run: what is lost, double or stale, and how long each kind of fault held pages up."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

import msgspec

from benchmarks.chaos.feeding import Asked
from benchmarks.chaos.plain import LATE_S
from benchmarks.chaos.press import Story
from benchmarks.chaos.schedule import Fault
from benchmarks.chaos.watch import Stored, Visit

# No fault may hold up the stage that it hits for longer (s), at the 95th percentile of all faults; and none at all for
# longer than the second after its end.
RECOVERY_S, AFTER_END_S = 30.0, 60.0
ANY = "any fault"
GOOD = ("stored", "unchanged")


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """A fault that was done, from and to (Unix seconds)."""

    fault: Fault
    began: float
    ended: float


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """How long faults of a kind held pages up (s): from their beginning, and at the longest after their end."""

    faults: int
    p50: float
    p95: float
    longest: float
    after_end: float


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """All that was noted during a run."""

    seconds: float
    began: float  # Unix seconds
    stories: Mapping[str, Story]  # by URL
    asked: Sequence[Asked]
    edited: frozenset[int]  # stories whose edited text the site gave to somebody
    done: Sequence[Done]
    moved: Mapping[str, Sequence[float]]
    stored: Stored
    kills: int
    left: int  # pages still in the air when waiting was given up


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The judgement. Lists name what is wrong."""

    accepted: int
    landed: int
    visits: int
    articles: int
    lost: list[str]
    double: list[str]
    stale: list[str]
    not_stored: list[str]
    quarantined: int
    late: int
    longest: float
    longest_stall: float
    kills: int
    faults: int
    left: int
    recovery: dict[str, Recovery]
    held_up: list[str]

    @property
    def slow(self) -> list[str]:
        """The kinds of fault from which recovery took too long after the end of one, or too often; none otherwise."""
        kinds = {kind: measured for kind, measured in self.recovery.items() if kind != ANY}
        too_often = ANY in self.recovery and self.recovery[ANY].p95 > RECOVERY_S
        return [
            kind
            for kind, measured in kinds.items()
            if measured.after_end > AFTER_END_S or (too_often and measured.longest > RECOVERY_S)
        ]


def judge(evidence: Evidence) -> Result:
    """Returns the judgement of a run."""
    stored = evidence.stored
    wanted = [story_url for story_url, story in evidence.stories.items() if story.way in ("front", "feed")]
    lost = _lost(evidence, wanted)
    waits = _waits(evidence)
    accepted = len(evidence.asked) + len(wanted)
    return Result(
        accepted=accepted,
        landed=accepted - len(lost),
        visits=len(stored.visits),
        articles=len(stored.articles),
        lost=lost,
        double=_double(stored, evidence),
        stale=_stale(evidence),
        not_stored=[f"{url}: {fate}" for url, fate in stored.fates.items() if fate not in GOOD],
        quarantined=stored.quarantined,
        late=sum(wait > LATE_S for wait in waits),
        longest=max(waits, default=0.0),
        longest_stall=_longest_stall(evidence),
        kills=evidence.kills,
        faults=len(evidence.done),
        left=evidence.left,
        recovery=_recovery(evidence),
        held_up=_held_up(evidence),
    )


def _lost(evidence: Evidence, listed: Sequence[str]) -> list[str]:
    """What was accepted and has no visit; a request that joined a page in the air shares that page's visit."""
    flights = {visit.flight_id for visit in evidence.stored.visits}
    lost = [
        f"{one.url}: flight {one.flight_id}" for one in evidence.asked if one.flight_id and one.flight_id not in flights
    ]
    lost += [f"{one.url}: asked for" for one in evidence.asked if one.url not in evidence.stored.fates]
    return lost + [f"{url}: listed" for url in listed if url not in evidence.stored.known]


def _double(stored: Stored, evidence: Evidence) -> list[str]:
    flights = Counter(visit.flight_id for visit in stored.visits)
    found = [f"flight {flight} has {n} visits" for flight, n in flights.items() if n > 1]
    for column in ("url", "canonical_url"):
        counted = Counter(article[column] for article in stored.articles)
        found += [f"{url} has {n} articles" for url, n in counted.items() if n > 1]
    for article in stored.articles:
        story = evidence.stories.get(article["canonical_url"])
        texts = 1 + (story is not None and story.number in evidence.edited)
        if article["version"] > texts:
            found.append(f"{article['url']} has {article['version']} versions of {texts} texts")
    return found


def _stale(evidence: Evidence) -> list[str]:
    """Articles that read as before an edit that the fetcher was given."""
    edited = {url for url, story in evidence.stories.items() if story.number in evidence.edited}
    return [
        article["url"]
        for article in evidence.stored.articles
        if article["canonical_url"] in edited and not article["title"].endswith(", corrected")
    ]


def _waits(evidence: Evidence) -> list[float]:
    """How long (s) each page took from its acceptance by the ledger or the door until it stood in Postgres."""
    by_flight: dict[str, float] = {}
    by_url: dict[str, list[float]] = defaultdict(list)
    for visit in evidence.stored.visits:
        by_flight.setdefault(visit.flight_id, visit.landed_at)
        by_url[visit.url].append(visit.landed_at)
    waits = []
    for one in evidence.asked:
        if one.flight_id is not None:
            landed = by_flight.get(one.flight_id)
        else:
            landed = next((at for at in by_url[one.url] if at >= one.at), None)
        if landed is not None:
            waits.append(max(0.0, landed - one.at))
    return waits


def _longest_stall(evidence: Evidence) -> float:
    """The longest time (s) without a landing while pages kept coming."""
    landed = [visit.landed_at for visit in evidence.stored.visits if visit.landed_at >= evidence.began]
    ends = evidence.began + evidence.seconds
    return max((b - a for a, b in pairwise(landed) if a < ends), default=0.0)


def _recovery(evidence: Evidence) -> dict[str, Recovery]:
    times: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for done in evidence.done:
        again = _moves_again(evidence, done)
        for kind in (done.fault.kind, ANY):
            times[kind].append((again - done.began, again - done.ended))
    of_any_first = sorted(times.items(), key=lambda pair: (pair[0] != ANY, pair[0]))
    return {kind: _measured(sorted(took for took, _ in f), max(0.0, *(a for _, a in f))) for kind, f in of_any_first}


def _held_up(evidence: Evidence) -> list[str]:
    """Names each fault after which pages moved again only after RECOVERY_S."""
    return [
        f"{took:.0f} s by {done.fault.kind}, {done.began - evidence.began:.0f} s after the start"
        for done in evidence.done
        if (took := _moves_again(evidence, done) - done.began) > RECOVERY_S
    ]


def _moves_again(evidence: Evidence, done: Done) -> float:
    """When the stage that was hit moved a page again; of a fault that hits all stages, when one had passed them all."""
    kind = done.fault.kind
    handed_to = {"tick": "fetch", "fetcher": "parse", "parser": "index"}
    for worker, stage in handed_to.items():
        if worker in kind:
            return next((at for at in evidence.moved[stage] if at > done.ended), float("inf"))
    return min((visit.landed_at for visit in _begun_after(evidence.stored.visits, done)), default=float("inf"))


def _begun_after(visits: Sequence[Visit], done: Done) -> list[Visit]:
    """A worker that is stopped leaves the others at work, so it is over as soon as it has begun."""
    over = done.began if "worker" in done.fault.kind else done.ended
    return [visit for visit in visits if visit.at > over]


def _measured(times: list[float], after_end: float) -> Recovery:
    """`times` ascend."""

    def share(part: float) -> float:
        return times[min(len(times) - 1, int(part * len(times)))]

    return Recovery(faults=len(times), p50=share(0.5), p95=share(0.95), longest=times[-1], after_end=after_end)
