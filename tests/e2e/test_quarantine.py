"""A defect of the parser, from the first page that meets it to the release without it, on a stack of real workers."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.stack import stack as cli_stack
from cli.stack.stack import Endpoints
from tests.e2e.stack import running_stack
from tests.e2e.test_pages import story
from tests.support.running import depeche
from tests.support.site import Site

BROKEN_PARSER = """
import pathlib, sys
from services.parser import app, parse
whole = parse.parse_page
def broken(body, **options):
    if b"BROKEN" in body and not pathlib.Path("mended").exists():
        raise LookupError("no harbour")
    return whole(body, **options)
parse.parse_page = broken
sys.exit(app.exit_status("parser", app.main))
"""


def test_pages_that_met_a_defect_are_stored_once_it_is_mended(  # noqa: PLR0917
    redis_url: str,
    database_url: str,
    tmp_path: Path,
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "broken_parser.py").write_text(BROKEN_PARSER)
    monkeypatch.setitem(cli_stack.WORKERS, "parser", "broken_parser")
    monkeypatch.setenv("DEPECHE_REDIS_URL", redis_url)
    monkeypatch.setenv("DEPECHE_DATABASE_URL", database_url)

    def quarantine(*arguments: str) -> list[dict[str, Any]]:
        ran = depeche(monkeypatch, capsys, "quarantine", *arguments, "--json")
        assert ran.status == 0, ran.err
        return [json.loads(line) for line in ran.out.splitlines()]

    endpoints = Endpoints(redis_url=redis_url, database_url=database_url)
    with running_stack(tmp_path / "stack", endpoints, PYTHONPATH=f"{tmp_path}:{Path.cwd()}") as stack:
        urls = [site.serve(f"/broken/{n}", story(f"BROKEN {n}")) for n in range(5)]
        before = stack.land(*urls)
        (cause,) = quarantine("list", "--causes")
        assert (cause["cases"], cause["stage"]) == (5, "parse")
        assert cause["cause"].startswith("LookupError at ")
        (tmp_path / "stack" / "mended").touch()
        (done,) = quarantine("replay", "--host", "127.0.0.1", "--wait")
        assert (done["sent"], done["left"], done["fates"]) == ({"parsed": 5}, [], {"stored": 5})
        after = stack.land()
    for url in urls:
        assert (before[url]["fate"], after[url]["fate"]) == ("quarantined", "stored")
        assert after[url]["fetched_at"] == before[url]["fetched_at"]
        assert site.asked(url[url.index("/broken") :]) == 1
