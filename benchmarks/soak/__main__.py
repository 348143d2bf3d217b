"""Does anything grow when the whole stack works for an hour?

  python -m benchmarks.soak [--seconds S] [--warm-up S] [--rate N] [--home DIR] [--samples FILE] [--json] [--write]

Starts what `depeche up` starts, on embedded servers in a temporary folder, and a press on loopback whose stories
appear, are edited, vanish and fail. They come in by front pages, feeds and the door, and each is fetched three times.
Samples what the stack holds, and compares the time after the warm-up with the end: the memory, threads and open files
of each worker, the connections and memory of Redis and Postgres. What grows with the pages by nature is listed with
what bounds it. Exits with 1 when anything else has grown by more than 5 %, when a worker or a server had to be started
again, and when Redis keeps anything of a page that has landed. Examples:

  make soak                            an hour
  make soak SECONDS=600 RATE=40        ten minutes at 40 pages a second
  python -m benchmarks.soak --samples /tmp/soak.jsonl    also writes each sample, as one line of JSON
"""

import argparse
import signal
from functools import partial
from pathlib import Path

import msgspec
from rich.progress import Progress

from benchmarks.command import add_home, add_output, end, tell
from benchmarks.report import DOCUMENT, machine_load, setting
from benchmarks.soak.meters import Sample
from benchmarks.soak.report import markdown
from benchmarks.soak.run import Plan, run
from cli.output import stderr
from shared.failures import UserError
from shared.signals import ctrl_c_noted

# RATE should be half of the highest rate that `make bench-capacity` finds on the machine.
SECONDS, RATE = 3_600.0, 16.0
WARM_UP, SAMPLES = 1 / 6, 180
# Stories are fetched again at these ages, and lists so often; in a run that is not long, sooner.
LONG_S, REVISIT_S, LIST_EVERY_S, SHORT_REVISIT_S, SHORT_LIST_EVERY_S = 600.0, (60, 180), 10.0, (3, 6), 2.0
CAPACITY = DOCUMENT.with_name("capacity.md")


def options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"length of the soak (default: {SECONDS:.0f})")
    parser.add_argument("--warm-up", type=float, help="seconds after which nothing may grow (default: a sixth)")
    parser.add_argument("--rate", type=float, default=RATE, help=f"pages a second (default: {RATE:.0f})")
    add_home(parser)
    parser.add_argument("--samples", type=Path, help="file that gets each sample as a line of JSON")
    add_output(parser, CAPACITY)
    return parser.parse_args()


def main() -> None:
    """Run, report, and say whether anything has grown."""
    chosen = options()
    is_long = chosen.seconds >= LONG_S
    plan = Plan(
        seconds=chosen.seconds,
        warm_s=WARM_UP * chosen.seconds if chosen.warm_up is None else chosen.warm_up,
        rate=chosen.rate,
        every_s=max(1.0, chosen.seconds / SAMPLES),
        revisit=REVISIT_S if is_long else SHORT_REVISIT_S,
        list_every_s=LIST_EVERY_S if is_long else SHORT_LIST_EVERY_S,
    )
    if plan.warm_s + plan.every_s >= plan.seconds:
        raise UserError("After the --warm-up there is no time for samples; ask for more --seconds.")
    with ctrl_c_noted(signal.SIGTERM) as end_if_pressed, Progress(console=stderr, transient=True) as progress:
        note = partial(write_sample, chosen.samples) if chosen.samples else lambda _sample: None
        result = run(plan, chosen.home, progress, end_if_pressed, note)
    tell(chosen, result, lambda: f"{sentence(plan)}\n\n{markdown(result)}", "soak", CAPACITY)
    for fault in result.faults:
        stderr.print(fault, markup=False, soft_wrap=True)
    if result.faults:
        raise UserError("Something has grown, or was started again; see above.")


def sentence(plan: Plan) -> str:
    """What was measured, where."""
    return (
        f"{setting('celery', 'kombu', 'redis', 'psycopg')} {plan.seconds:.0f} s, of which {plan.warm_s:.0f} s of "
        f"warm-up, {plan.rate:.0f} pages a second; {machine_load()}"
    )


def write_sample(file: Path, sample: Sample) -> None:
    """Write a sample as a further line of JSON."""
    with file.open("ab") as lines:
        lines.write(msgspec.json.encode(sample) + b"\n")


if __name__ == "__main__":
    end("soak", main)
