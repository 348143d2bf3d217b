"""Writes a text of the state as HTML: a string, a list of paragraphs, or blocks of any content system.

Content systems name their blocks alike (words.toml), so one reader serves them all: Arc, Portable Text, ProseMirror,
Slate, Lexical, Draft.js, Editor.js, Contentful, Gutenberg, React's elements.
"""

import html
import re
from collections.abc import Mapping

from services.parser.language.folding import bare
from services.parser.state.words import KIND_NAMES, Kind, is_apart, is_named, kind_of, plain_name

# Blocks in blocks; rich text stays below 12.
DEEPEST = 24
# Two texts of one record that share so many letters are the same text twice.
TWIN_CHARS = 60

_TAG = re.compile(r"</?[a-z][a-z0-9-]*(?:\s[^<>]*)?/?>", re.I)
_ANY_TAG = re.compile(r"<[^<>]*>")
_BLOCK_TAG = re.compile(r"<(?:p|div|h[1-6]|ul|ol|blockquote|section|article|figure|table)\b", re.I)
_ESCAPED_TAG = re.compile(r"&(?:amp;)?lt;/?(?:p|br|div|h[1-6]|ul|blockquote|a|strong|em|b|i|span)\b", re.I)
_PARAGRAPHS = re.compile(r"(?:\r?\n|\r|\u2028|\u2029)[^\S\n]*(?:\r?\n|\r)*")
_MARKED_LINE = re.compile(r"(#{1,6}|[-*+]|\d+\.|>)\s+")
_EMPHASIS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_LINK = re.compile(r"!?\[([^\]\[]*)\]\((?:[^()\s]+)(?:\s+\"[^\"]*\")?\)")
_WIDE = re.compile(r"</ul>\s*<ul>")
_BLOCKS: frozenset[Kind | None] = frozenset({"paragraph", "heading", "list", "quote", "image", "table", "raw"})
# What stands within a paragraph, although the word may be the name of a paragraph too.
_INLINE_KINDS = frozenset({"text", "span", "inline", "richtext", "hyperlink"})
_WRAPS: dict[Kind, str] = {"paragraph": "p", "quote": "blockquote", "item": "li", "heading": "h2"}


def markup_of(value: object, depth: int = 0) -> str:
    """Returns HTML of a value at the level of blocks; "" if it says nothing."""
    if depth > DEEPEST:
        return ""
    if isinstance(value, str):
        return _text_markup(value)
    if isinstance(value, list):
        return _WIDE.sub("", "".join(markup_of(item, depth + 1) for item in value))
    if isinstance(value, Mapping):
        return _block(value, depth)
    return ""


def _text_markup(text: str) -> str:
    if _ESCAPED_TAG.search(text):
        text = html.unescape(text)
    if _BLOCK_TAG.search(text):
        return text
    if _TAG.search(text):
        return f"<div>{text}</div>" if re.search(r"<br", text, re.I) else f"<p>{text}</p>"
    return "".join(_line_markup(line.strip()) for line in _PARAGRAPHS.split(html.unescape(text)) if line.strip())


def _line_markup(line: str) -> str:
    """Returns HTML of a paragraph of plain text; of Markdown, what begins a line and what makes words bold or links."""
    mark = _MARKED_LINE.match(line)
    said = _EMPHASIS.sub(
        r"\2", _LINK.sub(lambda link: "" if link[0][0] == "!" else link[1], line[mark.end() if mark else 0 :])
    )
    said = html.escape(said, quote=False)
    if mark is None or mark[1][0].isdigit():
        return f"<p>{html.escape(mark[0]) if mark else ''}{said}</p>" if said else ""
    if mark[1][0] == "#":
        return f"<h2>{said}</h2>"
    return f"<blockquote>{said}</blockquote>" if mark[1] == ">" else f"<ul><li>{said}</li></ul>"


def _block(block: Mapping[str, object], depth: int) -> str:  # noqa: PLR0911 (one for each kind)
    kind = block_kind(block)
    if kind == "skip":
        return ""
    if kind == "image":
        return _picture(block)
    if kind == "table":
        return _table(block, depth)
    if block.get("listItem"):  # Portable Text says so of a paragraph.
        return f"<ul><li>{_inline(block, depth)}</li></ul>"
    if kind == "list":
        return _list(block, depth)
    if kind == "paragraph" and _holds_blocks(block):
        return _container(block, depth)
    if kind in _WRAPS:
        said = _inline(block, depth)
        if _BLOCK_TAG.search(said):
            return said
        return f"<{_WRAPS[kind]}>{said}</{_WRAPS[kind]}>" if said.strip() else ""
    return _container(block, depth)


def _holds_blocks(block: Mapping[str, object]) -> bool:
    """Whether a record called a text or block holds paragraphs, not pieces of one."""
    lists = (value for value in _contents(block) if isinstance(value, list))
    children = (child for value in lists for child in value if isinstance(child, Mapping))
    return any(_is_block(child) for child in children)


def _is_block(child: Mapping[str, object]) -> bool:
    if any(said.lower() not in _INLINE_KINDS and kind_of(said) in _BLOCKS for said in _kinds(child)):
        return True
    return is_others(child) or any(
        isinstance(inner, Mapping) and any(isinstance(value, list) for value in _contents(inner))
        for held in _contents(child)
        if isinstance(held, list)
        for inner in held
    )


def _kinds(record: Mapping[str, object]) -> list[str]:
    """Returns what a record says of its kind, in order of trust."""
    said = {plain_name(name): value for name, value in record.items() if isinstance(value, str)}
    return [said[name] for name in KIND_NAMES if name in said]


def block_kind(block: Mapping[str, object]) -> Kind | None:
    """Returns the kind of the first word about it that names one."""
    return next((kind for said in _kinds(block) if (kind := kind_of(said))), None)


def _container(block: Mapping[str, object], depth: int) -> str:
    """Returns HTML of all that a record of no known kind holds, its heading first."""
    if depth and is_others(block):
        return ""
    headings = [
        f"<h2>{html.escape(html.unescape(value), quote=False)}</h2>"
        for name, value in block.items()
        if is_named(name, "heading") and isinstance(value, str) and value.strip()
    ]
    held = [
        markup_of(value, depth + 1) for name, value in block.items() if is_named(name, "content") and not is_apart(name)
    ]
    said = [(bare(_ANY_TAG.sub(" ", part)), part) for part in held if part]
    parts = [part for at, (text, part) in enumerate(said) if not _is_said(text, at, [other for other, _ in said])]
    return _WIDE.sub("", "".join([*headings[:1], *parts])) if parts else ""


def _is_said(text: str, at: int, texts: list[str]) -> bool:
    """Whether a longer text of the record, or an equal one before, says this too: plain text beside HTML."""
    return any(
        text[:TWIN_CHARS] in other and (len(other) > len(text) or (len(other) == len(text) and place < at))
        for place, other in enumerate(texts)
        if place != at
    )


def is_others(record: Mapping[str, object]) -> bool:
    """Whether a record without a kind is another story, with an address or an author of its own, or a comment."""
    heads = [
        record,
        *(value for name, value in record.items() if isinstance(value, Mapping) and is_named(name, "props")),
    ]
    names = [name for head in heads for name in head]
    return any(is_named(name, "writer") for name in names) or (
        any(is_named(name, "title") for name in names) and any(is_named(name, "address") for name in names)
    )


def _inline(value: object, depth: int) -> str:  # noqa: PLR0911 (one for each kind)
    """Returns HTML of what stands within a block."""
    if depth > DEEPEST:
        return ""
    if isinstance(value, str):
        text = html.unescape(value) if _ESCAPED_TAG.search(value) else value
        return text if _TAG.search(text) or "&" in text else html.escape(text, quote=False)
    if isinstance(value, list):
        return "".join(_inline(item, depth + 1) for item in value)
    if not isinstance(value, Mapping):
        return ""
    kind = str(value.get("type") or value.get("tag") or "").lower().replace("_", "")
    if kind in {"hardbreak", "br", "linebreak"}:
        return "<br>"
    for name, inner in value.items():
        if is_named(name, "content") and isinstance(inner, str | list | Mapping):
            said = _inline(inner, depth + 1)
            if said:
                return f"{said} " if kind in {"paragraph", "listitem"} and isinstance(inner, list) else said
    return ""


def _list(block: Mapping[str, object], depth: int) -> str:
    items = next((value for value in _contents(block) if isinstance(value, list)), [])
    said = "".join(f"<li>{text}</li>" for item in items if (text := _inline(item, depth + 1)).strip())
    if not said:
        return next((text for text in _contents(block) if isinstance(text, str) and "<li" in text), "")
    return f"<ul>{said}</ul>"


def _contents(block: Mapping[str, object]) -> list[object]:
    """Returns what a record holds, and what a record in it holds."""
    direct = [value for name, value in block.items() if is_named(name, "content")]
    return direct + [inner for value in direct if isinstance(value, Mapping) for inner in _contents(value)]


def _table(block: Mapping[str, object], depth: int) -> str:
    holder = next(
        (value for value in (block, *_contents(block)) if isinstance(value, Mapping) and "rows" in value), block
    )
    rows = [holder.get("header") or holder.get("head"), *(rows if isinstance(rows := holder.get("rows"), list) else [])]
    lines = [row if isinstance(row, list) else _cells(row) for row in rows if row]
    cells = ("".join(f"<td>{_inline(cell, depth + 1)}</td>" for cell in line) for line in lines if line)
    said = "".join(f"<tr>{row}</tr>" for row in cells)
    if said:
        return f"<table>{said}</table>"
    return next((text for text in _contents(block) if isinstance(text, str) and "<tr" in text), "")


def _cells(row: object) -> list[object]:
    if not isinstance(row, Mapping):
        return []
    return next((value for value in (row.get("cells"), *_contents(row)) if isinstance(value, list)), [])


def _picture(block: Mapping[str, object]) -> str:
    address = next((value for name in ("url", "src") if isinstance(value := block.get(name), str)), "")
    caption = next((value for name in ("caption", "subtitle") if isinstance(value := block.get(name), str)), "")
    if not address.startswith(("http://", "https://", "/")):
        return ""
    said = f"<figcaption>{_inline(caption, 0)}</figcaption>" if caption else ""
    return f'<figure><img src="{html.escape(address)}" alt="">{said}</figure>'
