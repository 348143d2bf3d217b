"""`depeche inspect --fields` and `--json`: why is this author missing, and why that date?"""

import json
import re
from pathlib import Path

from tests.cli.conftest import Run

URL = "https://kustbode.example/nieuws/duinen"
DOCS = Path(__file__).parents[3] / "docs" / "inspect.md"
SENTENCE = (
    "De duinen bij het dorp groeien weer, twee meter in drie winters, en de strandpalen staan nu midden in het zand. "
)
PAGE = f"""<!doctype html><html lang="nl"><head><title>Duinen groeien weer | Kustbode</title>
<meta property="og:site_name" content="Kustbode"><meta property="og:title" content="Zo groeit een duin">
<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "Duinen groeien weer",
"author": {{"name": "Kustbode"}}, "publisher": {{"name": "Kustbode"}}}}</script>
<meta property="article:published_time" content="2031-01-01T00:00:00Z">
<link rel="canonical" href="/"></head><body><main><article><h1>Duinen groeien weer</h1>
<p class="byline">Foto: Mila Duinker</p><p class="date">3 maart 2025</p>
<p>{SENTENCE * 3}</p><p>{SENTENCE * 2}</p><p>{SENTENCE * 3}</p></article></main></body></html>"""


def test_the_example_of_the_documentation_is_what_the_command_prints(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE, "utf-8")
    ran = run("inspect", "page.html", "--url", URL, "--fields")
    assert ran.status == 0
    [example] = re.findall(r"```text\n(.*?)```", DOCS.read_text("utf-8"), re.S)
    printed = [line.rstrip() for line in ran.out.splitlines()]
    for block in example.strip("\n").split("\n…\n"):
        lines = block.splitlines()
        at = printed.index(lines[0])
        assert printed[at : at + len(lines)] == lines


def test_json_has_a_line_for_each_field(run: Run) -> None:
    ran = run("inspect", "-", "--url", URL, "--json", stdin=PAGE.encode())
    fields = {field["name"]: field for field in map(json.loads, ran.out.splitlines())}
    assert (ran.status, ran.err) == (0, "")
    assert fields["authors"]["values"] == []
    assert {"said_by": "<link rel=canonical>", "value": "/", "why": "a front page"} in fields["canonical_url"][
        "passed_over"
    ]
    assert all(field["why"] for field in fields.values())


def test_no_report_is_written(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE, "utf-8")
    assert run("inspect", "page.html", "--fields").status == 0
    assert [file.name for file in tmp_path.glob("*.html")] == ["page.html"]


def test_text_of_the_page_is_no_command_for_the_terminal(run: Run) -> None:
    page = PAGE.replace("Zo groeit een duin", "[bold]Zo\x1b]0;pwned\x07 groeit")
    out = run("inspect", "-", "--fields", stdin=page.encode()).out
    assert "\x1b]" not in out
    assert "[bold]Zo" in out


def test_the_report_shows_what_was_passed_over(run: Run) -> None:
    html = run("inspect", "-", "-o", "-", "--url", URL, stdin=PAGE.encode()).out
    text = " ".join(re.sub(r"<[^>]*>", " ", html).split())
    assert "passed over: Zo groeit een duin (meta og:title): the heading that readers see comes first" in text
    assert "passed over: / (&lt;link rel=canonical&gt;): a front page" in text
