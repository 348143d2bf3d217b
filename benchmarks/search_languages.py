"""Does a search find an article by a word of it, however the word stands in the text, in forty languages?

  python -m benchmarks.search_languages [--server URL] [--verbose]

search_languages.toml has, for each language, texts with what is asked, by the reason why the two differ (inflection,
an article or a preposition, spelling, script, letters without their marks), and what must not find a text. Every text
is stored as an article in its language, with a word before and one after it that hold nothing, and `news.search` is
asked without naming the language, on an embedded Postgres, or on a new database of the given server. The result is
printed and, without options, written into docs/benchmarks.md.
"""

import argparse
import re
import sys
import tomllib
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import psycopg
from psycopg.conninfo import make_conninfo

from benchmarks.database import bench_home, migrated_postgres
from benchmarks.report import setting, table, write_section
from services.indexer.connection import Connection
from services.indexer.followers.search import index_words
from services.indexer.schema.migrate import migrate
from shared.service import exit_status

PAIRS = Path(__file__).with_name("search_languages.toml")
REASONS = ("inflection", "article", "spelling", "script", "marks")
NEVER = "never"


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """A text in a language, and what is asked; the reason is `never` where it must not be found."""

    language: str
    reason: str
    text: str
    asked: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A pair, and whether the text was found."""

    pair: Pair
    found: bool


def read_pairs(file: Path = PAIRS) -> Iterator[Pair]:
    """All pairs of the file."""
    for language, reasons in tomllib.loads(file.read_text("utf-8")).items():
        for reason, lines in reasons.items():
            for line in filter(str.strip, re.split("[;\n]", lines)):
                text, asked = line.split("|")
                yield Pair(language=language, reason=reason, text=text.strip(), asked=asked.strip())


STORE = """
WITH page AS (
    INSERT INTO depeche.pages (url_key, url, fate, flight_id, first_seen_at, decided_at)
    VALUES (%(key)s, %(url)s, 'stored', gen_random_uuid(), now(), now()) RETURNING page_id)
INSERT INTO depeche.articles (article_key, page_id, url, source, body, language, blocks, images, content_hash,
                              parser_version, first_seen_at, fetched_at)
SELECT %(key)s, page_id, %(url)s, %(source)s, %(body)s, %(language)s, '[]', '[]', %(key)s, '1', now(), now()
FROM page RETURNING article_id
"""
ASK = "SELECT count(*) FROM news.search(%s, from_source => %s)"


def ask_all(connection: Connection, pairs: Sequence[Pair]) -> list[Answer]:
    """Store every text once, each as the only article of a source of its own, and ask."""
    sources: dict[tuple[str, str], str] = {}
    articles: list[int] = []
    for pair in pairs:
        if (pair.language, pair.text) in sources:
            continue
        sources[pair.language, pair.text] = source = f"source{len(sources)}"
        given: dict[str, object] = {"key": uuid.uuid4(), "url": f"https://{source}.example/", "source": source}
        row = connection.execute(STORE, given | {"body": pair.text, "language": pair.language}).fetchone()
        articles += row or []
    index_words(connection, articles)
    return [_ask(connection, pair, sources[pair.language, pair.text]) for pair in pairs]


def _ask(connection: Connection, pair: Pair, source: str) -> Answer:
    row = connection.execute(ASK, [pair.asked, source]).fetchone()
    return Answer(pair=pair, found=row == (1,))


def share(answers: Sequence[Answer]) -> str:
    """The share of the answers that were found, as a number of two places."""
    return f"{sum(answer.found for answer in answers) / len(answers):.2f}" if answers else ""


def markdown(answers: Sequence[Answer], server: str) -> str:
    """The section of docs/benchmarks.md."""
    asked = [answer for answer in answers if answer.pair.reason != NEVER]
    never = [answer for answer in answers if answer.pair.reason == NEVER]

    def row(name: str, of_it: Sequence[Answer], not_of_it: Sequence[Answer]) -> dict[str, object]:
        by_reason = {reason: [a for a in of_it if a.pair.reason == reason] for reason in REASONS}
        shares = {reason: share(some) for reason, some in by_reason.items()}
        return {"language": name, "found": share(of_it), **shares, "found falsely": share(not_of_it)}

    def of(language: str, some: Sequence[Answer]) -> list[Answer]:
        return [answer for answer in some if answer.pair.language == language]

    languages = list(dict.fromkeys(answer.pair.language for answer in answers))
    rows = [row("all", asked, never), *(row(name, of(name, asked), of(name, never)) for name in languages)]
    return (
        f"{setting('psycopg')} On Postgres {server}: {len(asked):,} pairs of a text and what is asked in "
        f"{len(languages)} languages, and {len(never)} that must not match.\n\n{table(rows)}"
    )


@contextmanager
def database_on(server: str) -> Iterator[str]:
    """The DSN of a new database on a server, dropped afterwards."""
    name = f"bench_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            migrate(url := make_conninfo(server, dbname=name))
            yield url
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def measure(database_url: str, pairs: Sequence[Pair]) -> tuple[list[Answer], str]:
    """The answers, and the server's version."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        server = connection.info.parameter_status("server_version") or ""
        return ask_all(connection, pairs), server


def main() -> None:
    """Measure, print and write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--server", help="DSN of a server to make a database on (default: an embedded Postgres)")
    options.add_argument("--pairs", type=Path, default=PAIRS, help="file with other pairs (default: %(default)s)")
    options.add_argument("-v", "--verbose", action="store_true", help="print each pair that went wrong")
    chosen = options.parse_args()
    pairs = list(read_pairs(chosen.pairs))
    if chosen.server:
        with database_on(chosen.server) as url:
            answers, server = measure(url, pairs)
    else:
        with bench_home() as home, migrated_postgres(home) as url:
            answers, server = measure(url, pairs)
    if chosen.verbose:
        for answer in answers:
            if answer.found == (answer.pair.reason == NEVER):
                pair = answer.pair
                print(f"{pair.language} {pair.reason}: {pair.text} | {pair.asked}")
    print(section := markdown(answers, server))
    if not chosen.server and chosen.pairs == PAIRS:
        write_section("search-languages", section)


if __name__ == "__main__":
    sys.exit(exit_status("bench-search-languages", main))
