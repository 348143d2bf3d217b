"""Which faults come when: drawn from a seed, so that a run can be repeated."""

import random

import msgspec

# What is killed, stopped or cut. The number is how often it stands in the deck; the second, how many processes are
# killed with `kill -9` each time (Postgres is told to end at once, without a checkpoint, which is as bad).
DECK: dict[str, tuple[int, int]] = {
    "one fetcher killed": (2, 1),
    "one parser killed": (2, 1),
    "one indexer killed": (2, 1),
    "the tick killed": (2, 1),
    "all fetchers killed": (2, 2),
    "all parsers killed": (2, 2),
    "all indexers killed": (2, 2),
    "a process of a parser killed": (2, 1),
    "a session of Postgres killed": (2, 1),
    "Redis killed": (2, 1),
    "Redis killed four times": (1, 4),
    "Postgres shut down at once": (1, 1),
    "a worker stopped": (1, 0),
    "a worker stopped for long": (1, 0),
    "Redis stopped": (1, 0),
    "Postgres stopped": (1, 0),
    "connections to Redis cut": (1, 0),
    "connections to Redis half-open": (1, 0),
    "connections to Postgres cut": (1, 0),
    "connections to Postgres half-open": (1, 0),
    "Postgres refuses": (1, 0),
    "Postgres slow": (1, 0),
    "Postgres without a free connection": (1, 0),
    "Redis without memory": (1, 0),
    "Redis without disk": (1, 0),
}
# This one holds up all that runs, so it comes apart from the others: once in each so many seconds of a run.
LONG, LONG_EACH_S = "Redis stopped for a minute", 500.0
KINDS = (*DECK, LONG)
# Seconds that a fault of this kind lasts, from and to; the others are over at once.
LASTS_S: dict[str, tuple[float, float]] = {
    "a worker stopped": (2, 10),
    # Longer than the time after which a worker counts as lost, so that its messages go to others and it wakes up with
    # them still in its memory.
    "a worker stopped for long": (22, 27),
    "Redis stopped": (2, 8),
    "Postgres stopped": (2, 8),
    "connections to Redis half-open": (3, 8),
    "connections to Postgres half-open": (3, 8),
    "Postgres refuses": (3, 8),
    "Postgres slow": (8, 15),
    "Postgres without a free connection": (5, 10),
    "Redis without memory": (3, 8),
    "Redis without disk": (3, 8),
    LONG: (60, 60),
}
# Nothing else happens while these last. A Redis that is killed while it cannot write has lost what it had answered last
# (docs/guarantees.md).
ALONE = frozenset({LONG, "Redis without disk"})
# The first fault waits until the pages flow; after the last one there is time to see it mended.
FIRST_S, LAST_S = 3.0, 5.0


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """A fault at a moment of the run (s); `pick` chooses between equal victims."""

    at: float
    kind: str
    lasts: float
    pick: int


def faults(seed: int, seconds: float, apart: float) -> list[Fault]:
    """The faults of a run, `apart` seconds from each other on average; each kind comes once before any comes again."""
    drawn = random.Random(f"faults {seed}")
    found: list[Fault] = []
    deck: list[str] = []
    times = round(seconds / LONG_EACH_S)
    long_at = [seconds * (n + 0.5) / times for n in range(times)]
    at = FIRST_S
    while at < seconds - LAST_S:
        is_long = bool(long_at) and at >= long_at[0]
        deck = deck or _shuffled(drawn, bool(found))
        kind = LONG if is_long else deck.pop()
        long_at = long_at[is_long:]
        lasts = drawn.uniform(*LASTS_S.get(kind, (0, 0)))
        if kind in ALONE:  # those before it are over by then
            at = max([at, *(before.at + before.lasts for before in found)])
        if at >= seconds - LAST_S:
            break
        found.append(Fault(at=at, kind=kind, lasts=lasts, pick=drawn.randrange(1_000_000)))
        at += drawn.uniform(0.4, 1.6) * apart + (lasts if kind in ALONE else 0)
    return found


def _shuffled(drawn: random.Random, has_been: bool) -> list[str]:
    """A deck; the first one has each kind on top, so that even a short run sees all."""
    once, more = list(DECK), [kind for kind, (times, _) in DECK.items() for _ in range(times - 1)]
    for part in (once, more):
        drawn.shuffle(part)
    deck = [*more, *once]
    if has_been:
        drawn.shuffle(deck)
    return deck
