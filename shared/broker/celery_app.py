"""How Depeche sets Celery up on Redis, once for all three services.

Celery carries the messages; the guarantee that no page is lost is the ledger's. These settings survived killed workers
and restarts of Redis when that was measured (docs/architecture.md, "Celery on Redis").
"""

import contextlib
import json
import logging
import os
import socket
import uuid
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import celery.apps.worker
import msgspec
import redis
import structlog
from celery import Celery, Task, bootsteps, signals
from celery.exceptions import CPendingDeprecationWarning, SecurityWarning
from celery.worker.consumer import Consumer as CeleryConsumer
from celery.worker.request import Request
from kombu.exceptions import ContentDisallowed, DecodeError

from shared import health
from shared.broker.consumers import BEAT_S, Consumer, Consumers
from shared.broker.redis_channel import FULL
from shared.broker.redis_client import connect_redis
from shared.broker.redis_url import connection_options, without_password
from shared.failures import UserError
from shared.messages import QUEUES, StageName

log = structlog.get_logger()


def make_celery(name: str, redis_url: str, *, connections: int = 20) -> Celery:
    """Returns a Celery app that has not connected yet. `connections` must be at least the concurrency plus a few."""
    options = connection_options(redis_url)
    # Celery shows this address in its log lines; the channel connects to the one in the transport's options.
    shown = f"redis://{options.get('host', 'localhost')}:{options.get('port', 6379)}"
    app = Celery(name, broker=shown, set_as_current=False, task_cls="shared.broker.celery_app:DepecheTask")
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        # The message of a killed child process is not put back: a page that kills its parser would kill the next ones,
        # too, and nobody would count how often. The reconciler counts, and publishes the message's pages again.
        task_reject_on_worker_lost=False,
        task_publish_retry_policy={"max_retries": 3, "interval_start": 0.1, "interval_step": 0.3, "interval_max": 1.0},
        worker_prefetch_multiplier=1,
        # After a lost connection Celery would take fewer messages, and more again with each acknowledgement; but the
        # acknowledgements of the old connection never come.
        worker_enable_prefetch_count_reduction=False,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
        worker_consumer="shared.broker.celery_app:KeepingConsumer",
        broker_transport="shared.broker.redis_channel:KeepingTransport",
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_pool_limit=connections,
        broker_transport_options={"redis_url": redis_url, "max_connections": connections},
    )
    return app


def run_worker(app: Celery, stage: StageName, *, pool: str, concurrency: int, health_file: str | None) -> None:
    """Consume the stage's queue until told to stop; SIGTERM lets the tasks at hand finish first."""
    require_rights(app.conf.broker_transport_options["redis_url"], stage)
    app.conf.broker_transport_options["keep_unreadable"] = app.conf.depeche_keep_unreadable
    app.conf.update(depeche_stage=stage, depeche_health_file=health_file)
    app.steps["consumer"].add(WakeUp)
    app.steps["consumer"].add(SignOfLife)
    node = f"{app.main}-{os.getpid()}@{socket.gethostname()}"
    _leave_logging_to_depeche()
    try:
        # Not by way of Celery's command line, whose commands take 7 MB of each worker.
        app.Worker(
            hostname=node,
            queues=QUEUES[stage],
            pool_cls=pool,
            concurrency=concurrency,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            loglevel=logging.WARNING,
            quiet=True,
        ).start()
    finally:
        log.info("worker_stopped", stage=stage)
        channel = app.conf.get("depeche_channel")
        if channel is not None:
            with contextlib.suppress(redis.RedisError):  # the tick will see that this worker is gone
                channel.leave()


def require_rights(redis_url: str, stage: StageName) -> None:
    """Raise UserError where the user of this address may not consume the stage's queue.

    By itself, Celery would end with a traceback, or go on without a sign of life. A Redis that is away or full is
    waited for, as always.
    """
    try:
        with connect_redis(redis_url) as client:
            Consumers(client).leave(uuid.uuid4().hex, QUEUES[stage])  # changes nothing, since there is no such consumer
    except redis.ConnectionError:
        return
    except redis.ResponseError as error:
        if not FULL.search(str(error)):
            user = without_password(redis_url)
            raise UserError(
                f"Redis denies {user} what the stage {stage} needs: {error}. Give it the rights that "
                "deploy/redis-users has, or set DEPECHE_REDIS_URL to the address with this service's user."
            ) from error


def _leave_logging_to_depeche() -> None:
    """Keep Celery from logging in its own way: it would set its level for the whole process, above the operator's."""
    signals.setup_logging.connect(_do_nothing, weak=False)
    signals.celeryd_after_setup.connect(_pass_over_deprecations, weak=False)
    warnings.simplefilter("ignore", SecurityWarning)  # messages are JSON, for root as well
    # It tells of a signal on standard output, in a line that is no JSON; the log says that the worker has stopped.
    celery.apps.worker.safe_say = _do_nothing


def _pass_over_deprecations(**_: Any) -> None:
    """Take back that Celery, as it starts, asks for all warnings of what it will do otherwise in its next version.

    It would give one with each lost connection, whose pages the ledger has.
    """
    warnings.simplefilter("ignore", CPendingDeprecationWarning)


def _do_nothing(*_args: Any, **_kwargs: Any) -> None:
    pass


class SignOfLife(bootsteps.StartStopStep):  # type: ignore[misc]
    """Gives signs of life from the consumer's own loop, so that they end when the loop hangs or loses its broker.

    They are entered in Redis for the other processes, and touch the health file, if any, for the supervisor.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, parent: Any, **_options: Any) -> None:
        super().__init__(parent)
        self._timers: list[Any] = []

    def start(self, parent: Any) -> None:
        """Begin to give signs of life: the consumer has its queue."""
        conf = parent.app.conf
        conf.depeche_channel = channel = parent.connection.default_channel
        here = Consumer.here(conf.depeche_stage)
        channel.beat(here)  # a consumer that cannot be entered must take no message, since nobody would miss it
        log.info("worker_consumes", stage=conf.depeche_stage)
        self._repeat(parent, BEAT_S, channel.beat, here)
        if conf.depeche_health_file:
            try:
                health.beat(conf.depeche_health_file)
            except OSError as error:  # which Celery would take for a lost connection
                log.warning("health_file_not_written", error=str(error))
            self._repeat(parent, health.BEAT_S, health.beat, conf.depeche_health_file)

    def _repeat(self, parent: Any, every: float, sign: Callable[[Any], None], of: Any) -> None:
        def give() -> None:
            with contextlib.suppress(redis.RedisError, OSError):  # the loop finds out by itself that Redis is gone
                sign(of)

        self._timers.append(parent.timer.call_repeatedly(every, give))

    def stop(self, _parent: Any) -> None:
        """Give no more signs of life: the connection is gone, or the worker ends."""
        while self._timers:
            self._timers.pop().cancel()

    shutdown = stop


class WakeUp(bootsteps.StartStopStep):  # type: ignore[misc]
    """Wakes the consumer's loop when a thread has acknowledged a message.

    While as many messages are unacknowledged as may be worked on at once, the loop asks Redis for no more, and sleeps
    until something happens on a file descriptor. An acknowledgement by a thread does not touch a file descriptor, so
    without this step the next message waited for the next timer, seconds later.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, parent: Any, **_options: Any) -> None:
        super().__init__(parent)
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)

    def start(self, parent: Any) -> None:
        """Let the consumer's loop, a new one for each connection, listen to the pipe."""
        parent.hub.add_reader(self._reader, os.read, self._reader, 4096)
        parent.app.conf.depeche_wake = self._wake

    def stop(self, parent: Any) -> None:
        """Stop the listening: the loop ends."""
        parent.hub.remove(self._reader)

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):  # a full pipe has woken the loop already
            os.write(self._writer, b".")


class WakingRequest(Request):  # type: ignore[misc]
    """A received message whose acknowledgement wakes the loop."""

    def acknowledge(self) -> None:
        """Acknowledge the message, then tell the loop that there is room for another."""
        super().acknowledge()
        wake = self.app.conf.get("depeche_wake")
        if wake:
            wake()


class DepecheTask(Task):  # type: ignore[misc]
    """A task that is received as a WakingRequest, and whose message is quarantined when it fails unforeseen."""

    Request = "shared.broker.celery_app:WakingRequest"

    def on_failure(self, exc: Exception, _task_id: str, args: Any, kwargs: Any, _einfo: Any) -> None:
        """Quarantine the message of a failed task, since Celery acknowledges it.

        Its pages in the ledger are published again by the reconciler.
        """
        raw = json.dumps({"args": args, "kwargs": kwargs}, ensure_ascii=False, default=str)
        self.app.conf.depeche_keep_unreadable(raw, f"made its task fail: {exc!r}")


# Positional arguments, arguments by name, and what Celery adds.
Call = tuple[list[Any], dict[str, Any], dict[str, Any] | None]

# The errors of reading a message that is no such call, is not JSON, or has headers of another type than Celery expects.
# By itself, Celery would let some of them end the worker, and lose the message on others.
MISSHAPEN = (
    msgspec.ValidationError,
    DecodeError,
    ContentDisallowed,
    TypeError,
    ValueError,
    LookupError,
    AttributeError,
)


class KeepingConsumer(CeleryConsumer):  # type: ignore[misc]
    """Hands messages that it cannot read or place to `keep_unreadable`, where Celery's consumer throws them away."""

    def ensure_connected(self, conn: Any) -> Any:
        """Returns the connection once Redis answers; asks each second.

        By itself, Celery waits 2 s longer each time, up to 30 s: after a minute without Redis, a worker noticed only
        ten or fifteen seconds later that it was back.
        """
        conn.ensure_connection = partial(conn.ensure_connection, interval_start=1, interval_step=0)
        return super().ensure_connected(conn)

    def create_task_handler(self) -> Any:
        """Returns Celery's handler of messages, wrapped so that a message which it cannot handle is quarantined."""
        handle = super().create_task_handler()

        def on_task_received(message: Any) -> None:
            try:
                if isinstance(message.payload, list):  # in the older protocol it is a mapping
                    msgspec.convert(message.payload, Call)
                handle(message)
            except MISSHAPEN as error:
                self._keep(message, f"cannot be read: {error}")

        return on_task_received

    def on_unknown_message(self, _body: Any, message: Any) -> None:
        """Quarantine a message without a task."""
        self._keep(message, "is not a task message")

    def on_unknown_task(self, _body: Any, message: Any, exc: Exception) -> None:
        """Quarantine a message for a task that this service does not have."""
        self._keep(message, f"names a task that is not of this service: {exc}")

    def on_invalid_task(self, _body: Any, message: Any, exc: Exception) -> None:
        """Quarantine a message for a known task whose arguments are malformed."""
        self._keep(message, f"is malformed: {exc}")

    def _keep(self, message: Any, problem: str) -> None:
        raw = message.body if isinstance(message.body, str) else bytes(message.body or b"").decode("utf-8", "replace")
        self.app.conf.depeche_keep_unreadable(raw, problem)
        message.ack_log_error(None, self.connection_errors)
