"""Log lines on stderr, one per event: a constant event name, with values as fields."""

import logging
import sys
from typing import Any

import redis
import structlog


def set_up_logging(*, level: str, style: str) -> None:
    """Send the lines of structlog and of the standard library through one renderer; `style` is `json` or `console`."""
    shared_processors: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer() if style == "console" else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared_processors, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,  # a cached logger saves 5 µs per line, but keeps its first settings
    )
    logging.captureWarnings(True)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[said_by_library, *shared_processors],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Celery logs each task twice at INFO, and httpx each request; Depeche's own events say it once.
    for chatty in ("celery", "httpx", "httpcore", "kombu", "asyncio", "psycopg"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


# A library's traceback of these says no more than the failure itself: a server is away.
FORESEEN = (OSError, redis.RedisError)


def said_by_library(_logger: Any, _level: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """Returns a library's line as an event of ours, with what it `said`; a foreseen failure has no traceback."""
    event["said"], event["event"] = event["event"], "said_by_library"
    failure = event.get("exc_info")
    error = failure[1] if isinstance(failure, tuple) else None
    if isinstance(error, FORESEEN):
        del event["exc_info"]
        event["error"] = f"{type(error).__name__}: {error}"
    return event
