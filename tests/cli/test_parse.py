"""`depeche parse`: one page or many, from files, standard input and the web."""

import gzip
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.support.site import Site

PAGE = b"""<!doctype html><html lang="en"><head><title>Harbour opens</title></head><body><article><h1>Harbour opens</h1>
<p>The new harbour has opened after nine years of work, the port authority said on Thursday morning.</p>
<p>The first ships came in at noon, and many people stood at the pier to see them, in spite of the rain.</p>
</article></body></html>"""


def parsed(line: str) -> dict[str, object]:
    result = json.loads(line)
    assert {"url", "canonical_url", "page_type", "language", "article", "headlines", "parser_version"} <= result.keys()
    return result


def test_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(PAGE)
    ran = run("parse", "page.html", "--url", "https://news.example/harbour")
    assert ran.status == 0
    assert parsed(ran.out)["url"] == "https://news.example/harbour"


def test_standard_input_and_gzip_give_the_same(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.html.gz").write_bytes(gzip.compress(PAGE))
    from_file, from_stdin = run("parse", "page.html.gz"), run("parse", "-", stdin=PAGE)
    assert (from_file.status, from_stdin.status) == (0, 0)
    assert parsed(from_file.out) == parsed(from_stdin.out)


def test_a_web_address(run: Run, monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    monkeypatch.setenv("DEPECHE_ALLOW_NETWORKS", "127.0.0.0/8")
    site.serve("/harbour", PAGE)
    ran = run("parse", site.url("/harbour"))
    assert ran.status == 0
    assert parsed(ran.out)["url"] == site.url("/harbour")


def test_a_manifest_gives_a_line_a_page_and_says_which_could_not_be_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(PAGE)
    (tmp_path / "page.html.gz").write_bytes(gzip.compress(PAGE))
    (tmp_path / "broken.gz").write_bytes(gzip.compress(PAGE)[:-20])
    (tmp_path / "bent.gz").write_bytes(gzip.compress(PAGE)[:10] + b"\xff" * 50)
    (tmp_path / "empty.html").write_bytes(b"")
    files = ["page.html", "page.html.gz", "none.html", "broken.gz", "bent.gz", "empty.html", ".", "nul\0.html"]
    lines = [json.dumps({"id": n, "file": f, "url": f"https://news.example/{n}"}) for n, f in enumerate(files)]
    (tmp_path / "pages.jsonl").write_text("\n".join([*lines, "", json.dumps({"id": "x", "file": "page.html"})]) + "\n")
    ran = run("parse", "--manifest", "pages.jsonl")
    results = [parsed(line) for line in ran.out.splitlines()]
    assert [result["id"] for result in results] == [*range(8), "x"]
    assert [n for n, result in enumerate(results) if "error" in result] == [2, 3, 4, 5, 6, 7]
    assert results[2]["error"] == {
        "reason": "unreadable_file",
        "detail": "Cannot read none.html: No such file or directory",
    }
    assert results[0] | {"id": 1, "url": results[1]["url"]} == results[1]
    assert ran.status == 1
    assert "6 of 9 pages" in ran.err


def test_a_manifest_in_gzip_with_nothing_wrong_exits_zero(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(PAGE)
    (tmp_path / "pages.jsonl.gz").write_bytes(gzip.compress(b'{"id": "a", "file": "page.html"}'))
    assert run("parse", "--manifest", "pages.jsonl.gz").status == 0
