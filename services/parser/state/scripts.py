"""Which values stand in a page's scripts, and in the attributes from which scripts start? Found without running code.

Data scripts are JSON as a whole. In others each `=`, `(`, `,`, `:`, `[` or `return` may stand before a literal. A
string may be JSON again (`JSON.parse("…")`), also percent-encoded or in base64.
"""

import base64
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from services.parser.state.literals import NotLiteral, read_arguments, read_literal
from services.parser.state.packed import astro_values, flight_values, is_flat, unflattened

# A value of fewer characters holds no article.
LEAST_VALUE = 200
# So many characters of a page's scripts are read, those of failed attempts again. The largest state seen has 3 million.
MOST_READ = 8_000_000
# A try costs up to 0.1 ms in a long script. Scripts of code have some hundred such places.
MOST_TRIES = 1000
# A string in a string in a string is read, no deeper.
MOST_WRAPPED = 3

# Scripts with other data than text: shaders, templates, rules for prefetching.
_NO_DATA = re.compile(r"template|x-shader|importmap|speculationrules|html", re.I)
_ATTRIBUTES = ("data-page", "data-props", "data-react-props", "data-state", "data-initial-state", "data-store", "props")
_SELECTOR = "script, " + ", ".join(f"[{name}]" for name in _ATTRIBUTES)
# Letters by their code, brackets of JSON by percent, and `{"` in base64.
_CODES = ("\\u0", "\\u4", "\\u5", "%7B%22", "%7b%22", '"eyJ', "'eyJ")
_START = re.compile(r"(?:[=(,:\[]|\breturn)\s*(?=[\[{\"'`])")
_CALL = re.compile(r"=\s*\(\s*function\s*\(([\w$,\s]*)\)\s*\{")
_RETURN = re.compile(r"return\s*(?=[\[{])")
_CALLED = re.compile(r"\s*;?\s*\}\s*\)?\s*\(")
_ANGULAR = {"&q;": '"', "&s;": "'", "&l;": "<", "&g;": ">", "&a;": "&"}
_ANGULAR_MARK = re.compile("|".join(_ANGULAR))


def find_values(root: Any, marks: tuple[str, ...]) -> Iterator[object]:
    """Returns objects and lists of scripts that may hold one of the marks; `root` is the root of the tree."""
    budget = _Budget()
    chunks: list[str] = []
    for node in root.css(_SELECTOR):
        if node.tag != "script":
            yield from _in_attributes(node, marks, budget)
            continue
        text = node.text_lexbor() or ""
        if not ("__next_f" in text or (len(text) >= LEAST_VALUE and _may_hold(text, marks))):
            continue
        if _NO_DATA.search(node.attributes.get("type") or ""):
            continue
        for value in _in_script(text, budget):
            if (chunk := _chunk(value)) is not None:
                chunks.append(chunk)
            else:
                yield from _unpacked(value)
    flight = "".join(chunks)
    if flight and _may_hold(flight, marks):
        yield from flight_values(flight)


def _may_hold(text: str, marks: tuple[str, ...]) -> bool:
    """Whether a script has one of the marks, or letters written so that it cannot be told; reading costs more."""
    return any(mark in text for mark in marks) or any(code in text for code in _CODES)


class _Budget:
    """What may still be read of a page: characters, and places where a literal may begin."""

    def __init__(self) -> None:
        self.left = MOST_READ
        self.tries = MOST_TRIES


def _chunk(value: object) -> str | None:
    """Returns the piece of React's flight format in `self.__next_f.push([1, "…"])`."""
    if isinstance(value, list) and len(value) == 2 and value[0] == 1 and isinstance(value[1], str):
        return value[1]
    return None


def _in_attributes(node: Any, marks: tuple[str, ...], budget: _Budget) -> Iterator[object]:
    for name in _ATTRIBUTES:
        said = node.attributes.get(name) or ""
        if len(said) >= LEAST_VALUE and said.lstrip()[0] in "{[" and _may_hold(said, marks):
            budget.left -= len(said)
            for value in _unwrapped(said, 0):
                yield astro_values(value) if node.tag == "astro-island" else value


def _in_script(text: str, budget: _Budget) -> Iterator[object]:
    data = text.strip().removeprefix("<!--").removesuffix("-->").strip()
    if data[:1] in {"{", "["} and len(data) <= budget.left:
        whole = list(_unwrapped(data, 0))
        if whole or "&q;" not in data:
            budget.left -= len(data)
        if not whole and "&q;" in data:
            whole = list(_unwrapped(_ANGULAR_MARK.sub(lambda mark: _ANGULAR[mark[0]], data), 0))
        if whole:
            yield from whole
            return
    yield from _calls(text, budget)
    at = 0
    while budget.left > 0 and budget.tries > 0 and (start := _START.search(text, at)) is not None:
        at = start.end()
        budget.tries -= 1
        try:
            value, end = read_literal(text, at)
        except NotLiteral as nothing:
            budget.left -= nothing.at - at + 1
            continue
        budget.left -= end - at
        if _chunk(value) is not None:
            yield value
        elif end - at >= LEAST_VALUE:
            yield from _unwrapped(value, 0)
        at = end


def _calls(text: str, budget: _Budget) -> Iterator[object]:
    """Returns what `(function(a,b){return {…}}("x",1))` gives: the literal in it, with the arguments for the names."""
    for call in _CALL.finditer(text):
        start = _RETURN.search(text, call.end(), call.end() + MOST_READ)
        budget.tries -= 1
        if start is None or budget.left <= 0 or budget.tries <= 0:
            return
        try:
            _, end = read_literal(text, start.end(), {})
            budget.left -= 3 * (end - start.end())
            called = _CALLED.match(text, end)
            if called is not None:
                names = (name.strip() for name in call[1].split(","))
                values = dict(zip(names, read_arguments(text, called.end()), strict=False))
                yield read_literal(text, start.end(), values)[0]
        except NotLiteral as nothing:
            budget.left -= abs(nothing.at - start.end()) + 1


def _unwrapped(value: object, depth: int) -> Iterator[object]:
    """Returns an object or list, out of the strings that it may be wrapped in."""
    if isinstance(value, dict | list):
        yield value
    elif isinstance(value, str) and len(value) >= LEAST_VALUE and depth < MOST_WRAPPED:
        text = value.strip()
        if text[:3] in {"%7B", "%5B", "%7b", "%5b"}:
            text = unquote(text)
        elif text[:2] in {"ey", "W3"}:
            text = _from_base64(text)
        if text[:1] in {"{", "[", '"'}:
            try:
                inner, _ = read_literal(text, 0)
            except NotLiteral:
                return
            yield from _unwrapped(inner, depth + 1)


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        return ""


def _unpacked(value: object) -> Iterator[object]:
    yield unflattened(value) if isinstance(value, list) and is_flat(value) else value
