"""What does an export cost compared with Postgres' own COPY, and does it take more memory for more articles?

  python -m benchmarks.export FOLDER [--articles N]

Stores the articles of FOLDER's pages (*.html, *.html.gz) on an embedded Postgres, and copies of them under other URLs
until there are N. Then `depeche export` writes them in each format, alternating with COPY (SELECT row_to_json(...)),
each in a process of its own: all articles, and the last tenth of them by the change feed. The result is printed and,
without options, written into docs/benchmarks.md.
"""

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import psycopg

from benchmarks.database import bench_home, migrated_postgres
from benchmarks.parsed_pages import landings_of, only_articles, parsed_pages
from benchmarks.report import setting, table, write_section
from services.indexer.connection import Connection
from services.indexer.index import store_together
from shared.failures import UserError
from shared.parsed_page import ParsedPage
from shared.service import exit_status

PAGES, ARTICLES, ROUNDS = 400, 20_000, 3
SINCE = 10  # one article in so many is new since the cursor

# Each says at its end how much memory it took at the most; that of its parent would be counted in ru_maxrss.
ENDING = "sys.stderr.write(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0])"
EXPORT = f"import sys; from cli.main import main\ntry:\n    sys.exit(main())\nfinally:\n    {ENDING}"
COPY = f"""
import os, sys, psycopg
with (psycopg.connect(os.environ["DEPECHE_DATABASE_URL"]) as connection, open(sys.argv[1], "wb") as file,
      connection.cursor().copy("COPY (SELECT row_to_json(a) FROM news.articles a) TO STDOUT") as rows):
    for row in rows:
        file.write(row)
    os.fsync(file.fileno())
{ENDING}
"""
FILES = ("articles.jsonl", "articles.jsonl.zst", "articles.parquet")

# Under other addresses; all else is as in the articles that were stored.
COLUMNS = """
SELECT string_agg(quote_ident(attname), ', ')
FROM pg_attribute
WHERE attrelid = 'depeche.articles'::regclass AND attnum > 0 AND NOT attisdropped
    AND attname NOT IN ('article_id', 'article_key', 'url', 'changed_in')
"""
COPIES = """
INSERT INTO depeche.articles ({columns}, article_key, url)
SELECT {columns}, gen_random_uuid(), url || '?copy=' || n
FROM depeche.articles CROSS JOIN generate_series(1, 1 + %(missing)s / %(stored)s) AS n
WHERE article_id <= %(stored)s
LIMIT %(missing)s
"""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One export: wall time, user and system time of its process, the most memory it took, and the size of the file."""

    seconds: float
    cpu: float
    memory_mb: float
    file_mb: float


def fill(connection: Connection, pages: Sequence[ParsedPage], articles: int) -> str:
    """Store so many articles; returns a cursor after which the last tenth of them is new."""
    store_together(connection, list(landings_of(pages, "export")))
    columns = connection.execute(COLUMNS).fetchall()[0][0]
    copies = COPIES.format(columns=columns).encode()
    ((stored,),) = connection.execute("SELECT count(*) FROM depeche.articles").fetchall()
    fresh = articles // SINCE
    connection.execute(copies, {"missing": articles - fresh - stored, "stored": stored})
    ((cursor,),) = connection.execute("SELECT news.cursor_now()").fetchall()
    connection.execute(copies, {"missing": fresh, "stored": stored})
    connection.execute("VACUUM ANALYZE")
    return str(cursor)


def measure(database_url: str, folder: Path, cursor: str) -> dict[str, list[Run]]:
    """Rounds of all ways, turn by turn."""
    ways = {f"{name}, all": (EXPORT, ["export", "--to", str(folder / name)]) for name in FILES}
    ways |= {
        f"{name}, the last tenth": (EXPORT, ["export", "--to", str(folder / name), "--since", cursor]) for name in FILES
    }
    ways["COPY of row_to_json, all"] = (COPY, [str(folder / "copied")])
    runs: dict[str, list[Run]] = {}
    for _ in range(ROUNDS):
        for way, (program, arguments) in ways.items():
            runs.setdefault(way, []).append(run(program, arguments, database_url, folder))
    return runs


def run(program: str, arguments: Sequence[str], database_url: str, folder: Path) -> Run:
    """Run one that writes a file into the folder, which is measured and removed."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, "DEPECHE_DATABASE_URL": database_url},
        stderr=subprocess.PIPE,
        text=True,
    )
    with process, process.stderr or contextlib.nullcontext() as errors:
        said = errors.read() if errors else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if process.returncode:
        raise UserError(said)
    (file,) = [path for path in folder.iterdir() if path.is_file()]
    size = file.stat().st_size
    file.unlink()
    memory = int(said.split()[-1]) * 1024
    return Run(seconds=seconds, cpu=used.ru_utime + used.ru_stime, memory_mb=memory / 1e6, file_mb=size / 1e6)


def main() -> None:
    """Measure, print and write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--articles", type=int, default=ARTICLES, help="how many (default: %(default)s)")
    chosen = options.parse_args()
    pages = only_articles(parsed_pages(chosen.folder, PAGES))
    with bench_home() as home, migrated_postgres(home) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = fill(connection, pages, chosen.articles)
        runs = measure(url, home, cursor)
    print(section := report(runs, chosen.articles))
    if chosen.articles == ARTICLES:
        write_section("export", section)


def report(runs: dict[str, list[Run]], articles: int) -> str:
    """The section of docs/benchmarks.md."""
    rows = []
    for way, of_way in runs.items():
        seconds, cpu, memory, size = (statistics.median(getattr(run, name) for run in of_way) for name in FIELDS)
        count = articles // SINCE if "tenth" in way else articles
        rows.append(
            {
                "": way,
                "articles/s": count / seconds,
                "CPU ms an article": 1e3 * cpu / count,
                "memory MB": memory,
                "file MB": size,
            }
        )
    heading = f"{setting('psycopg', 'pyarrow', 'zstandard')} Medians of {ROUNDS} rounds; {articles:,} articles."
    return f"{heading}\n\n{table(rows)}"


FIELDS = Run.__struct_fields__

if __name__ == "__main__":
    sys.exit(exit_status("bench-export", main))
