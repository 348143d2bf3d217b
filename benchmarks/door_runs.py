"""The two runs of the door's benchmark: Depeche, and plain Celery, with the same tasks and the same kills."""

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import msgspec

from benchmarks.chaos.feeding import foreign_celery
from benchmarks.door_kills import Killer, RestartedWorkers, kills
from benchmarks.door_plain import QUEUE, TASK
from benchmarks.page_server import page_server
from cli import reading
from cli.settings import CliSettings
from cli.stack.embedded import EmbeddedRedis
from cli.stack.servers import running_servers
from cli.stack.stack import WORKERS, Endpoints
from shared.broker.redis_client import connect_redis
from shared.messages import DOOR_QUEUE, DOOR_TASK
from shared.signals import EndIfPressed

WORKERS_EACH, SITES = 2, 16
TAKING = WORKERS_EACH + 2  # the parser and the indexer take messages, too; the tick takes none
# What has not come when nothing has come for so long (s) counts as lost. A lost worker's messages go back after 20 s,
# and what it had taken on is published again after 120 s.
PATIENCE_S = 180.0
# Celery's default is an hour, after which nobody would wait. It is also what the lost of a killed worker wait for.
VISIBILITY_S = 60.0
LOOK_EVERY_S = 1.0
ROOT = Path(__file__).parents[1]
ENVIRONMENT = {
    "DEPECHE_ALLOW_NETWORKS": "127.0.0.0/8",
    "DEPECHE_HOST_DELAY": "0",
    "DEPECHE_HOST_CONNECTIONS": "0",
    "DEPECHE_OBEY_ROBOTS": "false",
    "DEPECHE_SOURCES": "",
}
VISITS = "SELECT page_url, flight_id FROM news.visits"
ARTICLES = "SELECT url FROM news.articles"
SYLLABLES = ("har", "bour", "quill", "ten", "der", "mar", "ket", "lan", "tern", "fer", "ry", "bar", "ley", "tide")
PAGE = """<!doctype html><html lang=en><head><title>{head} | Gazette</title></head><body><article><h1>{head}</h1>
<p>{text}.</p></article></body></html>"""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How many tasks are sent, and how often and when workers are killed."""

    tasks: int
    kills: int
    seed: int


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the tasks. `again`: done another time, where that is no fault."""

    sent: int
    landed: int
    lost: int
    double: int
    again: int
    kills: int  # moments at which workers were killed
    killed: int  # workers
    seconds: float


class Fetchers(RestartedWorkers):
    """Two fetchers, and one worker of each other kind."""

    names = ("fetcher", "fetcher-2")
    modules = WORKERS | dict.fromkeys(names, WORKERS["fetcher"])


class PlainWorkers(RestartedWorkers):
    """Two workers of plain Celery."""

    names = ("celery", "celery-2")
    modules = dict.fromkeys(names, "benchmarks.door_plain")


def at_the_door(plan: Plan, home: Path, end_if_pressed: EndIfPressed) -> Counted:
    """Send a task a page to Depeche, kill its fetchers, and count."""
    pages = home / "pages"
    pages.mkdir(parents=True)
    for number in range(plan.tasks):
        (pages / f"{number:06}.html").write_text(page(number), "utf-8")
    with ExitStack() as stack:
        urls = stack.enter_context(page_server(pages, SITES)).urls("door", plan.tasks)
        settings = CliSettings(home=home, redis_url=None, database_url=None)
        endpoints = stack.enter_context(running_servers(settings)).endpoints
        stack.enter_context(workers := Fetchers(home, endpoints, ENVIRONMENT, cwd=home))
        run = Run(plan, Killer(workers, Fetchers.names, TAKING, connect_redis(endpoints.redis_url)), end_if_pressed)
        run.send(endpoints.redis_url, DOOR_TASK, DOOR_QUEUE, lambda number: [urls[number]])
        run.wait(lambda: {row["page_url"] for row in reading.query(endpoints.database_url, VISITS)}, PATIENCE_S)
        visits = reading.query(endpoints.database_url, VISITS)
        articles = Counter(row["url"] for row in reading.query(endpoints.database_url, ARTICLES))
    flights = Counter(row["flight_id"] for row in visits)
    return run.counted(
        {row["page_url"] for row in visits} & set(urls),
        double=sum(times - 1 for counts in (flights, articles) for times in counts.values()),
        again=len(flights) - len({row["page_url"] for row in visits}),
    )


def plain_celery(plan: Plan, home: Path, end_if_pressed: EndIfPressed) -> Counted:
    """Send as many tasks to plain Celery, kill its workers likewise, and count."""
    home.mkdir(parents=True)
    rows = home / "rows"
    rows.touch()
    environment = {"PLAIN_ROWS": str(rows), "PLAIN_VISIBILITY_S": str(VISIBILITY_S)}
    with ExitStack() as stack:
        server = stack.enter_context(EmbeddedRedis(home))
        endpoints = Endpoints(redis_url=server.url, database_url="")
        stack.enter_context(workers := PlainWorkers(home, endpoints, environment, cwd=ROOT))
        run = Run(plan, Killer(workers, PlainWorkers.names, WORKERS_EACH, connect_redis(server.url)), end_if_pressed)
        run.send(server.url, TASK, QUEUE, lambda number: number)
        run.wait(lambda: set(rows.read_text("utf-8").split()), 2 * VISIBILITY_S)
    written = Counter(rows.read_text("utf-8").split())
    return run.counted(set(written), double=written.total() - len(written), again=0)


class Run:
    """Tasks that are sent while workers are killed, and what has come of them."""

    def __init__(self, plan: Plan, killer: Killer, end_if_pressed: EndIfPressed) -> None:
        self._plan = plan
        self._killer = killer
        self._end_if_pressed = end_if_pressed
        self._began = time.monotonic()

    def send(self, redis_url: str, task: str, queue: str, argument: Callable[[int], object]) -> None:
        """Send the tasks as a plain Celery client does, and do the kills."""
        plan, app = self._plan, foreign_celery("scheduler", redis_url)
        schedule = kills(plan.seed, plan.tasks, plan.kills, WORKERS_EACH)
        self._killer.send_and_kill(
            schedule,
            plan.tasks,
            lambda number: app.send_task(task, args=[argument(number)], queue=queue, retry=False),
            self._end_if_pressed,
        )
        app.close()

    def wait(self, come: Callable[[], set[str]], patience_s: float) -> None:
        """Wait until all has come, or nothing more for `patience_s`."""
        there, since = 0, time.monotonic()
        while there < self._plan.tasks and time.monotonic() < since + patience_s:
            self._killer.mend()
            self._end_if_pressed()
            time.sleep(LOOK_EVERY_S)
            if (now := len(come())) > there:
                there, since = now, time.monotonic()

    def counted(self, landed: set[str], *, double: int, again: int) -> Counted:
        """The run's figures."""
        return Counted(
            sent=self._plan.tasks,
            landed=len(landed),
            lost=self._plan.tasks - len(landed),
            double=double,
            again=again,
            kills=self._killer.kills,
            killed=self._killer.killed,
            seconds=time.monotonic() - self._began,
        )


def page(number: int) -> str:
    """A short page with a text of its own."""
    drawn = random.Random(f"page {number}")
    words = ["".join(drawn.choices(SYLLABLES, k=3)) for _ in range(90)]
    return PAGE.format(head=f"Notice {number}: " + " ".join(words[:6]), text=" ".join(words))
