"""`depeche export`: what is in the file, in either format, and what the next export goes on with."""

import gzip
import json
import threading
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import psycopg.rows
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import redis
import zstandard
from psycopg.conninfo import make_conninfo

from cli.export import reading as export_reading
from cli.export.parquet import TYPES
from services.indexer.app import open_pool
from services.indexer.index import Indexer
from shared.flight.intake import Backbone
from shared.messages import Origin, PageDropped
from shared.parsed_page import Block, Image
from tests.cli.conftest import Run
from tests.support.changing import Remaining, insert, write
from tests.support.flights import ONE, TWO, at_index, message_of
from tests.support.pages import NOON, Flights, article, page, rows
from tests.support.reading_reference import DOCUMENT
from tests.support.running import Ran
from tests.support.servers import PostgresForTests
from tests.support.tags import tag_sources

THREE = "https://news.example/three"
NASTY = "\u2028\u2029 \" ' \\ \\N \\. \t\r\n\x01\x7f {a,b} NULL العربية \u202e \U0001f9d1\u200d\U0001f680 e\u0301 </a>"
WRITERS, CHANGES = 4, 8_000


@pytest.fixture
def filled(backbone: Backbone, client: "redis.Redis", database_url: str) -> None:
    """Three articles: with every field filled, with hardly any, and one that has been withdrawn."""
    flights = Flights(backbone, client)
    full = article(
        NASTY,
        title=NASTY,
        lead=NASTY,
        kicker=NASTY,
        authors=[NASTY, "", 'Quill, "Ada"', "NULL"],
        publisher=NASTY,
        section=NASTY,
        tags=["a,b", "{}", NASTY],
        language="ar",
        published_at="2025-05-08T09:00:00.123456+02:00",
        modified_at="2025-05-09",
        source_url="https://agency.example/x?a=1&b=\"2'",
        truncated=True,
        images=[Image(url="https://news.example/a.jpg", caption=NASTY, credit=None, alt="")],
    )
    full = msgspec.structs.replace(full, blocks=[Block(type="heading", text=NASTY), Block(type="list", text="- x")])
    with open_pool(database_url, 1) as pool:
        indexer = Indexer(backbone, pool)
        indexer.run(flights.message(ONE, page([], article=full)))
        bare = article("", title=None, authors=[], published_at=None)
        indexer.run(flights.message(TWO, page([], url=TWO, article=bare)))
        indexer.run(flights.message(THREE, page([], url=THREE, article=article("Old.", language="fr"))))
        (record,) = at_index(backbone.ledger, client, THREE)
        facts: dict[str, Any] = {"stage": "fetch", "reason": "gone", "detail": "d", "fate": "gone"}
        dropped = PageDropped(
            flight_id=record.flight_id, origin=Origin(url=THREE), dropped_at=NOON.isoformat(), **facts
        )
        indexer.run(message_of(dropped))


def as_in_the_database(database: psycopg.Connection) -> list[dict[str, Any]]:
    """All of news.articles, as JSON has it."""
    database.execute("SET timezone = 'UTC'")
    return [json.loads(msgspec.json.encode(row)) for row in rows(database, "articles")]


def lines(ran: Ran) -> list[dict[str, Any]]:
    assert ran.status == 0, ran.err
    return [json.loads(line) for line in ran.out.splitlines()]


def cursor_of(ran: Ran) -> str:
    assert ran.status == 0, ran.err
    assert ran.err.startswith("exported ")
    assert ran.err.count("\n") == 1
    return ran.err.rstrip().rpartition(" cursor ")[2]


@pytest.mark.usefixtures("filled")
def test_all_articles_with_all_columns(export: Run, database: psycopg.Connection) -> None:
    ran = export()
    exported = [json.loads(line) for line in ran.out.split("\n")[:-1]]
    assert exported == as_in_the_database(database)
    assert [row["url"] for row in exported] == [ONE, TWO, THREE]
    assert exported[0]["published_at"] == "2025-05-08T07:00:00.123456Z"
    assert exported[0]["authors"][0] == exported[0]["title"]
    assert "\U0001f9d1\u200d\U0001f680" in ran.out
    assert exported[2]["withdrawn_at"]
    assert cursor_of(ran) == database.execute("SELECT news.cursor_now()").fetchall()[0][0]


@pytest.mark.usefixtures("filled")
def test_both_formats_say_the_same(export: Run, database: psycopg.Connection, tmp_path: Path) -> None:
    cursor = cursor_of(export("--to", "a.parquet", "--language", "ar"))
    table = pq.read_table(tmp_path / "a.parquet")
    facts = {key.decode(): value.decode() for key, value in pq.read_metadata(tmp_path / "a.parquet").metadata.items()}
    assert facts["depeche.cursor"] == cursor
    assert facts["depeche.language"] == "ar"
    assert facts["depeche.parser_versions"] == "test"
    assert "depeche.since" not in facts
    export("--to", "all.parquet", "--since", "0.0")
    table = pq.read_table(tmp_path / "all.parquet")
    exported = table.to_pylist()
    for row in exported:
        row["blocks"], row["images"] = json.loads(row["blocks"]), json.loads(row["images"])
    in_order = sorted(exported, key=lambda row: row["article_id"])
    assert [json.loads(msgspec.json.encode(row)) for row in in_order] == as_in_the_database(database)
    assert table.schema.names == list(rows(database, "articles")[0])
    types = {name: table.schema.field(name).type for name in ("article_id", "authors", "published_at", "blocks")}
    assert types == {
        "article_id": pa.int64(),
        "authors": pa.list_(pa.string()),
        "published_at": pa.timestamp("us", "UTC"),
        "blocks": pa.string(),
    }


@pytest.mark.usefixtures("filled")
def test_a_compressed_file_is_the_same_file(export: Run, tmp_path: Path) -> None:
    plain = export().out.encode()
    for name in ("a.jsonl.gz", "a.jsonl.zst"):
        cursor_of(export("--to", name))
    assert gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes()) == plain
    with zstandard.open(tmp_path / "a.jsonl.zst") as file:
        assert file.read() == plain


@pytest.mark.usefixtures("filled")
def test_the_documented_way_back_into_postgres(
    export: Run, database: psycopg.Connection, postgres: PostgresForTests, tmp_path: Path
) -> None:
    export("--to", "articles.jsonl")
    section = DOCUMENT.read_text("utf-8").partition("## Export")[2].partition("\n## ")[0]
    block = section.partition("```\nCREATE TEMP TABLE")[2].partition("```")[0]
    assert r"\copy" in block
    with postgres.database() as url, psycopg.connect(url, autocommit=True) as other:
        for statement in f"CREATE TEMP TABLE{block}".rstrip().rstrip(";").split(";\n"):
            copy = statement.replace(r"\copy", "COPY").replace("'articles.jsonl'", "STDIN")
            if copy == statement:
                other.execute(statement.encode())
                continue
            with other.cursor().copy(copy.encode()) as loading:
                loading.write((tmp_path / "articles.jsonl").read_bytes())
        other.execute("SET timezone = 'UTC'")
        with other.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            loaded = cursor.execute("SELECT * FROM articles ORDER BY article_id").fetchall()
    assert [json.loads(msgspec.json.encode(row)) for row in loaded] == as_in_the_database(database)


def test_since_a_cursor_each_article_that_changed_is_there_once_the_oldest_change_first(
    export: Run, database: psycopg.Connection
) -> None:
    for number in (1, 2, 3, 4):
        insert(database, number)
    cursor = cursor_of(export())
    assert lines(export("--since", cursor)) == []
    for number in (3, 1, 3, 2):
        insert(database, number)
    ran = export("--since", cursor)
    assert [(row["article_id"], row["version"]) for row in lines(ran)] == [(1, 2), (3, 3), (2, 2)]
    assert lines(export("--since", cursor_of(export("--since", cursor)))) == []
    last_of_feed = database.execute("SELECT cursor FROM news.changes_since(%s)", [cursor]).fetchall()
    assert [row["article_id"] for row in lines(export("--since", last_of_feed[1][0]))] == [3, 2]


def test_a_cursor_file_is_all_that_a_nightly_export_needs(export: Run, database: psycopg.Connection) -> None:
    for number in (1, 2):
        insert(database, number)
    keep = ("--cursor-file", "cursor")
    assert [row["article_id"] for row in lines(export(*keep))] == [1, 2]
    assert lines(export(*keep)) == []
    insert(database, 2)
    assert [row["article_id"] for row in lines(export(*keep))] == [2]
    assert lines(export(*keep)) == []


def test_a_change_that_is_not_final_yet_is_in_the_next_export(
    export: Run, database: psycopg.Connection, database_url: str
) -> None:
    insert(database, 1)
    with psycopg.connect(database_url) as open_one:
        insert(open_one, 1)
        insert(database, 2)
        cursor = cursor_of(export())
    assert [(row["body"], row["version"]) for row in lines(export("--since", cursor))] == [("1", 2), ("2", 1)]


@pytest.mark.parametrize(
    "arguments",
    [["--source", "wire"], ["--language", "fr"], ["--tag", "sport"], ["--source", "wire", "--language", "fr"]],
)
@pytest.mark.parametrize("since", [[], ["--since", "0.0"]])
def test_some_articles_only(arguments: list[str], since: list[str], export: Run, database: psycopg.Connection) -> None:
    for number in (1, 2, 3):
        insert(database, number)
    database.execute("UPDATE depeche.articles SET source = 'wire', language = 'fr' WHERE article_id = 2")
    tag_sources(database, wire=["de", "sport"], other=["sport"])
    assert [(row["article_id"], row["source_tags"]) for row in lines(export(*arguments, *since))] == [
        (2, ["de", "sport"])
    ]


def test_batches_and_row_groups_of_bounded_size(
    export: Run, database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(export_reading, "ARTICLES_A_BATCH", 7)
    monkeypatch.setattr("cli.export.parquet.GROUP_ROWS", 20)
    for number in range(50):
        insert(database, number)
    assert [row["article_id"] for row in lines(export())] == list(range(1, 51))
    cursor_of(export("--to", "a.parquet"))
    file = pq.ParquetFile(tmp_path / "a.parquet")
    assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [21, 21, 8]
    assert file.read()["article_id"].to_pylist() == list(range(1, 51))


@pytest.mark.parametrize("arguments", [["export"], ["export", "--since", "0.0"], ["articles", "--json"]])
def test_a_user_who_may_only_read_news(
    arguments: list[str], run: Run, database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert(database, 1)
    database.execute("CREATE ROLE only_reads LOGIN IN ROLE depeche_reader")
    try:
        monkeypatch.setenv("DEPECHE_DATABASE_URL", make_conninfo(database.info.dsn, user="only_reads"))
        assert [row["article_id"] for row in lines(run(*arguments))] == [1]
    finally:
        database.execute("DROP ROLE only_reads")


def test_nothing_is_lost_between_exports_while_many_write(
    export: Run, database: psycopg.Connection, database_url: str, tmp_path: Path
) -> None:
    """The files, one laid over the other, are the table in the end; no file has an article twice."""
    remaining = Remaining(CHANGES)
    writers = [threading.Thread(target=write, args=(database_url, seed, remaining)) for seed in range(WRITERS)]
    insert(database, 1)
    for writer in writers:
        writer.start()
    copy: dict[int, dict[str, Any]] = {}
    exports = 0
    more = True
    while more:
        more = any(writer.is_alive() for writer in writers)  # one export more when all have ended
        exports += 1
        to = f"{exports}.jsonl"
        cursor_of(export("--to", to, "--cursor-file", "cursor"))
        rows_of_file = [json.loads(line) for line in (tmp_path / to).read_text("utf-8").splitlines()]
        of_file = {row["article_id"]: row for row in rows_of_file}
        assert len(of_file) == len(rows_of_file)
        copy |= of_file
    assert exports > 5
    assert [copy[number] for number in sorted(copy)] == as_in_the_database(database)


def test_what_is_read_as_it_is_has_a_type_in_parquet() -> None:
    assert set(TYPES) == export_reading.READ_AS_IS
