"""Which sources have changed without telling? Adds visits up by source and day, and records which fields have fallen.

This is a chore, and not done where pages are stored, since all pages of a source would wait for its one row there. A
day is always added up from all its visits, so it does not matter how often that is done, or which visits came late.
Pages that are replayed from the archive say nothing new about the site, and do not count.
"""

import math
from collections.abc import Sequence
from datetime import date

import msgspec
import structlog

from services.indexer.connection import Connection
from services.indexer.followers.chores import Chore
from services.indexer.followers.source_falls import Measure, Values, has_fallen, has_recovered

log = structlog.get_logger()

# Seconds between two looks. With 10,000 sources one takes some seconds (docs/benchmarks.md).
EVERY_S = 300.0
# Sources that are compared in one transaction: a second's work.
SOURCES_AT_ONCE = 500
# Days of past, as in depeche.source_fields: a fall of so long ago is over, since the fallen value is the field's own
# past by now. Falls of a source that has not been visited for a week are of no interest.
PAST_DAYS, VISITED_DAYS = 30, 7


def look(connection: Connection) -> None:
    """Add up the days that may have changed; then compare the sources that have changed, and those with a fall."""
    with connection.transaction():
        days = connection.execute(DAYS, {"past_days": PAST_DAYS}).fetchall()
    changed: set[str] = set()
    for (day,) in days:
        changed |= add_up(connection, day)
    forget(connection)
    with connection.transaction():
        changed.update(source for (source,) in connection.execute(FALLEN))
    names = sorted(changed)
    for begin in range(0, len(names), SOURCES_AT_ONCE):
        judge(connection, names[begin : begin + SOURCES_AT_ONCE])


SOURCE_HEALTH = Chore(name="source_health", every_s=EVERY_S, work=look)

# Starts on the day before the last one known: visits may have come late, or an indexer may have been down.
DAYS = """
SELECT generate_series(greatest(today - %(past_days)s, least(today, last_day) - 1), today, interval '1 day')::date
FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS today,
             (SELECT coalesce(max(day), '-infinity') FROM depeche.source_days) AS last_day) AS known
"""

ADD_UP = """
WITH visited AS (
    SELECT source, of_source, fate IN ('stored', 'unchanged') AS is_good, page_type, has_title, authors, has_published,
           body_chars, headlines, tickers, parser_version,
           -- Of a page that was visited several times that day, the latest visit that read it counts.
           NOT of_source AND row_number() OVER (
               PARTITION BY page_id, of_source, source
               ORDER BY page_type IS NULL, fate NOT IN ('stored', 'unchanged'), at DESC) = 1 AS is_page
    FROM depeche.visits
    WHERE at >= %(day)s::timestamp AT TIME ZONE 'UTC' AND at < (%(day)s + 1)::timestamp AT TIME ZONE 'UTC'
        AND source IS NOT NULL AND NOT is_replay
)
INSERT INTO depeche.source_days AS d (
    source, day, visits, reached, lists, with_ticker, headlines_total, headlines_squares, asked, fetched, followed,
    articles, with_title, with_author, with_date, body_total, body_squares, parser_version)
SELECT source, %(day)s::date,
       count(*) FILTER (WHERE of_source),
       count(*) FILTER (WHERE of_source AND is_good),
       count(*) FILTER (WHERE of_source AND page_type IS NOT NULL),
       count(*) FILTER (WHERE of_source AND tickers > 0),
       coalesce(sum(ln(1 + headlines)) FILTER (WHERE of_source), 0),
       coalesce(sum(ln(1 + headlines) ^ 2) FILTER (WHERE of_source), 0),
       count(*) FILTER (WHERE is_page),
       count(*) FILTER (WHERE is_page AND is_good),
       count(*) FILTER (WHERE is_page AND page_type NOT IN ('feed', 'sitemap')),
       count(*) FILTER (WHERE is_page AND has_title IS NOT NULL),
       count(*) FILTER (WHERE is_page AND has_title),
       count(*) FILTER (WHERE is_page AND authors > 0),
       count(*) FILTER (WHERE is_page AND has_published),
       coalesce(sum(ln(1 + body_chars)) FILTER (WHERE is_page), 0),
       coalesce(sum(ln(1 + body_chars) ^ 2) FILTER (WHERE is_page), 0),
       max(parser_version)
FROM visited
GROUP BY source
ON CONFLICT (source, day) DO UPDATE SET
    visits = excluded.visits, reached = excluded.reached, lists = excluded.lists, with_ticker = excluded.with_ticker,
    headlines_total = excluded.headlines_total, headlines_squares = excluded.headlines_squares, asked = excluded.asked,
    fetched = excluded.fetched, followed = excluded.followed, articles = excluded.articles,
    with_title = excluded.with_title, with_author = excluded.with_author, with_date = excluded.with_date,
    body_total = excluded.body_total, body_squares = excluded.body_squares, parser_version = excluded.parser_version
WHERE d.* IS DISTINCT FROM excluded.*
RETURNING d.source
"""


def add_up(connection: Connection, day: date) -> set[str]:
    """Write the rows of one day (UTC) from its visits; returns the sources whose row has changed."""
    with connection.transaction():
        return {source for (source,) in connection.execute(ADD_UP, {"day": day})}


FORGET = """
UPDATE depeche.source_falls f SET ended_at = clock_timestamp()
WHERE ended_at IS NULL AND (
    fell_at < now() - %(past_days)s * interval '1 day'
    OR NOT EXISTS (SELECT FROM depeche.source_days d
                   WHERE d.source = f.source AND d.day > (now() AT TIME ZONE 'UTC')::date - %(visited_days)s))
RETURNING source, field
"""


def forget(connection: Connection) -> None:
    """End the falls that are too old, and those of sources that are not visited any more."""
    with connection.transaction():
        ended = connection.execute(FORGET, {"past_days": PAST_DAYS, "visited_days": VISITED_DAYS}).fetchall()
    for source, field in ended:
        log.info("source_field_forgotten", source=source, field=field)


FALLEN = "SELECT DISTINCT source FROM depeche.source_falls WHERE ended_at IS NULL"
FIELDS = """
SELECT s.source, s.field, s.measure, s.pages_now, s.days_now, s.total_now, s.pages_past, s.days_past, s.total_past,
       s.squares_past, s.by_day_past, s.pages_squared_past, s.parser_changed, f.mean_past
FROM depeche.source_fields s
LEFT JOIN depeche.source_falls f ON f.source = s.source AND f.field = s.field AND f.ended_at IS NULL
WHERE s.source = ANY (%(sources)s) AND (f.source IS NOT NULL OR s.pages_now > 0 AND s.pages_past > 0)
ORDER BY s.source, s.field
"""


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """A row of FIELDS: a field of a source with its sums; `fell_from` is its mean before a fall, None without one."""

    source: str
    field: str
    measure: Measure
    pages_now: int
    days_now: int
    total_now: float | None
    pages_past: int
    days_past: int
    total_past: float | None
    squares_past: float | None
    by_day_past: float | None
    pages_squared_past: float | None
    parser_changed: bool
    fell_from: float | None

    @property
    def now(self) -> Values:
        """The values of now."""
        return Values(pages=self.pages_now, days=self.days_now, total=self.total_now or 0.0)

    @property
    def past(self) -> Values:
        """The values of the field's own past."""
        return Values(
            pages=self.pages_past,
            days=self.days_past,
            total=self.total_past or 0.0,
            squares=self.squares_past or 0.0,
            by_day=self.by_day_past or 0.0,
            pages_squared=self.pages_squared_past or 0.0,
        )

    @property
    def has_recovered(self) -> bool:
        """Whether the field had fallen, and is nearly what it was again."""
        return self.fell_from is not None and has_recovered(self.measure, self.now, self.fell_from)

    def shown(self, values: Values) -> float | None:
        """Return the mean for people: a share, or the typical length or number; None without pages."""
        if not values.pages:
            return None
        return round(values.mean, 3) if self.measure == "share" else round(math.exp(values.mean) - 1, 1)


def judge(connection: Connection, sources: Sequence[str]) -> None:
    """Record which fields of these sources have fallen and which have recovered; log each once."""
    names = Compared.__struct_fields__
    with connection.transaction():
        rows = connection.execute(FIELDS, {"sources": sources}).fetchall()
        fields = [Compared(**dict(zip(names, row, strict=True))) for row in rows]
        fell = [f for f in fields if f.fell_from is None and has_fallen(f.measure, f.now, f.past)]
        for f in fell:
            connection.execute(NOTE_FALL, [f.source, f.field, f.past.mean, f.pages_past, f.parser_changed])
        recovered = [f for f in fields if f.has_recovered]
        for f in recovered:
            connection.execute(NOTE_END, [f.source, f.field])
    for f in fell:
        _tell_fall(f)
    for f in recovered:
        log.info("source_field_recovered", source=f.source, field=f.field, now=f.shown(f.now))


NOTE_FALL = """
INSERT INTO depeche.source_falls (source, field, mean_past, pages_past, parser_changed) VALUES (%s, %s, %s, %s, %s)
"""
NOTE_END = """
UPDATE depeche.source_falls SET ended_at = clock_timestamp() WHERE source = %s AND field = %s AND ended_at IS NULL
"""


def _tell_fall(fallen: Compared) -> None:
    log.warning(
        "source_field_fell",
        source=fallen.source,
        field=fallen.field,
        now=fallen.shown(fallen.now),
        past=fallen.shown(fallen.past),
        pages=fallen.pages_now,
        parser_changed=fallen.parser_changed,
    )
