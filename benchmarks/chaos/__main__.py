"""Is anything lost or double when everything is killed again and again?

  python -m benchmarks.chaos [--seconds S] [--seed N] [--pages N] [--apart S] [--home DIR] [--json] [--write]

Starts what `depeche up` starts, with two workers of each kind, on embedded servers in a temporary folder, and a site on
loopback whose stories appear, are edited and are copied. Stories come in by a front page, a feed, a foreign Celery
client and the ledger. Meanwhile workers, their processes, the tick, Redis and Postgres are killed, stopped and cut off
by a schedule that follows from the seed. Then all is left alone until nothing is in the air, and counted. Beside it,
plain Celery with late acknowledgement does trivial tasks on a Redis of its own under the same kills.

Everything listens on loopback, at free ports, and is stopped at the end, also on Ctrl-C. Exits with 1 when a page was
lost, or double, or older than what was fetched last, when more than one fault in twenty held its stage up for more
than 30 s, and when any did so for more than 60 s after its end. Examples:

  make chaos                          twenty minutes, 5,000 pages, some 230 kills
  make chaos SECONDS=180              three minutes, 750 pages, some 30 kills
  make chaos SEED=7                   another order of faults and pages
  python -m benchmarks.chaos --seconds 120 --home /tmp/chaos    keeps the data and the logs
"""

import argparse
import signal

from rich.progress import Progress

from benchmarks.chaos.report import Result
from benchmarks.chaos.run import Plan, run
from benchmarks.chaos.tables import markdown
from benchmarks.command import add_home, add_output, end, name_wrong, tell
from benchmarks.report import DOCUMENT, machine_load, setting
from cli.output import stderr
from shared.failures import UserError
from shared.signals import ctrl_c_noted

SECONDS, PAGES, APART_S, SEED = 1_200.0, 5_000, 3.8, 2026
GUARANTEES = DOCUMENT.with_name("guarantees.md")


def options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"length of the chaos (default: {SECONDS:.0f})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of the faults and the pages (default: {SEED})")
    parser.add_argument("--pages", type=int, help=f"stories (default: {PAGES} in {SECONDS:.0f} s, fewer in less)")
    parser.add_argument("--apart", type=float, default=APART_S, help=f"seconds from fault to fault ({APART_S:.1f})")
    add_home(parser)
    add_output(parser, GUARANTEES)
    return parser.parse_args()


def main() -> None:
    """Run, report, and say whether it went as promised."""
    chosen = options()
    pages = chosen.pages or max(60, round(PAGES * min(1.0, chosen.seconds / SECONDS)))
    plan = Plan(seed=chosen.seed, seconds=chosen.seconds, pages=pages, apart=chosen.apart)
    # A signal in the middle of a fork or a callback would be lost.
    with ctrl_c_noted(signal.SIGTERM) as end_if_pressed, Progress(console=stderr, transient=True) as progress:
        result, plain = run(plan, chosen.home, progress, end_if_pressed)
    figures = {"plan": plan, "depeche": result, "plain": plain}
    tell(chosen, figures, lambda: f"{sentence(plan)}\n\n{markdown(result, plain)}", "chaos", GUARANTEES)
    report_faults(result)


def sentence(plan: Plan) -> str:
    """What was measured, where."""
    return (
        f"{setting('celery', 'kombu', 'redis', 'psycopg')} {plan.seconds:.0f} s, {plan.pages} pages, seed {plan.seed}, "
        f"a fault each {plan.apart:.1f} s; {machine_load()}"
    )


def report_faults(result: Result) -> None:
    """Name what is wrong on stderr; raises UserError if what is promised does not hold."""
    wrong = {"lost": result.lost, "double": result.double, "stale": result.stale}
    name_wrong({**wrong, "neither stored nor unchanged": result.not_stored, "held up": result.held_up})
    if result.slow:
        stderr.print(f"too long until pages moved again: {', '.join(result.slow)}", markup=False)
    if any(wrong.values()) or result.left or result.slow:
        raise UserError("What is promised in docs/guarantees.md did not hold; see above.")


if __name__ == "__main__":
    end("chaos", main)
