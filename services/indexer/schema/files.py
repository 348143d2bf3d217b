"""The SQL files of the schema: what it is now (schema.sql), and the numbered steps that lead there (migrations/)."""

import re
from pathlib import Path

import msgspec

FOLDER = Path(__file__).parent
PRESENT = FOLDER / "schema.sql"
BASELINE = "0001_baseline.sql"

# As psql has it: the file of that name, looked for beside the one that names it, stands here.
INCLUDE = re.compile(r"^\\ir (\S+)$", re.MULTILINE)


class Migration(msgspec.Struct, frozen=True, kw_only=True):
    """One numbered file of `migrations/`."""

    version: int
    name: str
    sql: str


def all_migrations() -> list[Migration]:
    """The files of this version, in order."""
    return [
        Migration(version=int(file.name[:4]), name=file.name, sql=read(file))
        for file in sorted(FOLDER.glob("migrations/*.sql"))
    ]


def read(file: Path) -> str:
    """The statements of a file, with those of the files that it includes."""
    return INCLUDE.sub(lambda line: read(file.parent / line[1]), file.read_text("utf-8"))
