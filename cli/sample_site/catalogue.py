"""Which pages the sample site has, and what must be read from each."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SITE_FOLDER = Path(__file__).parent
PAGES_FOLDER = SITE_FOLDER / "pages"
EXPECTED_FOLDER = SITE_FOLDER / "expected"

# Served, but read by the fetcher and not by the parser.
NOT_A_PAGE = "/robots.txt"


@dataclass(frozen=True, kw_only=True)
class SamplePage:
    """One page of the site: its path as linked (`/fr/` for `fr/index.html`), its file, its expected result."""

    path: str
    file: Path
    expected_file: Path

    @property
    def expected(self) -> dict[str, Any]:
        """The facts written down for this page, in the shape that `expected.compare` takes."""
        facts: dict[str, Any] = json.loads(self.expected_file.read_text("utf-8"))
        return facts


def sample_pages() -> list[SamplePage]:
    """Every page that the parser is to read, sorted by path."""
    return [
        SamplePage(
            path=path,
            file=file,
            expected_file=EXPECTED_FOLDER / f"{file.relative_to(PAGES_FOLDER).as_posix()}.json",
        )
        for path, file in sorted(served_files().items())
        if path != NOT_A_PAGE
    ]


def served_files() -> dict[str, Path]:
    """The path of each file as its links write it; a folder's `index.html` answers for the folder."""
    return {
        "/" + file.relative_to(PAGES_FOLDER).as_posix().removesuffix("index.html"): file
        for file in PAGES_FOLDER.rglob("*")
        if file.is_file()
    }
