"""Which files do the words after `depeche replay` mean? Files, folders, patterns, and - for standard input."""

import glob
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from services.fetcher.archive.warc_members import STDIN
from shared.failures import UserError

# Names of archives, those included that cannot be read: they are named, not passed over.
ARCHIVE_NAME = re.compile(
    r"\.(?:warc|wet|wat|arc)(?:\.(?:gz|zst|lz4|bz2|xz))?(?:\.open)?$|\.(?:wacz|har)$", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class Found:
    """The archives, each once, in the order in which they were named; folders held `others` files beside them."""

    archives: list[Path]
    others: int


def find_archives(words: Iterable[Path]) -> Found:
    """Returns the archives that are meant; raises UserError for a word that means none."""
    archives: dict[Path, Path] = {}
    others: set[Path] = set()
    for word in words:
        within = list(_meant(word))
        for path, is_archive in within:
            if is_archive:
                archives.setdefault(path.resolve(), path)
            else:
                others.add(path.resolve())
        if not any(is_archive for _, is_archive in within):
            raise UserError(f"There is no archive in the folder {word}." if within or word.is_dir() else _missing(word))
    return Found(archives=list(archives.values()), others=len(others - archives.keys()))


def size_of(archive: Path) -> int:
    """Returns the archive's size in bytes, 0 for standard input, whose size nobody knows."""
    return 0 if archive == STDIN else archive.stat().st_size


def _meant(word: Path) -> Iterator[tuple[Path, bool]]:
    if word == STDIN or word.is_file():
        yield word, True
    elif word.is_dir():
        for folder, folders, names in os.walk(word):
            folders.sort()
            for name in sorted(names):
                yield Path(folder, name), ARCHIVE_NAME.search(name) is not None
    else:
        for path in sorted(map(Path, glob.glob(str(word), recursive=True))):  # noqa: PTH207 - Path.glob takes no absolute pattern
            if path.is_file():
                yield path, True


def _missing(word: Path) -> str:
    return f"There is no file {word}."
