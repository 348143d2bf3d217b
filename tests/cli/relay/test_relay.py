"""A relay beside a real Postgres and a receiver that takes, hesitates or refuses."""

from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
import redis
import structlog
from psycopg.conninfo import make_conninfo

from cli.relay.cursors import InFile, InPostgres
from cli.relay.delivery import Waits
from cli.relay.stream import Stream
from cli.relay.webhook import Webhook
from services.indexer.schema.migrate import migrate
from services.indexer.upkeep.logins import Login
from tests.cli.conftest import Run
from tests.cli.relay.conftest import PLAN, RelayTo, change, ids, kept
from tests.cli.relay.receiver import SECRET, Receiver, Verdict
from tests.support.waiting import wait_until

Changes = list[dict[str, Any]]


def hook(receiver: Receiver) -> Webhook:
    return Webhook(receiver.url, SECRET)


def cursor_of(database: psycopg.Connection, place: int) -> str:
    return [cursor for (cursor,) in database.execute("SELECT cursor FROM news.changes_since()")][place]


def last_cursor(database: psycopg.Connection) -> str:
    return cursor_of(database, -1)


def test_each_change_arrives_once_and_in_order_with_its_article(
    relay_to: RelayTo, database: psycopg.Connection
) -> None:
    change(database, 12)
    with Receiver() as receiver, relay_to(hook(receiver)):
        wait_until(lambda: len(receiver.taken) >= 12, what="the first 12")
        change(database, 3, begin=12)
        wait_until(lambda: len(receiver.taken) >= 15, what="what came later")
        wait_until(lambda: kept(database) == last_cursor(database), what="the last cursor")
    assert receiver.took == ids(database)
    assert max(map(len, receiver.came)) == PLAN.batch
    first = receiver.taken[0]
    assert first["article"]["url"] == "https://news.example/0"
    assert first["article"]["title"] == "Harbour"
    assert first["article"]["first_seen_at"].endswith("+00:00")


def test_it_goes_on_where_it_was(relay_to: RelayTo, database: psycopg.Connection) -> None:
    change(database, 4)
    with Receiver() as receiver:
        for total in (4, 9):
            with relay_to(hook(receiver)):
                wait_until(lambda total=total: len(receiver.taken) == total)
                wait_until(lambda: kept(database) == last_cursor(database))
            change(database, 5, begin=total)
        assert receiver.took == ids(database)[:9]


def test_from_now_leaves_out_what_was_and_misses_nothing_after(relay_to: RelayTo, database: psycopg.Connection) -> None:
    change(database, 3)
    now = msgspec.structs.replace(PLAN, start="now")
    with Receiver() as receiver:
        with relay_to(hook(receiver), plan=now):
            wait_until(lambda: kept(database))
        change(database, 2, begin=3)
        with relay_to(hook(receiver), plan=now):
            wait_until(lambda: len(receiver.taken) == 2)
        assert receiver.took == ids(database)[3:]
        anew = msgspec.structs.replace(PLAN, anew=True)
        with relay_to(hook(receiver), plan=anew):
            wait_until(lambda: len(receiver.taken) == 7)
        assert receiver.took[2:] == ids(database)


def test_what_is_not_taken_is_sent_again_until_it_is(relay_to: RelayTo, database: psycopg.Connection) -> None:
    answers = iter([Verdict(503, "0"), Verdict(429, "0"), Verdict(500, "0")])
    change(database, 3)
    with Receiver(lambda _: next(answers, Verdict())) as receiver, relay_to(hook(receiver)):
        wait_until(lambda: len(receiver.taken) == 3)
    assert receiver.took == ids(database)
    assert [len(came) for came in receiver.came] == [3] * 4
    assert len({headers["webhook-id"] for headers in receiver.headers}) == 1


def test_a_refused_change_stops_the_relay_before_it(relay_to: RelayTo, database: psycopg.Connection) -> None:
    change(database, 4)
    third = ids(database)[2]

    def decide(changes: Changes) -> Verdict:
        return Verdict(422) if third in [each["id"] for each in changes] else Verdict()

    with Receiver(decide) as receiver:
        with relay_to(hook(receiver)) as running:
            running.join()
        assert f"refuses change {third}" in str(running.ended_with)
        assert receiver.took == ids(database)[:2]
        assert kept(database) == cursor_of(database, 1)
        skip = msgspec.structs.replace(PLAN, refused="skip")
        with structlog.testing.capture_logs() as logs, relay_to(hook(receiver), plan=skip):
            wait_until(lambda: kept(database) == last_cursor(database))
    assert receiver.took == [number for number in ids(database) if number != third]
    assert [line["change_id"] for line in logs if line["event"] == "change_skipped"] == [third]


def test_a_wrong_address_stops_the_relay_also_where_it_may_skip(
    relay_to: RelayTo, database: psycopg.Connection
) -> None:
    change(database, 2)
    skip = msgspec.structs.replace(PLAN, refused="skip")
    with Receiver(lambda _: Verdict(401)) as receiver, relay_to(hook(receiver), plan=skip) as running:
        running.join()
    assert "Mend its settings" in str(running.ended_with)
    assert kept(database) is None


def test_of_two_relays_one_works_and_the_other_takes_over(relay_to: RelayTo, database: psycopg.Connection) -> None:
    with Receiver() as one, Receiver() as other, relay_to(hook(one)) as first:
        change(database, 1)
        wait_until(lambda: len(one.taken) == 1)
        with relay_to(hook(other)):
            change(database, 1, begin=1)
            wait_until(lambda: len(one.taken) == 2)
            wait_until(lambda: kept(database) == last_cursor(database))
            first.end()
            change(database, 1, begin=2)
            wait_until(lambda: len(other.taken) == 1)
        assert one.took + other.took == ids(database)


def test_a_postgres_that_ends_its_sessions_is_waited_for(relay_to: RelayTo, database: psycopg.Connection) -> None:
    with Receiver() as receiver, relay_to(hook(receiver)):
        for number in range(3):
            change(database, 1, begin=number)
            wait_until(lambda number=number: len(set(receiver.took)) > number)
            database.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
    assert list(dict.fromkeys(receiver.took)) == ids(database)


def test_the_cursor_may_be_in_a_file(relay_to: RelayTo, database: psycopg.Connection, tmp_path: Path) -> None:
    change(database, 2)
    file = InFile(tmp_path / "cursor")
    with Receiver() as receiver, relay_to(hook(receiver), cursors=file):
        wait_until(lambda: (tmp_path / "cursor").exists() and len(receiver.taken) == 2)
        wait_until(lambda: (tmp_path / "cursor").read_text() == f"{last_cursor(database)}\n")
        with file.taken(database) as taken:
            assert not taken
    assert kept(database) is None


def test_a_cursor_whose_changes_are_gone_is_said(relay_to: RelayTo, database: psycopg.Connection) -> None:
    change(database, 2)
    database.execute("UPDATE depeche.feed SET dropped_txid = 1, dropped_change = 1")
    with Receiver() as receiver, relay_to(hook(receiver), plan=msgspec.structs.replace(PLAN, start="0.1")) as running:
        running.join()
    assert "not kept any more" in str(running.ended_with)


def test_a_user_in_its_role_can_relay_and_nothing_more(
    relay_to: RelayTo, database: psycopg.Connection, database_url: str
) -> None:
    address = make_conninfo(database_url, user="a_relay", password="a password")
    migrate(database_url, logins=[Login(url=address, role="depeche_relayer")])
    change(database, 1)
    try:
        with psycopg.connect(address, autocommit=True) as connection:
            InPostgres("relay").keep(connection, "1.1")
            assert InPostgres("relay").read(connection) == "1.1"
            assert connection.execute("SELECT count(*) FROM news.articles").fetchone() == (1,)
            for forbidden in (
                "DELETE FROM depeche.relays",
                "SELECT FROM depeche.articles",
                "UPDATE depeche.followers SET cursor = NULL",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(forbidden)
    finally:
        database.execute("DROP OWNED BY a_relay")
        database.execute("DROP ROLE a_relay")


def test_a_stream_gets_the_same(relay_to: RelayTo, database: psycopg.Connection, redis_url: str) -> None:
    change(database, 7)
    stream = Stream(redis_url, "news:changes", 1000)
    with redis.Redis.from_url(redis_url) as client, relay_to(stream):
        wait_until(lambda: client.xlen("news:changes") == 7)
        entries = client.xrange("news:changes")
    assert [fields[b"id"].decode() for _, fields in entries] == ids(database)
    assert msgspec.json.decode(entries[0][1][b"change"])["article"]["title"] == "Harbour"


def test_a_stream_keeps_about_its_length(relay_to: RelayTo, database: psycopg.Connection, redis_url: str) -> None:
    """Redis drops whole blocks of 100 entries."""
    change(database, 130)
    plan = msgspec.structs.replace(PLAN, batch=50)
    with redis.Redis.from_url(redis_url) as client, relay_to(Stream(redis_url, "news:changes", 10), plan=plan):
        wait_until(lambda: kept(database) == last_cursor(database))
        assert client.xlen("news:changes") < 130


def test_a_full_redis_is_waited_for_and_a_key_of_another_kind_is_not(
    relay_to: RelayTo, database: psycopg.Connection, redis_url: str
) -> None:
    change(database, 3)
    with redis.Redis.from_url(redis_url) as client:
        client.config_set("maxmemory", "1")
        try:
            with structlog.testing.capture_logs() as logs, relay_to(Stream(redis_url, "news:changes", 1000)):
                wait_until(lambda: [line for line in logs if line["event"] == "relay_waits"])
                client.config_set("maxmemory", "0")
                wait_until(lambda: client.xlen("news:changes") == 3)
        finally:
            client.config_set("maxmemory", "0")
        client.set("text", "x")
        with relay_to(Stream(redis_url, "text", 1000), cursors=InPostgres("other")) as running:
            running.join()
        assert "WRONGTYPE" in str(running.ended_with)


def test_waits_grow_up_to_five_minutes_and_a_wish_is_kept() -> None:
    waits = Waits()
    own = [waits.after_failure() for _ in range(20)]
    assert own[0] <= 1
    assert 150 <= own[-1] <= 300
    assert waits.after_failure(7200.0) == 7200.0
    assert waits.after_failure(0.0) > 0
    waits.succeeded()
    assert waits.after_failure() <= 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Say where to deliver"),
        (["--to", "https://desk.example/"], "needs a secret"),
        (["--to", "ftp://desk.example/"], "no address of a webhook"),
        (["--to", "redis://127.0.0.1:1/0", "--stream", "depeche:x"], "another name"),
        (["--to", "redis://127.0.0.1:1/0", "--anew"], "--anew needs --from"),
        (["--to", "redis://127.0.0.1:1/0", "--from", "yesterday"], "no cursor"),
        (["--to", "redis://127.0.0.1:1/0", "--cursor-file", "no/where"], "no folder"),
    ],
)
def test_a_mistake_is_one_sentence(run_on_servers: Run, arguments: list[str], said: str) -> None:
    ran = run_on_servers("relay", *arguments)
    assert ran.status == 2
    assert said in ran.err
    assert "Traceback" not in ran.err
