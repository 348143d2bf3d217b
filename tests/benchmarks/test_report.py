"""Tables and the sections that the benchmarks write."""

from pathlib import Path

import pytest

from benchmarks.report import DOCUMENT, significant, table, write_section
from shared.failures import UserError


def test_a_section_is_replaced_and_the_rest_is_left_alone(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text("before\n<!-- a -->\nold\n<!-- /a -->\nbetween\n<!-- b -->\n<!-- /b -->\nafter\n", "utf-8")
    write_section("a", "new", document)
    write_section("b", "more", document)
    assert document.read_text("utf-8") == (
        "before\n<!-- a -->\nnew\n<!-- /a -->\nbetween\n<!-- b -->\nmore\n<!-- /b -->\nafter\n"
    )


def test_a_document_without_the_section_is_not_touched(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text("<!-- a -->", "utf-8")
    with pytest.raises(UserError, match="no section"):
        write_section("a", "new", document)
    assert document.read_text("utf-8") == "<!-- a -->"


@pytest.mark.parametrize("name", ["pipeline", "parser"])
def test_the_document_has_each_section_once(name: str) -> None:
    text = DOCUMENT.read_text("utf-8")
    assert text.count(f"<!-- {name} -->") == text.count(f"<!-- /{name} -->") == 1


def test_a_table_lines_up_and_leaves_missing_cells_empty() -> None:
    lines = table([{"name": "a", "ms": 1234.5}, {"name": "long name", "share": "5 %"}]).splitlines()
    assert lines == [
        "| name      | ms    | share |",
        "|-----------|-------|-------|",
        "| a         | 1,234 |       |",
        "| long name |       | 5 %   |",
    ]


@pytest.mark.parametrize(
    ("value", "shown"), [(1234.5, "1,234"), (12.34, "12.3"), (1.234, "1.23"), (0.0, "0.00"), (0.00456, "0.0046")]
)
def test_numbers_keep_the_digits_that_mean_something(value: float, shown: str) -> None:
    assert significant(value) == shown
