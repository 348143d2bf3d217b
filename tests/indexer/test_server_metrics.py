"""What holds back Postgres' log is seen, also once Postgres has given it up."""

import psycopg

from services.indexer.server_metrics import room

Samples = dict[tuple[str, ...], float]


def told(database: psycopg.Connection) -> Samples:
    samples = [sample for metric in room(database) for sample in metric.samples]
    return {(sample.name, *sample.labels.values()): sample.value for sample in samples}


def test_a_slot_that_nobody_reads(database: psycopg.Connection) -> None:
    database.execute("SELECT pg_create_physical_replication_slot('a_standby', true)")
    try:
        found = told(database)
    finally:
        database.execute("SELECT pg_drop_replication_slot('a_standby')")
    assert found["depeche_replication_active", "a_standby"] == 0
    assert found["depeche_replication_held_bytes", "a_standby"] >= 0
    assert found["depeche_database_bytes",] > 0


def test_no_slot_and_no_standby_have_no_series(database: psycopg.Connection) -> None:
    assert {name for name, *_ in told(database)} == {"depeche_quarantine_cases", "depeche_database_bytes"}
