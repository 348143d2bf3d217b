"""Finds the highest rate that the stack sustains, and measures what pages cost at it, at half of it, and unchanged."""

import time
import uuid
from contextlib import ExitStack
from pathlib import Path

import msgspec
import psutil

from benchmarks.capacity.sizes import InAir, RedisSizes, Relation, growth, redis_sizes, relations
from benchmarks.capacity.stack import Load, Say, Stack
from benchmarks.parsed_pages import landings_of, parsed_pages
from services.indexer.connection import Connection
from services.indexer.followers.follower import Follower, catch_up
from services.indexer.followers.search import SEARCH
from services.indexer.followers.stories import STORIES
from services.indexer.index import store_together
from services.indexer.schema.migrate import connect

# The ceiling is what lands with so many pages in the air; then lower and lower shares of it are tried.
IN_AIR, SHARES = 200, (0.95, 0.9, 0.8, 0.7, 0.6, 0.5)
# A rate is sustained if the pages in the air grow by less than this share of it.
BACKLOG = 0.02
FOLLOWED, A_TRANSACTION = 300, 16


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """All that was measured. `tried` are loads that were too much; if all were, `highest` is the least of them."""

    processes: int  # of the parser
    ceiling: float
    tried: list[Load]
    highest: Load
    half: Load
    unchanged: Load
    redis: RedisSizes
    postgres: list[Relation]  # for each new page
    followers: dict[str, float]  # articles a second that each follower can do
    page_bytes: float  # as the sites send it


def measure(folder: Path, seconds: float, say: Say, stack: ExitStack) -> Measured:
    """Measure with loads of so many seconds; `say` hears what comes next, and `stack` ends what was started."""
    say("starting servers and workers")
    running = Stack(stack, folder)
    say("warming up")
    running.ceiling(seconds / 2, IN_AIR // 4, lambda: None)
    say(f"as many pages as will land, {IN_AIR} in the air")
    in_air = InAir(running.redis)
    ceiling = running.ceiling(seconds, IN_AIR, in_air.look)
    before, tried, pages = relations(running.database_url), list[Load](), 0
    for share in SHARES:
        say(f"{share * ceiling:.1f} pages a second")
        label = uuid.uuid4().hex
        tried.append(running.load(share * ceiling, seconds, label))
        pages += tried[-1].cost.pages
        if is_sustained(tried[-1]):
            break
    say("half of that")
    half = running.load(tried[-1].rate / 2, seconds)
    after = relations(running.database_url)
    say("the same pages again, unchanged")
    unchanged = running.load(half.rate, tried[-1].cost.pages / half.rate, label)
    say("sizes")
    time.sleep(1)  # Redis frees the last pages
    sizes = redis_sizes(running, in_air)
    say("the followers alone")
    return Measured(
        processes=running.processes,
        ceiling=ceiling,
        tried=tried[:-1],
        highest=tried[-1],
        half=half,
        unchanged=unchanged,
        redis=sizes,
        postgres=growth(before, after, pages + half.cost.pages),
        followers=follower_rates(running.database_url, folder),
        page_bytes=running.sites.bytes_a_page,
    )


def is_sustained(load: Load) -> bool:
    """Returns whether no backlog grew."""
    return load.backlog_per_s < BACKLOG * load.rate


def follower_rates(database_url: str, folder: Path) -> dict[str, float]:
    """Returns how many articles each follower can do in a second of CPU, its own and Postgres' together.

    One indexer at a time works for a follower, on one connection, so it never has more than that.
    """
    with connect(database_url) as connection:
        for follower in (STORIES, SEARCH):
            catch_up(connection, follower)
        # All earlier pages are copies of each other, of which no real press has so many.
        connection.execute("TRUNCATE depeche.story_sketches, depeche.story_keys")
        landings = list(landings_of(parsed_pages(folder, FOLLOWED), uuid.uuid4().hex))
        for start in range(0, len(landings), A_TRANSACTION):
            store_together(connection, landings[start : start + A_TRANSACTION])
        return {follower.name: _rate(connection, follower, len(landings)) for follower in (STORIES, SEARCH)}


def _rate(connection: Connection, follower: Follower, articles: int) -> float:
    backend = psutil.Process(connection.info.backend_pid)

    def used() -> float:
        times = backend.cpu_times()
        return time.process_time() + float(times.user) + float(times.system)

    before = used()
    catch_up(connection, follower)
    return articles / max(0.01, used() - before)  # what the kernel counts is as coarse as that
