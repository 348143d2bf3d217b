"""The pipeline beside Scrapy, as it is run: `make bench-pipeline PEER=scrapy`, with fewer pages."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = """<html lang="en"><head><title>{0}</title></head><body><article><h1>{0}</h1>
<p>The night ferry of Harrowmere carries freight again, and the council of Eastmoor has voted for the tram.</p>
<p>It was the third vote in a year, and the closest, said the clerk who counted the hands that went up.</p>
</article></body></html>"""


@pytest.mark.workers
def test_both_sides_store_every_page(tmp_path: Path) -> None:
    for title in ("Night ferry", "Tram vote", "Third vote"):
        (tmp_path / f"{title}.html").write_text(PAGE.format(title), "utf-8")
    command = [sys.executable, "-m", "benchmarks.peer", tmp_path, "--pages", "55", "--repeats", "1", "--json"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    results = json.loads(done.stdout)
    assert set(results["turns"]) == {"as it is", "without compiled parts"}
    for [turn] in results["turns"].values():
        assert turn["depeche"]["pages"] == turn["peer"]["pages"] == 55
        assert set(turn["peer"]["cpu_ms"]) == {"peer", "Postgres", "page server"}
        assert {"fetcher", "parser", "indexer", "tick", "Redis", "Postgres"} < set(turn["depeche"]["cpu_ms"])
        assert all(turn[side]["cpu_ms"]["Postgres"] > 0 for side in turn)
    for side in results["filled"].values():
        assert side["title"] == side["body"] == 100
