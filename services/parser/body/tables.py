"""Which tables hold data, and which only lay out text? The rows of those with data, and their captions."""

from services.parser.outline.outline import Element, Outline
from shared.parsed_page import Block

# Cells longer than this on average, or one as long as this, make a table a layout, not data.
LAYOUT_CELL_CHARS, LAYOUT_ONE_CELL = 150, 600
# A paragraph from this length on in a table without a head, caption or summary is text that the table lays out.
PROSE_CHARS = 200
# A cell spans at most so many columns and rows, and a table has at most so many cells; more are a mistake.
MOST_SPANNED, MOST_CELLS = 50, 5_000

_CELLS = frozenset(["td", "th"])
_LAYING_OUT = frozenset(["article", "form", "h1", "main", "nav", "table"])
_NAMING = frozenset(["caption", "th", "thead"])


def table_of(outline: Outline, table: Element) -> Block | None:
    """Returns the block of a table with data; None for one that lays out text."""
    if is_layout(outline, table):
        return None
    rows = _rows_of(outline, table)
    text = "\n".join(filter(None, (_line_of(outline, row) for row in outline.subtree(table) if row.tag == "tr")))
    return Block(type="table", text=text, rows=rows, caption=_caption_of(outline, table)) if rows else None


def is_layout(outline: Outline, table: Element) -> bool:
    """Whether a table lays out text: by its role, by what stands in it, or by its cells."""
    if (table.attrs.get("role") or "") in {"presentation", "none"} or not table.chars:
        return True
    inside = outline.subtree(table)
    cells = [element for element in inside if element.tag in _CELLS]
    if not cells or any(element.tag in _LAYING_OUT for element in inside):
        return True
    filled = [cell.chars for cell in cells if cell.chars]
    if max(filled, default=0) > LAYOUT_ONE_CELL or table.chars > LAYOUT_CELL_CHARS * max(1, len(filled)):
        return True
    if any(element.tag in _NAMING for element in inside):
        return False
    rows = [cell.parent.index for cell in cells if cell.parent is not None]
    if len(set(rows)) in {1, len(rows)}:  # one row, or one column
        return True
    return any(element.tag == "p" and element.chars > PROSE_CHARS for element in inside)


def _rows_of(outline: Outline, table: Element) -> list[list[str]]:
    """Returns the rows without empty ones; a cell that spans columns or rows is repeated in each."""
    rows: list[list[str]] = []
    hanging: dict[int, tuple[int, str]] = {}
    cells = 0
    for row in (element for element in outline.subtree(table) if element.tag == "tr"):
        line: list[str] = []
        for cell in (child for child in outline.children(row) if child.tag in _CELLS):
            _let_down(line, hanging)
            text = outline.text_of(cell)
            wide, high = _span(cell, "colspan"), _span(cell, "rowspan")
            for _ in range(wide):
                if high > 1:
                    hanging[len(line)] = high - 1, text
                line.append(text)
        _let_down(line, hanging)
        cells += len(line)
        if cells > MOST_CELLS:
            break
        if any(line):
            rows.append(line)
    return rows


def _line_of(outline: Outline, row: Element) -> str:
    """Returns the text of a row's own cells, each once."""
    return " | ".join(text for cell in outline.children(row) if cell.tag in _CELLS and (text := outline.text_of(cell)))


def _let_down(line: list[str], hanging: dict[int, tuple[int, str]]) -> None:
    """Put the cells of rows above that reach down to this place into the line."""
    while (held := hanging.pop(len(line), None)) is not None:
        left, text = held
        if left > 1:
            hanging[len(line)] = left - 1, text
        line.append(text)


def _span(cell: Element, name: str) -> int:
    said = (cell.attrs.get(name) or "").strip()
    return min(MOST_SPANNED, max(1, int(said))) if said.isascii() and said.isdigit() and len(said) < 6 else 1


def _caption_of(outline: Outline, table: Element) -> str | None:
    caption = next((child for child in outline.children(table) if child.tag == "caption"), None)
    return outline.text_of(caption) or None if caption is not None else None
