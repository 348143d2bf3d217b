"""The real dashboard on a free port of the loopback, in a thread of the test's own process."""

import contextlib
import html
import re
from collections.abc import Iterator
from threading import Thread

import httpx

from cli.dashboard.app import create_app
from cli.dashboard.security import Terms
from cli.dashboard.servers import Servers
from cli.dashboard.serving import address_of, listening, server_of
from cli.settings import CliSettings

PATIENCE = 60.0


def text_of(page: str) -> str:
    """What a person reads on a page, without its markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


class Dashboard(httpx.Client):
    """A client of a running dashboard; it sends what a browser sends from a page of it."""

    def __init__(self, url: str) -> None:
        # A connection that is kept may be one that the server is just ending.
        limits = httpx.Limits(max_keepalive_connections=0)
        ours = {"Sec-Fetch-Site": "same-origin"}
        super().__init__(base_url=url, timeout=PATIENCE, headers=ours, trust_env=False, limits=limits)
        self.url = url


@contextlib.contextmanager
def serving(settings: CliSettings, *, password: str | None = None, actions: bool = False) -> Iterator[Dashboard]:
    """Serve the dashboard of these servers."""
    app = create_app(Servers(settings), Terms(password=password), actions=actions)
    server = server_of(app)
    with listening("127.0.0.1", 0) as listener:
        thread = Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            with Dashboard(address_of(listener)) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
