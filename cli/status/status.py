"""The status as a whole: what each of the two servers knows, and what is wrong."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Literal

import msgspec
import redis
from rich.filesize import decimal

from cli.halves import half
from cli.settings import CliSettings
from cli.stack.stack import find_database, find_endpoints, find_redis
from cli.status.in_the_air import InTheAir, in_the_air
from cli.status.landed import Landed, landed
from cli.times import span
from cli.wording import counted, plural
from cli.workers import silence
from shared.broker.redis_client import connect_redis

# What is at a stage for longer than this (s), while nothing lands, stands still. A message that was lost is noticed and
# published again in less than a third of it.
STANDS_STILL_S = 600.0
# The share of its limit from which on Redis counts as nearly full; full, it takes no more pages.
NEARLY_FULL = 0.9

Reason = Literal["redis_away", "postgres_away", "no_worker", "stands_still", "redis_nearly_full"]
# The exit status for each, the gravest first.
EXIT_STATUS: dict[Reason, int] = {
    "redis_away": 2,
    "postgres_away": 2,
    "no_worker": 3,
    "stands_still": 1,
    "redis_nearly_full": 1,
}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Something that keeps pages from landing now or soon."""

    reason: Reason
    detail: str


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Both halves at one moment; a half is None where its server did not answer."""

    at: datetime
    in_the_air: InTheAir | None
    landed: Landed | None
    problems: list[Problem]

    @property
    def exit_status(self) -> int:
        """The status of the gravest problem; 0 without any."""
        reasons = {problem.reason for problem in self.problems}
        return next((number for reason, number in EXIT_STATUS.items() if reason in reasons), 0)


def look(settings: CliSettings, client: "Callable[[], redis.Redis] | None" = None) -> Status:
    """Ask both servers at the same time; raises UserError where no stack runs and no server is set.

    Who looks often gives a `client` that stays connected.
    """
    if not settings.redis_url and not settings.database_url:
        find_endpoints(settings)
    client = client or (lambda: connect_redis(find_redis(settings)))
    with ThreadPoolExecutor(2) as threads:
        redis_half = threads.submit(half, lambda: in_the_air(client()))
        postgres_half = threads.submit(half, lambda: landed(find_database(settings)))
        (air, no_redis), (down, no_postgres) = redis_half.result(), postgres_half.result()
    problems = [Problem(reason="redis_away", detail=no_redis)] if no_redis else []
    problems += [Problem(reason="postgres_away", detail=no_postgres)] if no_postgres else []
    problems += _problems(air, down) if air else []
    return Status(at=air.at if air else datetime.now(UTC), in_the_air=air, landed=down, problems=problems)


def _problems(air: InTheAir, down: Landed | None) -> Iterator[Problem]:
    for stage, since in air.not_served_since.items():
        yield Problem(reason="no_worker", detail=silence(stage, since))
    if down is not None and not down.rates["index"].ten_minutes:
        for name, now in air.stages.items():
            age = (air.at - now.oldest_since).total_seconds() if now.oldest_since else 0
            if name != "waiting" and age > STANDS_STILL_S:
                pages = f"{counted(now.pages, 'page')} {plural(now.pages, 'is')} at the stage {name}"
                sentence = f"nothing has landed for ten minutes, while {pages}, the oldest for {span(age)}"
                yield Problem(reason="stands_still", detail=sentence)
    memory = air.memory
    if memory and memory.limit and memory.used >= NEARLY_FULL * memory.limit:
        share = f"{memory.used / memory.limit:.0%} of its {decimal(memory.limit)}"
        yield Problem(reason="redis_nearly_full", detail=f"Redis uses {share}; full, it takes no more pages")
