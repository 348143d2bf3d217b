"""On which line of a sources file does a table or a key stand?

tomllib gives no positions, so this module looks for the headers and keys itself. It need not understand every way to
write TOML: an error message without a line still names the source by its number.
"""

import re
from collections import Counter
from collections.abc import Sequence

_NAME = r"[\"']?(?P<name>[^\s=.\"'\[\]#]+)[\"']?"
HEADER = re.compile(rf"^\s*(?P<brackets>\[\[?)\s*{_NAME}\s*(?:\.\s*[\"']?(?P<key>[\w-]+))?[^\]]*\]")
KEY = re.compile(rf"^\s*{_NAME}\s*[.=]")
QUOTES = re.compile(r'"""|\'\'\'')

# A table and its number among those of its name, such as ("source", 3); None for what stands before all tables.
Table = tuple[str, int] | None


class Places:
    """The line numbers of a file's tables and keys."""

    def __init__(self, text: str) -> None:
        self._tables: dict[Table, int] = {}
        self._keys: dict[tuple[Table, str], int] = {}
        self._of_name: Counter[str] = Counter()
        table: Table = None
        for number, line in _lines(text):
            header = HEADER.match(line)
            if header is not None:
                table = self._table_of(header, number)
            elif found := KEY.match(line):
                self._keys.setdefault((table, found["name"]), number)

    def line_of(self, location: Sequence[int | str]) -> int | None:
        """Returns the line of a location such as ("source", 3, "every"), or else the line of its table, or None.

        A location without a number, such as ("sorce",), is a table or a key outside all tables.
        """
        name, number = str(location[0]), next((part for part in location if isinstance(part, int)), None)
        if number is None:
            return self._keys.get((None, name), self._tables.get((name, 0)))
        key = next((part for part in location[1:] if isinstance(part, str)), "")
        return self._keys.get(((name, number), key), self._tables.get((name, number)))

    def lines_of_tables(self, name: str) -> list[int]:
        """Returns the lines of all tables of this name."""
        return [line for table, line in self._tables.items() if table is not None and table[0] == name]

    def _table_of(self, header: re.Match[str], line: int) -> Table:
        """Returns the table to which the keys below this header belong, such as the source of `[source.headers]`."""
        name = header["name"]
        if header["key"] is not None and self._of_name[name]:
            table = (name, self._of_name[name] - 1)
            self._keys.setdefault((table, header["key"]), line)
            return table
        table = (name, self._of_name[name])
        self._of_name[name] += 1
        self._tables[table] = line
        return table


def _lines(text: str) -> list[tuple[int, str]]:
    """Returns the numbered lines that do not lie within a multi-line string."""
    found, within = [], False
    for number, line in enumerate(text.split("\n"), start=1):
        if not within:
            found.append((number, line))
        if len(QUOTES.findall(line)) % 2:
            within = not within
    return found
