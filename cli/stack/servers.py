"""The servers of a stack on this machine: those that are set, and embedded ones in place of the others."""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import msgspec

from cli.settings import CliSettings
from cli.stack.embedded import EmbeddedPostgres, EmbeddedRedis
from cli.stack.stack import Endpoints, run_file
from services.indexer.schema.migrate import migrate
from shared.failures import UserError

# A server that was started again is left alone for so long (s), since it may end at once again.
RESTART_S = 2.0


class Servers:
    """The servers of a running stack; an embedded one that dies is started again where it was."""

    def __init__(self, endpoints: Endpoints, embedded: "list[EmbeddedRedis | EmbeddedPostgres]") -> None:
        self.endpoints = endpoints
        self._embedded = embedded
        self._not_before = 0.0

    def mend(self, say: Callable[[str], None]) -> None:
        """Start the embedded servers again that have died; `say` gets a sentence per death."""
        now = time.monotonic()
        if now < self._not_before:
            return
        told = [sentence for server in self._embedded if (sentence := server.mend()) is not None]
        for sentence in told:
            say(sentence)
        if told:
            self._not_before = time.monotonic() + RESTART_S


@contextlib.contextmanager
def running_servers(settings: CliSettings) -> Iterator[Servers]:
    """Run the servers, embedded where no URL is set, and migrate the database.

    Only one stack may run in a home at a time.
    """
    home = settings.home.resolve()
    embedded: list[EmbeddedRedis | EmbeddedPostgres] = []
    with contextlib.ExitStack() as stack:
        stack.enter_context(only_stack_in(home))
        if not settings.redis_url:
            embedded.append(stack.enter_context(EmbeddedRedis(home)))
        redis_url = settings.redis_url or embedded[-1].url
        if not settings.database_url:
            embedded.append(stack.enter_context(EmbeddedPostgres(home)))
        database_url = settings.database_url or embedded[-1].url
        migrate(database_url)
        endpoints = Endpoints(redis_url=redis_url, database_url=database_url, pid=os.getpid())
        file = run_file(home)
        file.touch(mode=0o600)
        file.write_bytes(msgspec.json.encode(endpoints))
        stack.callback(file.unlink, missing_ok=True)
        yield Servers(endpoints, embedded)


@contextlib.contextmanager
def only_stack_in(home: Path) -> Iterator[None]:
    """Keep other stacks out of this home while in the block; raises UserError if one runs in it."""
    with _lock_file(home) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UserError(
                f"A stack is running in {home} already. Stop it, or set DEPECHE_HOME to another folder."
            ) from error
        yield


def _lock_file(home: Path) -> IO[str]:
    """Return the open lock file; raises UserError if it cannot be made in this home."""
    try:
        (home / "run").mkdir(parents=True, exist_ok=True)
        return (home / "run" / "lock").open("w")
    except OSError as error:
        raise UserError(f"Cannot write in DEPECHE_HOME={home}: {error.strerror}. Set it to another folder.") from error
