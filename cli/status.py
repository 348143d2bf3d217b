"""`depeche status`: what is in flight, stage by stage, which workers are there, and what Postgres holds."""

from cli import reading
from cli.output import Json, as_text, print_json, print_table, stderr
from cli.settings import CliSettings
from cli.stack.stack import find_endpoints
from cli.workers import row_of, silence
from shared.broker.consumers import Consumers
from shared.broker.redis_client import connect_redis
from shared.flight.ledger import Ledger
from shared.settings import load_settings


def status(as_json: Json = False) -> None:
    """Show what is in flight, stage by stage, which workers are there, and what Postgres holds.

    A stage that no worker has served for some seconds is named on stderr.
    """
    endpoints = find_endpoints(load_settings(CliSettings))
    client = connect_redis(endpoints.redis_url)
    in_flight, consumers = Ledger(client).counts(), Consumers(client)
    workers, silent = [row_of(worker) for worker in consumers.all()], consumers.silent_since()
    totals = reading.totals(endpoints.database_url)
    if as_json:
        stages = {"in_flight": sum(in_flight.values()), "stages": in_flight}
        print_json({**stages, "workers": workers, "not_served_since": silent, **totals})
        return
    print_table(
        [{"stage": stage, "pages": count} for stage, count in in_flight.items()],
        {"stage": "In flight", "pages": "Pages"},
    )
    columns = {"worker": "Worker", "host": "Host", "pid": "Process", "version": "Version", "started_at": "Since (UTC)"}
    print_table(workers, {**columns, "in_hand": "Messages", "at": "At"})
    for stage, since in silent.items():
        stderr.print(as_text(silence(stage, since)), style="yellow")
    held = {key: totals[key] for key in ("pages", "articles", "headlines", "quarantined")}
    print_table([{"what": k, "rows": v} for k, v in held.items()], {"what": "In Postgres", "rows": "Rows"})
    print_table([{"fate": k, "pages": v} for k, v in totals["fates"].items()], {"fate": "Fate", "pages": "Pages"})
