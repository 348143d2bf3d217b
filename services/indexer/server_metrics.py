"""What the database says of its own room, and of the servers that copy it, for Prometheus."""

from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from services.indexer.connection import Connection

# Cases are counted up to this number, so that a scrape is quick.
MOST_CASES = 10_000
CASES = f"SELECT count(*) FROM (SELECT FROM depeche.quarantine WHERE replayed_at IS NULL LIMIT {MOST_CASES}) AS waiting"
BYTES = "SELECT pg_database_size(current_database())"


def room(connection: Connection) -> list[Metric]:
    """Return what waits in quarantine, how large the database is, and what holds back its log."""
    cases = GaugeMetricFamily(
        "depeche_quarantine_cases", f"Cases in quarantine that wait for a replay; {MOST_CASES} for that many or more."
    )
    size = GaugeMetricFamily("depeche_database_bytes", "Size of the database on its disk.")
    for gauge, query in ((cases, CASES), (size, BYTES)):
        row = connection.execute(query).fetchone()
        gauge.add_metric([], row[0] if row else 0)
    return [cases, size, *_slots(connection), _standbys(connection)]


# What a slot holds back fills the disk when its reader is gone. A standby has no position of its own to compare with.
# A slot that holds back more than max_slot_wal_keep_size is lost: it has no position any more, and its reader can only
# be made anew.
MOST_SLOTS = 20
SLOTS = """
SELECT slot_name, active::int, coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::float8
FROM pg_replication_slots
WHERE NOT pg_is_in_recovery() AND (restart_lsn IS NOT NULL OR wal_status = 'lost') AND NOT temporary
ORDER BY restart_lsn NULLS FIRST LIMIT %s
"""


def _slots(connection: Connection) -> list[Metric]:
    held = GaugeMetricFamily(
        "depeche_replication_held_bytes", "Postgres' log that a replication slot holds back.", labels=["slot"]
    )
    active = GaugeMetricFamily(
        "depeche_replication_active", "Whether anybody reads from the replication slot.", labels=["slot"]
    )
    for slot, is_active, held_bytes in connection.execute(SLOTS, [MOST_SLOTS]):
        held.add_metric([slot], held_bytes)
        active.add_metric([slot], is_active)
    return [held, active]


# Only a user in pg_read_all_stats sees how far they are; for any other, the positions are null. One that is connected
# and does not say how far it has come is as far behind as the log is long, and is left out while it begins.
MOST_STANDBYS = 20
STANDBYS = """
SELECT coalesce(nullif(application_name, ''), 'unnamed'),
    max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn))::float8
FROM pg_stat_replication
WHERE NOT pg_is_in_recovery() AND replay_lsn IS NOT NULL
GROUP BY 1 ORDER BY 2 DESC LIMIT %s
"""


def _standbys(connection: Connection) -> Metric:
    behind = GaugeMetricFamily(
        "depeche_standby_behind_bytes", "Postgres' log that a standby has not replayed yet.", labels=["standby"]
    )
    for standby, behind_bytes in connection.execute(STANDBYS, [MOST_STANDBYS]):
        behind.add_metric([standby], behind_bytes)
    return behind
