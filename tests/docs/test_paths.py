"""Every file that the documents, docstrings and comments name is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = "benchmarks|cli|deploy|docs|findings|requirements|services|shared|tests"
# `services/parser/page.py` and `services/parser/body/`, wherever they stand in a text.
FROM_ROOT = re.compile(
    rf"(?<![\w./-])(?:{FOLDERS})/(?:[\w.-]+/)*(?:[\w-]+\.(?:py|sql|lua|toml|json|html|md|txt|yml)\b)?"
)
# `page.py`, by which a text means a file that its reader knows where to find.
BY_NAME = re.compile(r"(?<![\w./-])[a-z]\w*\.(?:py|sql|lua)\b(?![\w(.])")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
CODE = re.compile(r'"""(.*?)"""|#([^\n"]*)', re.DOTALL)
# Files of other projects (a corpus has an evaluate.py), and the history of what was.
ELSEWHERE = {"evaluate.py"}
HISTORY = {ROOT / "CHANGELOG.md"}


def files(*suffixes: str) -> list[Path]:
    """The repository's own files of these kinds."""
    tops = [ROOT / name for name in (*FOLDERS.split("|"), ".github", ".ci")]
    found = [path for top in tops for path in top.rglob("*")] + list(ROOT.iterdir())
    return [path for path in found if path.is_file() and path.suffix in suffixes and path not in HISTORY]


NAMES = {path.name for path in files(".py", ".sql", ".lua")} | ELSEWHERE


def prose(path: Path) -> str:
    """A module's docstrings and comments; of another file the whole text."""
    text = path.read_text("utf-8")
    return "\n".join(a or b for a, b in CODE.findall(text)) if path.suffix == ".py" else text


def is_there(named: str, by: Path) -> bool:
    """From the root, or from the folder of the file that names it."""
    return (ROOT / named).exists() or (by.parent / named).exists()


@pytest.mark.parametrize("kind", [".md", ".py", ".sql", ".lua", ".toml", ".yml"])
def test_paths_from_the_root_are_there(kind: str) -> None:
    named = [(path, name) for path in files(kind) for name in FROM_ROOT.findall(prose(path))]
    assert [(str(path.relative_to(ROOT)), name) for path, name in named if not is_there(name, path)] == []


@pytest.mark.parametrize("kind", [".md", ".py"])
def test_files_named_without_their_folder_are_there(kind: str) -> None:
    named = [(path, name) for path in files(kind) for name in BY_NAME.findall(prose(path))]
    assert [(str(path.relative_to(ROOT)), name) for path, name in named if name not in NAMES] == []


def test_links_between_documents_lead_somewhere() -> None:
    named = [(path, link) for path in files(".md") for link in LINK.findall(prose(path))]
    assert len(named) > 20
    assert [(str(path.relative_to(ROOT)), link) for path, link in named if not (path.parent / link).exists()] == []


def test_no_document_abbreviates_paths_with_braces() -> None:
    """A shell can read them, but no search for the full path finds the place."""
    braces = re.compile(rf"(?:{FOLDERS})/[\w/]*\{{[\w,]+\}}")
    assert [(path.name, braces.findall(prose(path))) for path in files(".md") if braces.search(prose(path))] == []


def test_what_is_missing_is_found() -> None:
    text = (
        "See `services/parser/no_page.py`, services/nowhere/ and page.py; not https://cli/x.md, urls.py(1) or a.b.py."
    )
    by = ROOT / "README.md"
    assert [name for name in FROM_ROOT.findall(text) if not is_there(name, by)] == [
        "services/parser/no_page.py",
        "services/nowhere/",
    ]
    assert BY_NAME.findall(text) == ["page.py"]


def test_functions_named_with_their_file_are_in_it() -> None:
    """`Ledger.accept` in `shared/flight/ledger.py`: docs/architecture.md tells the way of a page like that."""
    pairs = re.findall(r"`([\w.]+)` in\s+`([\w/]+\.py)`", (ROOT / "docs" / "architecture.md").read_text("utf-8"))
    assert len(pairs) > 40
    assert [(name, file) for name, file in pairs if not is_defined(name, ROOT / file)] == []


def is_defined(name: str, file: Path) -> bool:
    """A function, a class or a constant of that name; of `Class.method` both."""
    text = file.read_text("utf-8")
    return all(re.search(rf"^\s*(?:def |class )?{part}\b\s*[(:=\[]", text, re.MULTILINE) for part in name.split("."))
