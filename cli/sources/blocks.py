"""New [[source]] blocks, with their comments, behind those that a sources file has; none twice, and none by half."""

import json
import os
import re
import tempfile
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cli.sources.subscriptions import plain
from services.fetcher.sources.file import read_sources
from services.fetcher.sources.mistakes import check_text
from services.fetcher.sources.source import Source
from shared.failures import UserError
from shared.urls import url_key

# A name stands in tables, and is typed in commands.
LONGEST_NAME = 60
# Steps of a path that every feed has tell nothing about this one.
_OF_ANY_FEED = re.compile(r"^(?:feeds?|rss\d?|atom|xml|index|default|sitemaps?|news-?sitemap)$", re.IGNORECASE)
_EXTENSION = re.compile(r"\.(?:xml|rss|atom|rdf|json|html?|php|gz|aspx?)$", re.IGNORECASE)
# Addresses of blocks that stand in comments, as those that `sources discover` does not recommend.
_IN_COMMENT = re.compile(r"^\s*#\s*(name|url)\s*=\s*\"([^\"]+)\"", re.MULTILINE)


class Existing:
    """What a sources file has already, and so what new blocks may not have; without a path, or a file, nothing."""

    def __init__(self, path: Path | None) -> None:
        there = path is not None and path.exists()
        self.sources: list[Source] = read_sources(path) if path is not None and there else []
        self.text = path.read_bytes().decode("utf-8-sig") if path is not None and there else ""
        self._names = {source.name.casefold() for source in self.sources}
        self._by_address = {url_key(source.url): source.name for source in self.sources}
        in_comments = _IN_COMMENT.findall(self.text)
        self._names |= {value.casefold() for key, value in in_comments if key == "name"}
        self._commented = {url_key(value): "a comment" for key, value in in_comments if key == "url"}

    def has(self, url: str, *, in_comments: bool = False) -> str | None:
        """Return the name of the source with this address, None if there is none; takes the address for later calls."""
        key = url_key(url)
        return self._by_address.get(key) or (self._commented.get(key) if in_comments else None)

    def take(self, url: str, *titles: str) -> str:
        """Return a new name for this address, made of the first title that gives one; it is taken from now on."""
        base = next(filter(None, map(slug, titles)), "") or name_of_address(url)
        number, name = 1, base
        while name.casefold() in self._names:
            number += 1
            name = f"{base}-{number}"
        self._names.add(name.casefold())
        self._by_address[url_key(url)] = name
        return name


def slug(title: str) -> str:
    """Return a title as a name: small letters and digits of any script, with hyphens between words."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    # Letters of Latin, Greek and Cyrillic are typed without their marks; marks of other scripts are letters.
    bare = re.sub(r"([a-z\u0370-\u052f])[\u0300-\u036f]+", r"\1", unicodedata.normalize("NFD", folded))
    letters = unicodedata.normalize("NFC", bare).replace("'", "").replace("\u2019", "")
    words = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in letters).split()
    name = "-".join(words)
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME + 1].rpartition("-")[0] or name[:LONGEST_NAME]


def name_of_address(url: str) -> str:
    """Return a name made of the host and of those steps of the path that tell something."""
    parts = urlsplit(url)
    steps = [_EXTENSION.sub("", step) for step in unquote(parts.path).split("/")]
    told = [step for step in steps if step and not _OF_ANY_FEED.match(step.strip("."))]
    return slug(" ".join([(parts.hostname or "").removeprefix("www."), *told])) or "source"


def block(keys: Mapping[str, object], comments: Iterable[str] = (), *, active: bool = True) -> str:
    """Return a [[source]] with these keys below its comments; one that is not active stands in a comment as a whole."""
    lines = ["[[source]]", *(f"{key} = {_value(value)}" for key, value in keys.items())]
    mark = "" if active else "# "
    return "".join([*(f"# {plain(line)}\n" for line in comments), *(f"{mark}{line}\n" for line in lines)])


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    # JSON's strings are TOML's, but for DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def append(path: Path, before: str, blocks: Sequence[str]) -> None:
    """Write the file anew with the blocks behind its text; the file is replaced as a whole, or stays as it is."""
    gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
    text = before + gap + "\n".join(blocks)
    try:
        mistakes = check_text(text, strict=False).mistakes
    except tomllib.TOMLDecodeError as error:
        raise UserError(
            f"{path} cannot have a [[source]] at its end ({error}); write its sources as [[source]] blocks."
        ) from error
    if mistakes:
        raise UserError(f"{path} would not be right any more: {mistakes[0].text}")
    _replace(path.resolve(), text)


def _replace(path: Path, text: str) -> None:
    mode = path.stat().st_mode & 0o7777 if path.exists() else 0o644
    try:
        with tempfile.NamedTemporaryFile(prefix=f".{path.name}.", dir=path.parent, delete=False) as file:
            new = Path(file.name)
            try:
                file.write(text.encode())
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
                new.replace(path)
            except BaseException:
                new.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise UserError(f"Cannot write {path}: {error.strerror}.") from error
