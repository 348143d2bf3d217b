"""The SQL files of the schema: its present state (schema.sql), and the numbered steps to it (migrations/)."""

import re
from pathlib import Path

import msgspec

FOLDER = Path(__file__).parent
PRESENT = FOLDER / "schema.sql"
BASELINE = "0001_baseline.sql"

# An include as in psql: the file of that name, in the folder of the file that includes it, takes the line's place.
INCLUDE = re.compile(r"^\\ir (\S+)$", re.MULTILINE)


class Migration(msgspec.Struct, frozen=True, kw_only=True):
    """One numbered file of `migrations/`."""

    version: int
    name: str
    sql: str


def all_migrations() -> list[Migration]:
    """Return the migrations of this version of Depeche, in order."""
    return [
        Migration(version=int(file.name[:4]), name=file.name, sql=read(file))
        for file in sorted(FOLDER.glob("migrations/*.sql"))
    ]


def read(file: Path) -> str:
    """Return the text of a file, with the files that it includes in place of the lines that name them."""
    return INCLUDE.sub(lambda line: read(file.parent / line[1]), file.read_text("utf-8"))
