"""The questions about lists over time are answered by indexes, however much history there is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from cli.dashboard.pages import rows as of_pages
from cli.dashboard.tickers import rows

# 200 pages, of which the first has a list that changes all the time: 8,000 of 28,000 headlines, 140,000 places.
FILL = """
INSERT INTO depeche.pages (url_key, url, fate, flight_id, first_seen_at, fetched_at, decided_at)
SELECT md5('p' || i)::uuid, 'https://news.example/' || i, 'stored', gen_random_uuid(), now(), now(), now()
FROM generate_series(1, 200) AS i;

INSERT INTO depeche.headlines (page_id, headline_key, kind, position, text, url_key, first_seen_at, gone_at, wordings)
SELECT p, md5(p || '-' || h)::uuid, 'front', 1 + h % 40, 'Headline ' || h, md5(p || '/' || h)::uuid,
       now() - h * interval '20 minutes', CASE WHEN h > 40 THEN now() - (h - 18) * interval '20 minutes' END, 2
FROM generate_series(1, 200) AS p, LATERAL generate_series(1, CASE WHEN p = 1 THEN 8000 ELSE 100 END) AS h;

INSERT INTO depeche.headline_positions
SELECT headline_id, 1 + (headline_id + k) % 40, at, at + interval '50 minutes', at + interval '1 hour'
FROM depeche.headlines, generate_series(0, 4) AS k,
    LATERAL (SELECT first_seen_at + k * interval '1 hour') AS since (at);

INSERT INTO depeche.headline_wordings
SELECT headline_id, 'Before', first_seen_at, first_seen_at + interval '1 minute' FROM depeche.headlines;
"""
NOW = datetime.now(UTC)
STRETCH = {"since": NOW - timedelta(days=1), "until": NOW}
LIST = {"page_id": 1, "kind": "front", "label": None}


@pytest.fixture(scope="module")
def filled(postgres: Any) -> Any:
    with postgres.database() as url, psycopg.connect(url, autocommit=True) as database:
        database.execute(FILL)
        database.execute("VACUUM ANALYZE")
        yield database


def read(plan: dict[str, Any]) -> list[tuple[str, str]]:
    """How a plan reads each table: the kind of its node, and the table."""
    own = [(plan["Node Type"], plan["Relation Name"])] if "Relation Name" in plan else []
    return own + [step for part in plan.get("Plans", []) for step in read(part)]


@pytest.mark.parametrize(
    ("sql", "given"),
    [
        (rows.LISTS, {"page_id": 1, **STRETCH}),
        (rows.OF_LIST, {**LIST, **STRETCH}),
        (rows.PLACES, {"ids": list(range(1, 300)), **STRETCH}),
        (rows.WORDINGS, {"ids": list(range(1, 300))}),
        (rows.SOURCES, {"words": None, "limit": 51, "offset": 0}),
        (of_pages.HEADLINES, {"page_id": 1, "limit": 500}),
    ],
)
def test_no_table_of_history_is_read_as_a_whole(sql: str, given: dict[str, Any], filled: psycopg.Connection) -> None:
    (found,) = filled.execute(b"EXPLAIN (FORMAT JSON) " + sql.encode(), given).fetchone() or (None,)
    steps = read(found[0]["Plan"])
    large = {"headlines", "headline_positions_first", "headline_wordings_first"}
    assert large & {table for _, table in steps}
    assert [step for step in steps if step[0] == "Seq Scan" and step[1] in large] == []


def test_a_list_is_found_with_what_happened_to_it(filled: psycopg.Connection) -> None:
    stretch = rows.Stretch(**STRETCH)
    found = rows.found(filled, 1, rows.ListName(kind="front"), stretch)
    assert len(found.lines) == 72 + 18  # those of a day, and those that came before and were still there
    assert len(found.wordings) == 2 * len(found.lines)
    assert not found.is_cut
    assert [(row["kind"], row["headlines"], row["standing"]) for row in rows.lists(filled, 1, stretch)] == [
        ("front", 90, 40)
    ]
