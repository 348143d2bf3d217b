"""What a command says of the workers: who is there, and which stage nobody serves."""

from datetime import datetime

import msgspec

from cli.output import Row
from cli.times import exactly
from shared.broker.consumers import Consumer, WorkerStage

# The service that serves each stage, by its name in docker-compose.yml.
NAMES: dict[WorkerStage, str] = {"fetch": "fetcher", "parse": "parser", "index": "indexer", "tick": "tick"}


def silence(stage: WorkerStage, since: datetime | None) -> str:
    """Return the sentence that nobody serves the stage."""
    doing = "running" if stage == "tick" else "consuming"
    when = f"since {exactly(since)}" if since else "and none has ever been"
    return f"no {NAMES[stage]} is {doing} {when}"


def row_of(worker: Consumer) -> Row:
    """Return a worker as a row of a table or a line of JSON."""
    return {"worker": NAMES[worker.stage], **msgspec.to_builtins(worker)}
