"""Pages that crash, hang or swell the parser: each is quarantined alone, and all others land."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.stack import stack as cli_stack
from cli.stack.stack import Endpoints
from shared.broker.redis_client import connect_redis
from tests.e2e.stack import Stack, running_stack
from tests.e2e.test_pages import story
from tests.support.servers import PostgresForTests
from tests.support.site import Site

# Of what each page does, by the word in it, no real page is known that does it to the real parser.
POISONED_PARSER = """
import collections, ctypes, itertools, sys
from services.parser import app, parse

def crash():
    ctypes.string_at(0)

def hang():
    while True:
        pass

def stick():  # in C code, which hears no signal
    collections.deque(itertools.repeat(0), maxlen=0)

def swell():
    kept = bytearray()
    while True:
        kept.extend(bytes(1 << 20))

whole = parse.parse_page
def poisoned(body, **options):
    for word, effect in {b"CRASHES": crash, b"HANGS": hang, b"STICKS": stick, b"SWELLS": swell}.items():
        if word in body:
            effect()
    return whole(body, **options)
parse.parse_page = poisoned
sys.exit(app.exit_status("parser", app.main))
"""
REASONS = {"CRASHES": "crashed", "HANGS": "too_slow", "STICKS": "too_slow", "SWELLS": "too_heavy"}


@pytest.fixture
def poisoned(
    redis_server: str, postgres: PostgresForTests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stack]:
    """A stack whose parser is poisoned by some pages."""
    redis_url = redis_server.removesuffix("/0") + "/2"
    connect_redis(redis_url).flushdb()
    (tmp_path / "poisoned_parser.py").write_text(POISONED_PARSER)
    monkeypatch.setitem(cli_stack.WORKERS, "parser", "poisoned_parser")
    limits = {"DEPECHE_PARSE_TIMEOUT": "1", "DEPECHE_PARSE_MAX_MEMORY": str(64 << 20)}
    with postgres.database() as database_url:
        endpoints = Endpoints(redis_url=redis_url, database_url=database_url)
        path = f"{tmp_path}:{Path.cwd()}"
        with running_stack(tmp_path / "stack", endpoints, PYTHONPATH=path, **limits) as stack:
            yield stack


@pytest.mark.timeout(300)
def test_a_page_that_crashes_hangs_or_swells_the_parser_is_quarantined_alone(poisoned: Stack, site: Site) -> None:
    good = [site.serve(f"/good/{n}", story(f"Good {n}")) for n in range(20)]
    bad = {word: site.serve(f"/{word}", story(word)) for word in REASONS}
    rows = poisoned.land(*good[:10], *bad.values(), *good[10:])
    assert [rows[url]["fate"] for url in good] == ["stored"] * 20
    assert {word: (rows[url]["fate"], rows[url]["reason"]) for word, url in bad.items()} == {
        word: ("quarantined", reason) for word, reason in REASONS.items()
    }
    kept = {row["url"]: row for row in poisoned.rows("SELECT * FROM depeche.quarantine")}
    assert {url: story(word) in bytes(kept[url]["page"]) for word, url in bad.items()} == dict.fromkeys(
        bad.values(), True
    )
