"""The parser benchmark on a corpus of one page, whose evaluate.py reports what it was given."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

EVALUATE = """
import json, pathlib, sys
what, *rest = sys.argv[1:]
if what == "manifest":
    for page in sorted(pathlib.Path(rest[0], "pages").glob("*.html")):
        print(json.dumps({"id": page.stem, "file": str(page), "url": "https://press.example/" + page.stem}))
elif what == "peer":
    print(json.dumps({"id": "ferry", "article": {"text": rest[0]}, "headlines": []}))
else:
    results = [json.loads(line) for line in open(rest[1], encoding="utf-8")]
    print(json.dumps({"pages": len(results), "F1": float(results[0]["url"].endswith("ferry"))}))
"""
PAGE = """<html lang="en"><head><title>Night ferry</title></head><body><article><h1>Night ferry</h1>
<p>The night ferry of Harrowmere carries freight again, and the council of Eastmoor has voted for the tram.</p>
<p>It was the third vote in a year, and the closest, said the clerk who counted the hands that went up.</p>
</article></body></html>"""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "evaluate.py").write_text(EVALUATE, "utf-8")
    for folder, gold in (("articles/papers", "gold.json"), ("ticker", "labels.json")):
        (tmp_path / folder / "pages").mkdir(parents=True)
        (tmp_path / folder / gold).write_text("{}", "utf-8")
        (tmp_path / folder / "pages" / "ferry.html").write_text(PAGE, "utf-8")
    return tmp_path


def run(*arguments: object) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "benchmarks.parser", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False)


def test_each_set_is_scored_by_the_corpus_own_script(corpus: Path) -> None:
    done = run(corpus, "--quick", "--json")
    assert done.returncode == 0, done.stderr.decode()
    results = json.loads(done.stdout)
    assert [(s["set_name"], s["how"], s["contender"], s["metrics"]) for s in results["scores"]] == [
        ("papers", "articles", "Depeche", {"pages": 1, "F1": 1.0}),
        ("ticker", "tickers", "Depeche", {"pages": 1, "F1": 1.0}),
    ]
    bare, ours = results["timings"]
    assert (bare["times_bare"], ours["times_ours"]) == (1, 1)
    assert ours["ms"] > bare["ms"] > 0


def test_some_sets_only_and_as_tables(corpus: Path) -> None:
    done = run(corpus, "--quick", "--sets", "ticker")
    assert done.returncode == 0, done.stderr.decode()
    text = done.stdout.decode()
    assert "**Headlines: ticker**, 1 pages" in text
    assert "papers" not in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(["--sets", "films"], "The corpus has no set 'films'"), (["--peers", "nobody"], "'nobody' is no peer")],
)
def test_what_there_is_not_is_named(corpus: Path, arguments: list[str], sentence: str) -> None:
    done = run(corpus, *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr.decode()


def test_a_folder_that_is_no_corpus_is_said_to_be_none(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 2
    assert "is no corpus" in done.stderr.decode()


def test_fewer_results_than_pages_are_not_scored(corpus: Path) -> None:
    # A blank line of the manifest gives no result, as a parse that ended early would for its last pages.
    (corpus / "evaluate.py").write_text(EVALUATE.replace("stem}))", "stem}) + chr(10))", 1), "utf-8")
    done = run(corpus, "--quick", "--sets", "papers")
    assert done.returncode == 2
    assert "`depeche parse` failed on papers" in done.stderr.decode()
