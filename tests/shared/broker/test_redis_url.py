"""Every address of Redis is used as it says, or refused with a sentence."""

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from shared.broker.celery_app import make_celery
from shared.broker.redis_client import connect_redis
from shared.broker.redis_url import connection_options
from shared.failures import UserError


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sentinel://:a-secret@redis.example:26379/0", "Sentinel is not supported"),
        ("redis+sentinel://redis.example/mymaster", "Sentinel is not supported"),
        ("http://redis.example/", "No such scheme"),
        ("redis.example:6379", "No such scheme"),
        ("redis://redis.example/?db=one", "Invalid value for 'db'"),
        ("redis://redis.example/?colour=red", "colour"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(url: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence) as refused:
        connect_redis(url)
    assert "a-secret" not in str(refused.value)
    assert "rediss://" in str(refused.value)


def test_the_database_may_stand_in_the_query() -> None:
    assert connection_options("redis://redis.example/?db=3")["db"] == 3
    assert connection_options("unix:///run/redis.sock?db=2")["db"] == 2
    assert connection_options("redis://redis.example/4")["db"] == 4


def test_a_certificate_is_verified_unless_the_address_says_otherwise() -> None:
    pool = redis.ConnectionPool(**connection_options("rediss://redis.example/0"))
    connection = pool.make_connection()
    assert connection.cert_reqs == ssl.CERT_REQUIRED  # type: ignore[attr-defined]
    assert connection.check_hostname  # type: ignore[attr-defined]
    pool = redis.ConnectionPool(**connection_options("rediss://redis.example/0?ssl_cert_reqs=none"))
    assert pool.make_connection().cert_reqs == ssl.CERT_NONE  # type: ignore[attr-defined]


class Eavesdropper:
    """Listens on a plain socket, and keeps what it hears."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.1)
        self.port = self._server.getsockname()[1]
        self.heard = b""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._server.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(1.0)
                try:
                    self.heard += connection.recv(4096)
                except OSError:
                    continue

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._server.close()


@pytest.fixture
def eavesdropper() -> Iterator[Eavesdropper]:
    listener = Eavesdropper()
    yield listener
    listener.close()


def test_no_password_is_sent_in_the_clear_where_tls_is_asked_for(eavesdropper: Eavesdropper) -> None:
    url = f"rediss://:a-secret@127.0.0.1:{eavesdropper.port}/0"
    with pytest.raises(UserError):
        connect_redis(url)
    app = make_celery("tests", url)
    with app.connection_for_write() as connection, pytest.raises(connection.connection_errors):
        connection.connect()
    app.close()
    assert eavesdropper.heard.startswith(b"\x16\x03"), "both began a TLS handshake"
    assert b"a-secret" not in eavesdropper.heard
    assert b"AUTH" not in eavesdropper.heard


def test_celery_uses_a_unix_socket(tmp_path: Path) -> None:
    path = tmp_path / "redis.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        app = make_celery("tests", f"unix://:a-secret@{path}?db=5")
        thread = threading.Thread(target=lambda: _refuse(server))
        thread.start()
        with app.connection_for_write() as connection, pytest.raises(connection.connection_errors):
            connection.connect()
        thread.join()
        app.close()


def _refuse(server: socket.socket) -> None:
    connection, _ = server.accept()
    connection.close()
