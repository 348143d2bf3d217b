"""What a flood's samples say: phase by phase, and over time."""

from collections.abc import Sequence

import msgspec

from benchmarks.report import table

MEBIBYTE = 2**20
# So many lines at most tell the course of a run.
LINES = 24


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """What Redis said at a moment (seconds of the run)."""

    at: float
    phase: str
    redis_bytes: int
    fetched: int  # pages that have left the fetch stage since the run began
    landed: int
    in_air: int  # pages between frontier and Postgres, those that wait for Postgres included


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """What happened between two faults, or while one lasted."""

    name: str
    seconds: float
    fetched_per_s: float
    landed_per_s: float
    in_air: int  # at the most
    redis_mb: float  # at the most


class Flood(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a run. `lost` and `double` name pages; `drain_s` is the time from the last fault's end."""

    accepted: int
    accepting_s: float
    landed: int
    lost: list[str]
    double: list[str]
    quarantined: int
    left: int
    drain_s: float
    max_in_air: int
    mark_mb: float
    phases: list[Phase]
    samples: list[Sample]

    @property
    def redis_mb(self) -> float:
        """The most memory that Redis took."""
        return max(phase.redis_mb for phase in self.phases)


def phases_of(samples: Sequence[Sample]) -> list[Phase]:
    """The phases of a run, in order."""
    found: list[Phase] = []
    for name in dict.fromkeys(sample.phase for sample in samples):
        of = [number for number, sample in enumerate(samples) if sample.phase == name]
        first, last = samples[max(0, of[0] - 1)], samples[of[-1]]
        seconds = max(1e-9, last.at - first.at)
        found.append(
            Phase(
                name=name,
                seconds=seconds,
                fetched_per_s=(last.fetched - first.fetched) / seconds,
                landed_per_s=(last.landed - first.landed) / seconds,
                in_air=max(samples[number].in_air for number in of),
                redis_mb=max(samples[number].redis_bytes for number in of) / MEBIBYTE,
            )
        )
    return found


def sentence(phase: Phase) -> str:
    """What a phase was like, for whoever waits for the end of the run."""
    return (
        f"{phase.name}: {phase.seconds:.0f} s, {phase.fetched_per_s:.1f} fetched/s, {phase.landed_per_s:.1f} landed/s, "
        f"at most {phase.in_air} in the air and {phase.redis_mb:.0f} MB of Redis"
    )


def markdown(flood: Flood) -> str:
    """The tables of a run."""
    phases = [
        {
            "": phase.name,
            "s": phase.seconds,
            "fetched/s": phase.fetched_per_s,
            "landed/s": phase.landed_per_s,
            "in the air, at most": phase.in_air,
            "Redis MB, at most": phase.redis_mb,
        }
        for phase in flood.phases
    ]
    counted = [
        ("accepted", flood.accepted),
        ("accepted in, s", flood.accepting_s),
        ("landed", flood.landed),
        ("**lost**", len(flood.lost)),
        ("**double**", len(flood.double)),
        ("quarantined", flood.quarantined),
        ("in the air, at most", max(phase.in_air for phase in flood.phases)),
        ("of these allowed (`DEPECHE_MAX_IN_AIR`)", flood.max_in_air),
        ("Redis MB, at most", flood.redis_mb),
        ("Redis' mark (`maxmemory`), MB", flood.mark_mb),
        ("all landed after the last fault's end, s", flood.drain_s),
    ]
    totals = [{"": name, "pages": value} for name, value in counted]
    return f"{table(totals)}\n\n{table(phases)}\n\n{table(_course(flood.samples))}"


def _course(samples: Sequence[Sample]) -> list[dict[str, object]]:
    every = max(1, -(-len(samples) // LINES))
    picked = [*samples[::every], samples[-1]]
    return [
        {
            "at, s": round(later.at),
            "phase": later.phase,
            "Redis MB": later.redis_bytes / MEBIBYTE,
            "in the air": later.in_air,
            "landed": later.landed,
            "fetched/s": (later.fetched - earlier.fetched) / max(1e-9, later.at - earlier.at),
        }
        for earlier, later in zip([picked[0], *picked], picked, strict=False)
    ]
