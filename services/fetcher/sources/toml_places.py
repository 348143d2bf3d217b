"""On which line of a sources file does a source or a key stand?

tomllib gives no positions, so this module looks for the headers and keys itself. It need not understand every way to
write TOML: an error message without a line still names the source by its number.
"""

import re
from collections.abc import Sequence

HEADER = re.compile(r"^\s*\[\[\s*[\"']?source[\"']?\s*\]\]")
TABLE = re.compile(r"^\s*\[\s*[\"']?source[\"']?\s*\.\s*[\"']?(?P<key>[\w-]+)")
KEY = re.compile(r"^\s*[\"']?(?P<key>[^\s=.\"'\[\]#]+)[\"']?\s*[.=]")
QUOTES = re.compile(r'"""|\'\'\'')


class Places:
    """The line numbers of a file's sources and keys."""

    def __init__(self, text: str) -> None:
        self._sources: list[int] = []
        self._keys: dict[tuple[int, str], int] = {}
        for number, line in _lines(text):
            if HEADER.match(line):
                self._sources.append(number)
            elif (found := TABLE.match(line) or KEY.match(line)) is not None:
                self._keys.setdefault((len(self._sources) - 1, found["key"]), number)

    def line_of(self, location: Sequence[int | str]) -> int | None:
        """Returns the line of a location such as ("source", 3, "every"), or else the line of its source, or None.

        A location without a number, such as ("sorce",), is a key outside all sources.
        """
        source = next((part for part in location if isinstance(part, int)), -1)
        keys = [part for part in location if isinstance(part, str)]
        key = "".join(keys[:1] if source < 0 else keys[1:2])
        if (source, key) in self._keys:
            return self._keys[source, key]
        return self._sources[source] if 0 <= source < len(self._sources) else None


def _lines(text: str) -> list[tuple[int, str]]:
    """Returns the numbered lines that do not lie within a multi-line string."""
    found, within = [], False
    for number, line in enumerate(text.splitlines(), start=1):
        if not within:
            found.append((number, line))
        if len(QUOTES.findall(line)) % 2:
            within = not within
    return found
