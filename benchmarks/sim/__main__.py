"""The simulated day: is everything found, soon, and no publisher hammered?

  python -m benchmarks.sim [--sites N] [--seconds S] [--fetchers N] [--json]

A process plays the sites of a press on loopback, each at an address of its own: pages, feeds and sitemaps that publish
at different paces and edit what they have published, some with a trouble (benchmarks/sim/press.py). The real workers,
on embedded servers in a temporary home, read them by a sources.toml with a schedule of seconds instead of minutes;
delays and pauses are not scaled. Exits with 1 when a story was missed, or a site was treated as it must not be. Without
options the result is also written into docs/benchmarks.md.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
from rich.progress import Progress

from benchmarks.report import write_section
from benchmarks.sim.press import HOST_CONNECTIONS, HOST_DELAY_S, Site, sites, stories
from benchmarks.sim.report import Day, Observed, Plan, judge, markdown
from benchmarks.sim.site_server import Account, Opened
from cli import reading
from cli.output import print_json, stderr
from cli.settings import CliSettings
from cli.stack.embedded import spawn, stop_process
from cli.stack.servers import running_servers
from cli.stack.stack import WORKERS, Endpoints, Workers
from shared.failures import UserError
from shared.service import exit_status
from shared.signals import interrupted_once

SITES, SECONDS, FETCHERS, THREADS = 200, 240.0, 4, 8
# A source is visited every 5 minutes to every hour by default, a story again after 15 m and 1 h, ...
EVERY_MIN_S, EVERY_MAX_S, REVISIT_S = 4, 24, (10, 60)
LOOK_EVERY_S = 0.25
# The sites keep their priority, so that they see requests when they come, however busy the crawler is.
LESS = 5
# After the last story the day goes on until all have been found; no longer than this (s), and so long for the edits.
PATIENCE_S, LEAST_PATIENCE_S = 90.0, 20.0

SOURCE = """[[source]]
name = "gazette-{number}"
url = "{url}"
kind = "{kind}"
every = "adaptive"
every_min = "{least}s"
every_max = "{most}s"
revisit = {revisit}

"""


@contextmanager
def played_press(count: int, seconds: float) -> Iterator[Opened]:
    """The sites, in a process of their own."""
    command = [sys.executable, "-m", "benchmarks.sim.site_server", str(count), str(seconds)]
    process = spawn(command, stdout=subprocess.PIPE)
    try:
        line = process.stdout.readline() if process.stdout else b""
        if not line:
            raise UserError("The sites did not start; does this system have all of 127.0.0.0/8 for loopback?")
        yield msgspec.json.decode(line, type=Opened)
    finally:
        stop_process(process, patience=5)


def sources_toml(press: list[Site], port: int) -> str:
    """The sites as an operator would write them down."""
    return "".join(
        SOURCE.format(
            number=site.number,
            url=f"http://{site.address}:{port}{site.list_path}",
            kind=site.kind,
            least=EVERY_MIN_S,
            most=EVERY_MAX_S,
            revisit=msgspec.json.encode([f"{age}s" for age in REVISIT_S]).decode(),
        )
        for site in press
    )


class Observer:
    """Looks into Postgres again and again, as a downstream service would."""

    def __init__(self, endpoints: Endpoints, began: float) -> None:
        self._url = endpoints.database_url
        self._began = began
        self._newest = 0
        self.stored_at: dict[str, float] = {}

    def look(self) -> None:
        """Note which stories have appeared."""
        # Transactions do not end in the order of their ids.
        rows = reading.query(self._url, NEW_ARTICLES, {"after": self._newest - 500})
        at = time.time() - self._began
        for row in rows:
            self.stored_at.setdefault(row["url"], at)
            self._newest = max(self._newest, row["article_id"])

    def observed(self) -> Observed:
        """All that is there."""
        return Observed(
            stored_at=self.stored_at,
            titles={row["url"]: row["title"] or "" for row in reading.query(self._url, TITLES)},
            fates={row["url"]: row["fate"] for row in reading.query(self._url, FATES)},
            quarantined=len(reading.query(self._url, QUARANTINED)),
        )


NEW_ARTICLES = "SELECT article_id, url FROM news.articles WHERE article_id > %(after)s"
TITLES = "SELECT url, title FROM news.articles"
FATES = "SELECT url, fate FROM news.pages"
QUARANTINED = "SELECT url FROM news.quarantine"


def live_through(plan: Plan, workers: Workers, observer: Observer, progress: Progress) -> None:
    """Wait for the day to pass, and for what it published to be found."""
    wanted = {url for url, story in plan.stories.items() if story.fate == "stored"}
    task = progress.add_task("the day", total=plan.seconds + PATIENCE_S)
    began = time.monotonic()
    while (passed := time.monotonic() - began) < plan.seconds + PATIENCE_S:
        observer.look()
        workers.mend(lambda sentence: stderr.print(sentence, markup=False))
        found = len(wanted & observer.stored_at.keys())
        progress.update(task, completed=passed, description=f"{found} of {len(wanted)} stories")
        if passed > plan.seconds + LEAST_PATIENCE_S and found == len(wanted):
            return
        time.sleep(LOOK_EVERY_S)


def workers_of(fetchers: int) -> type[Workers]:
    """The workers of a stack with so many fetchers."""

    class ManyWorkers(Workers):
        modules = WORKERS | {f"fetcher-{n}": WORKERS["fetcher"] for n in range(2, fetchers + 1)}

    return ManyWorkers


def run(count: int, seconds: float, fetchers: int, progress: Progress) -> tuple[Plan, Day]:
    """One day, from the first story to the report."""
    press = sites(count)
    environment = {
        "DEPECHE_ALLOW_NETWORKS": "127.0.0.0/8",
        "DEPECHE_HOST_DELAY": str(HOST_DELAY_S),
        "DEPECHE_HOST_CONNECTIONS": str(HOST_CONNECTIONS),
        "DEPECHE_FETCHER_THREADS": str(THREADS),
        "DEPECHE_TOTAL_TIMEOUT": "10",
    }

    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="depeche-sim-")))
        home.chmod(0o755)  # Postgres under root runs as another user, who has to get in
        settings = CliSettings(home=home, redis_url=None, database_url=None)
        endpoints = stack.enter_context(running_servers(settings)).endpoints
        opened = stack.enter_context(played_press(count, seconds))
        (home / "sources.toml").write_text(sources_toml(press, opened.port), "utf-8")
        environment["DEPECHE_SOURCES"] = str(home / "sources.toml")
        plan = Plan(
            sites=press,
            stories={
                f"http://{site.address}:{opened.port}{story.path}": story
                for site in press
                for story in stories(site, seconds)
            },
            fetchers=fetchers,
            seconds=seconds,
        )
        os.nice(LESS)  # for this process and all that it starts from here on
        workers = stack.enter_context(workers_of(fetchers)(home, endpoints, environment, cwd=home))
        observer = Observer(endpoints, opened.began)
        live_through(plan, workers, observer, progress)
        account = f"http://{press[0].address}:{opened.port}/account"
        with urllib.request.urlopen(account, timeout=30) as answer:
            accounts = msgspec.json.decode(answer.read(), type=dict[int, Account])
        return plan, judge(plan, accounts, observer.observed())


def main() -> None:
    """Live through a day and report it."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sites", type=int, default=SITES, help=f"sites of the press (default: {SITES}, at most 250)")
    options.add_argument("--seconds", type=float, default=SECONDS, help=f"length of the day (default: {SECONDS:.0f})")
    options.add_argument("--fetchers", type=int, default=FETCHERS, help=f"fetcher workers (default: {FETCHERS})")
    options.add_argument("--json", action="store_true", help="print the figures as one line of JSON")
    chosen = options.parse_args()
    with interrupted_once(), Progress(console=stderr, transient=True) as progress:
        plan, day = run(min(chosen.sites, 250), chosen.seconds, chosen.fetchers, progress)
    if chosen.json:
        print_json({**msgspec.structs.asdict(day), "violations": day.violations})
    else:
        print(markdown(day, plan))
        for line in (*day.missed[:20], *day.wrong_fates[:20], *day.edits_missed[:20]):
            stderr.print(line, markup=False)
    if (chosen.sites, chosen.seconds, chosen.fetchers, chosen.json) == (SITES, SECONDS, FETCHERS, False):
        write_section("sim", markdown(day, plan))
    if day.missed or day.violations or day.quarantined or day.wrong_fates:
        raise UserError("The day did not go as it should; see above.")


if __name__ == "__main__":
    sys.exit(exit_status("simulated day", main))
