"""Tables for people: they are readable in a terminal of any width."""

import io

import pytest
from rich.console import Console

from cli.output import print_table

COLUMNS = {"name": "Source", "last": "Last visit", "result": "Result", "faults": "Faults"}
ROWS = [
    {"name": "beacon", "last": "5m ago", "result": "parsed", "faults": "read 12 entries, mended 3 from line 7 on"},
    {"name": "gazette-[bold]-\x1b[31mfeed", "last": None, "result": "failed: robots_unreachable", "faults": None},
]


def terminal(width: int) -> Console:
    """A terminal without colours."""
    return Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)


def printed(width: int, title: str | None = None) -> list[str]:
    to = terminal(width)
    print_table(ROWS, COLUMNS, title=title, to=to)
    assert isinstance(to.file, io.StringIO)
    return [line.rstrip() for line in to.file.getvalue().splitlines()]


def test_a_table_where_no_word_need_be_broken() -> None:
    for width in (62, 90):
        lines = printed(width, "Sources")
        assert lines[0] == "Sources"
        assert any("beacon" in line and "5m ago" in line and "parsed" in line for line in lines)
        assert any("robots_unreachable" in line for line in lines)
        assert max(map(len, lines)) <= width


def test_a_few_lines_a_row_where_the_terminal_is_too_narrow() -> None:
    assert printed(50, "Sources") == [
        "Sources",
        "Source      beacon",
        "Last visit  5m ago",
        "Result      parsed",
        "Faults      read 12 entries, mended 3 from line 7 on",
        "",
        "Source      gazette-[bold]- [31mfeed",
        "Result      failed: robots_unreachable",
    ]


@pytest.mark.parametrize("width", [60, 80])
def test_a_long_address_alone_makes_no_table_fall_apart(width: int) -> None:
    to = terminal(width)
    print_table([{"url": "https://beacon.example/" + "a" * 90, "n": 1}], {"n": "#", "url": "Address"}, to=to)
    assert isinstance(to.file, io.StringIO)
    assert "Address" in to.file.getvalue().splitlines()[1]


def test_no_rows() -> None:
    to = terminal(20)
    print_table([], COLUMNS, to=to)
    assert isinstance(to.file, io.StringIO)
    assert len(to.file.getvalue().splitlines()) <= 4


def test_what_is_piped_is_as_wide_as_it_has_to_be() -> None:
    to = Console(file=io.StringIO(), width=80)
    words = "a long line " * 30
    print_table([{"name": words.strip(), "last": "5m ago"}], COLUMNS, title="Sources", to=to)
    assert isinstance(to.file, io.StringIO)
    [row] = [line for line in to.file.getvalue().splitlines() if "5m ago" in line]
    assert words.strip() in row
