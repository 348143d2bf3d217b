"""The parser's composition root: settings -> clients -> Celery app -> worker."""

import contextlib
import gc
import sys
from functools import partial
from typing import Any

from celery import signals

from services.parser import native
from services.parser.language.identification import load_model
from services.parser.page_limits import PageLimits
from services.parser.parse import PageParser
from services.parser.settings import ParserSettings
from services.parser.site_rules.rules import load_site_rules
from services.parser.tasks import register_parse
from shared.broker.celery_app import make_celery, run_worker
from shared.broker.redis_client import connect_redis
from shared.flight.counts import CountsOfChildren
from shared.flight.intake import Backbone
from shared.flight.ledger import Ledger
from shared.flight.page_store import PageStore
from shared.flight.publisher import Publisher
from shared.flight.stage import Stage
from shared.flight.traces import traces_of
from shared.heap import trimmed
from shared.host_scope import host_key_of
from shared.log_setup import set_up_logging
from shared.messages import PageFetched
from shared.metrics import served
from shared.service import exit_status, wait_for
from shared.settings import BrokerSettings, load_settings
from shared.sources.log import SourceLog

# A message holds at most 50 pages of some milliseconds each. A process that works longer on it is killed, and its pages
# are published again, one per message, so that only the page at fault is lost again. A page that computes is ended
# earlier (page_limits.py).
HARD_TIME_LIMIT_S = 30


def share_memory(**_: Any) -> None:
    """Take what is there out of garbage collection, before a process is forked.

    A collection writes to every object that it looks at, and so makes a copy of each page of memory that the processes
    share: 20 MB more for two of them, from the first full collection on.
    """
    gc.collect()
    gc.freeze()


_ended_by_exit = contextlib.ExitStack()


def keep_trimmed(**_: Any) -> None:
    """Give memory back in a process that parses, as long as it lives."""
    _ended_by_exit.enter_context(trimmed())


def main() -> None:
    """Run a parser until it is told to stop."""
    broker, settings = load_settings(BrokerSettings), load_settings(ParserSettings)
    set_up_logging(level=broker.log_level, style=broker.log_format)
    native.tell()
    rules = load_site_rules(settings.site_rules)
    load_model()
    client = wait_for(lambda: connect_redis(broker.redis_url))
    app = make_celery("parser", broker.redis_url)
    app.conf.task_time_limit = HARD_TIME_LIMIT_S
    store = PageStore(client)
    counts = CountsOfChildren()
    traces = traces_of("parser")
    ledger = Ledger(client, host_key=host_key_of(broker.host_scope))
    backbone = Backbone(ledger=ledger, store=store, publisher=Publisher(app), count=counts.tell, traces=traces)
    stage: Stage[PageFetched] = Stage("parse", PageFetched, backbone, notes=(SourceLog(client).note,))
    limits = PageLimits(cpu_s=settings.parse_timeout, memory=settings.parse_max_memory)
    register_parse(app, stage, PageParser(store=store, rules=rules, limits=limits))
    app.conf.depeche_keep_unreadable = partial(backbone.keep_unreadable, "parse")
    signals.worker_before_create_process.connect(share_memory)
    signals.worker_process_init.connect(keep_trimmed)
    with trimmed(), traces, counts, served(broker):
        run_worker(app, "parse", pool="prefork", concurrency=settings.parser_processes, health_file=broker.health_file)


if __name__ == "__main__":
    sys.exit(exit_status("parser", main))
