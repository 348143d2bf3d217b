"""How much room a page takes: in Redis while it is in the air and afterwards, and in Postgres."""

import uuid
from typing import Any, cast

import msgspec
import redis

from benchmarks.capacity.stack import Stack
from benchmarks.soak.meters import EXPIRY_BYTES, POINTER_BYTES, kinds_of_keys
from cli import reading
from shared.flight.ledger import Ledger
from shared.flight.redis_keys import FLIGHT, PAGE, RESULT, STAGE
from shared.messages import FetchPages

STAGES = ("fetch", "parse", "index")
# So many URLs wait while the size of one is measured.
WAITING = 10_000
# The address of a news page has so many characters, more or less.
ADDRESS = "https://www.gazette-{0}.example/news/2025/05/08/the-council-of-eastmoor-votes-for-the-tram-{1:08d}.html"


class RedisSizes(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes of Redis' memory."""

    in_air: dict[str, float]  # a page at each stage between frontier and Postgres
    waiting: float  # a URL in the frontier
    seen: float  # what is remembered of each URL, for 30 days
    validators: float  # what is remembered of each page that was read, for 8 days
    at_rest: float  # all else, with no page in the air


class Relation(msgspec.Struct, frozen=True, kw_only=True):
    """A table with all of its partitions: rows, and bytes of the table and its long values, and of its indexes."""

    name: str
    rows: float
    table: float
    indexes: float


class InAir:
    """Adds up what pages in the air take, by stage."""

    def __init__(self, client: "redis.Redis") -> None:
        self._redis = client
        self._pages = dict.fromkeys(STAGES, 0)
        self._bytes = dict.fromkeys(STAGES, 0)

    def look(self) -> None:
        """Look at the pages that are in the air now; those that move on meanwhile are left out."""
        for stage in STAGES:
            ids = [member.decode() for member in cast(list[bytes], self._redis.zrange(STAGE + stage, 0, 199))]
            pipeline = self._redis.pipeline(transaction=False)
            for flight in ids:
                for prefix in (FLIGHT, PAGE, RESULT):
                    pipeline.memory_usage(prefix + flight, samples=0)
                pipeline.zscore(STAGE + stage, flight)
            answers = pipeline.execute()
            for flight, page, result, score in zip(*(answers[n::4] for n in range(4)), strict=True):
                if score is not None and flight is not None:
                    self._pages[stage] += 1
                    self._bytes[stage] += flight + (page or 0) + (result or 0)

    def each(self) -> dict[str, float]:
        """Returns the bytes of a page at each stage where any was seen."""
        return {stage: self._bytes[stage] / pages for stage, pages in self._pages.items() if pages}


def redis_sizes(stack: Stack, in_air: InAir) -> RedisSizes:
    """Returns what Redis holds, with no page in the air and the workers at rest; then leaves many URLs waiting."""
    kinds = kinds_of_keys(stack.redis)
    used = _used(stack.redis)
    seen, validators = kinds["seen"], kinds["validators"]
    seen_each = seen.bytes / seen.entries
    validators_each = validators.bytes / validators.keys + 2 * POINTER_BYTES + EXPIRY_BYTES
    stack.stop_workers()
    waiting = _waiting(stack.redis)
    return RedisSizes(
        in_air=in_air.each(),
        waiting=waiting - seen_each,
        seen=seen_each,
        validators=validators_each,
        at_rest=used - seen.entries * seen_each - validators.keys * validators_each,
    )


def _waiting(client: "redis.Redis") -> float:
    ledger, before, label = Ledger(client), _used(client), uuid.uuid4().int % 1_000
    for start in range(0, WAITING, 500):
        urls = [ADDRESS.format(label + n % 50, n) for n in range(start, start + 500)]
        ledger.accept(FetchPages(urls=urls).requests())
    return (_used(client) - before) / WAITING


def _used(client: "redis.Redis") -> int:
    return int(cast(dict[str, Any], client.info("memory"))["used_memory"])


RELATIONS = """
SELECT root.relname AS name, sum(pg_table_size(c.oid))::float AS table, sum(pg_indexes_size(c.oid))::float AS indexes,
    sum(s.n_tup_ins - s.n_tup_del)::float AS rows
FROM pg_class c
JOIN pg_stat_user_tables s ON s.relid = c.oid
JOIN pg_class root ON root.oid = coalesce(pg_partition_root(c.oid), c.oid)
WHERE c.relkind = 'r'
GROUP BY root.relname
"""


def relations(database_url: str) -> dict[str, Relation]:
    """Returns the tables of the database by name."""
    rows = reading.query(database_url, RELATIONS)
    return {row["name"]: msgspec.convert(row, Relation) for row in rows}


def growth(before: dict[str, Relation], after: dict[str, Relation], pages: int) -> list[Relation]:
    """Returns what the tables have grown by for each of so many pages, the largest first."""
    grown = [
        Relation(
            name=name,
            rows=(now.rows - before[name].rows) / pages,
            table=(now.table - before[name].table) / pages,
            indexes=(now.indexes - before[name].indexes) / pages,
        )
        for name, now in after.items()
    ]
    return sorted((one for one in grown if one.table + one.indexes > 0), key=lambda one: -(one.table + one.indexes))
