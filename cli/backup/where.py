"""The database that is backed up or replaced: one that is set, a running stack's, or a stopped stack's."""

import contextlib
from collections.abc import Iterator

from cli.settings import CliSettings
from cli.stack.embedded import embedded_postgres
from cli.stack.servers import only_stack_in
from cli.stack.stack import home_of_stack, running_stack


@contextlib.contextmanager
def database(settings: CliSettings) -> Iterator[str]:
    """Yield the database's URL. The embedded Postgres of a stack that is stopped runs while in the block."""
    running = running_stack(home_of_stack(settings))
    url = settings.database_url or (running and running.database_url)
    if url:
        yield url
        return
    home = settings.home.resolve()
    with only_stack_in(home), embedded_postgres(home) as url:
        yield url
