"""Writes services/indexer/schema/han_variants.sql from the list of characters that OpenCC keeps.

  python -m pip install opencc-purepy==1.5.0 && python -m tools.han_variants

The package is no dependency: the list is read once for a migration, and what a database was given stays as it is.
"""

from importlib.resources import files
from pathlib import Path
from textwrap import wrap

FILE = Path(__file__).parents[1] / "services" / "indexer" / "schema" / "han_variants.sql"
HEAD = """\
-- Han characters as both scripts of Chinese write them: the traditional one, and the simplified one in its place. From
-- OpenCC (Apache License 2.0), as tools/han_variants.py writes them.
CREATE TABLE depeche.han_variants (
    traditional text COLLATE "C" PRIMARY KEY,
    simplified  text NOT NULL
);
INSERT INTO depeche.han_variants (traditional, simplified)
SELECT * FROM unnest(string_to_array(
{traditional}, NULL), string_to_array(
{simplified}, NULL));
"""
WIDTH = 58  # characters of double width


def pairs(lines: str) -> list[tuple[str, str]]:
    """Every character with the one that most often takes its place, as far as both are common."""
    given = [line.split("\t") for line in lines.splitlines() if "\t" in line]
    found = [(one, other.split(" ")[0]) for one, other in given]
    return [(one, other) for one, other in found if one != other and all("一" <= c <= "鿿" for c in one + other)]


def main() -> None:
    """Write the file."""
    found = pairs((files("opencc_purepy") / "dicts" / "TSCharacters.txt").read_text("utf-8"))
    traditional, simplified = (_lines("".join(column)) for column in zip(*found, strict=True))
    FILE.write_text(HEAD.format(traditional=traditional, simplified=simplified), "utf-8")


def _lines(characters: str) -> str:
    return "\n".join(f"    '{line}'" for line in wrap(characters, WIDTH))


if __name__ == "__main__":
    main()
