"""`depeche status`: what is in flight, stage by stage, and what Postgres holds."""

from cli import reading
from cli.output import Json, print_json, print_table
from cli.settings import CliSettings
from cli.stack.stack import find_endpoints
from shared.broker.redis_client import connect_redis
from shared.flight.ledger import Ledger
from shared.settings import load_settings


def status(as_json: Json = False) -> None:
    """Show what is in flight, stage by stage, and what Postgres holds."""
    endpoints = find_endpoints(load_settings(CliSettings))
    in_flight = Ledger(connect_redis(endpoints.redis_url)).counts()
    totals = reading.totals(endpoints.database_url)
    if as_json:
        print_json({"in_flight": sum(in_flight.values()), "stages": in_flight, **totals})
        return
    print_table(
        [{"stage": stage, "pages": count} for stage, count in in_flight.items()],
        {"stage": "In flight", "pages": "Pages"},
    )
    held = {key: totals[key] for key in ("pages", "articles", "headlines", "quarantined")}
    print_table([{"what": k, "rows": v} for k, v in held.items()], {"what": "In Postgres", "rows": "Rows"})
    print_table([{"fate": k, "pages": v} for k, v in totals["fates"].items()], {"fate": "Fate", "pages": "Pages"})
