"""Reads literals of JavaScript as data: JSON, and what scripts write instead of it. No code is ever run.

Beside JSON that is: keys without quotes, other quotation marks, `undefined`, `!0`, `void 0`, `new Date(…)`, trailing
commas, and names whose values the caller knows.
"""

import json
import re
from collections.abc import Mapping

# Values may be nested so deep; Redux and Apollo stay below 20, text documents below 30.
DEEPEST = 100

_JSON = json.JSONDecoder(strict=False)
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<string>"[^"\\]*(?:\\.[^"\\]*)*" | '[^'\\]*(?:\\.[^'\\]*)*' | `[^`\\$]*(?:\\.[^`\\$]*)*`)
    | (?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)
    | (?P<word>[^\W\d][\w$.]*|\$[\w$.]*)
    | (?P<mark>[][{}(),:!])
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL)
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "", "\n": "", "\r\n": ""}
_WORDS = {"true": True, "false": False}


class NotLiteral(Exception):
    """There is no literal here. `at` is how far the text was read."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


def read_literal(text: str, at: int, names: Mapping[str, object] | None = None) -> tuple[object, int]:
    """Returns the value that begins at `at`, and where it ends; raises NotLiteral."""
    if names is None:
        try:
            return _JSON.raw_decode(text, at)
        except (ValueError, RecursionError):
            pass
    return _Reader(text, names or {}).value(at, 0)


def read_arguments(text: str, at: int) -> list[object]:
    """Returns the arguments of a call, from behind its opening bracket."""
    items, _ = _Reader(text, {}).sequence(at, ")", 0)
    return items


class _Reader:
    def __init__(self, text: str, names: Mapping[str, object]) -> None:
        self._text = text
        self._names = names

    def value(self, at: int, depth: int) -> tuple[object, int]:  # noqa: PLR0911 (one for each kind)
        """Returns the value that begins at `at`, and where it ends."""
        if depth > DEEPEST:
            raise NotLiteral(at)
        token = self._token(at)
        kind, said, end = token.lastgroup, token[token.lastgroup or 0], token.end()
        if kind == "string":
            return _unescaped(said[1:-1]), end
        if kind == "number":
            return (float(said) if not said.lstrip("+-").isdigit() or len(said) > DEEPEST else int(said)), end
        if kind == "word":
            return self._named(said, end, depth)
        if said == "{":
            return self._object(end, depth + 1)
        if said == "[":
            return self.sequence(end, "]", depth + 1)
        if said == "(":
            inner, end = self.value(end, depth + 1)
            return inner, self._mark(end, ")")
        if said == "!":
            inner, end = self.value(end, depth + 1)
            return not inner, end
        raise NotLiteral(end)

    def sequence(self, at: int, close: str, depth: int) -> tuple[list[object], int]:
        """Returns the values up to the closing bracket."""
        items: list[object] = []
        while True:
            token = self._token(at)
            if token["mark"] == close:
                return items, token.end()
            if token["mark"] == ",":  # A hole, or the comma behind the last item.
                at = token.end()
                continue
            item, at = self.value(at, depth)
            items.append(item)
            token = self._token(at)
            if token["mark"] == ",":
                at = token.end()
            elif token["mark"] != close:
                raise NotLiteral(at)

    def _object(self, at: int, depth: int) -> tuple[dict[str, object], int]:
        items: dict[str, object] = {}
        while True:
            token = self._token(at)
            at = token.end()
            if token["mark"] == "}":
                return items, at
            if token["mark"] == ",":
                continue
            if token["mark"]:
                raise NotLiteral(at)
            key = _unescaped(token["string"][1:-1]) if token["string"] else token[token.lastgroup or 0]
            token = self._token(at)
            if token["mark"] == ":":
                items[key], at = self.value(token.end(), depth)
            elif token["mark"] in {",", "}"}:
                items[key] = self._names.get(key)
            else:
                raise NotLiteral(token.end())

    def _named(self, word: str, at: int, depth: int) -> tuple[object, int]:
        """Returns what a word stands for; for a call that is its first argument, as in `new Date(…)`."""
        if word == "void":
            return None, self.value(at, depth + 1)[1]
        if word == "new":
            return self.value(at, depth + 1)
        if word in {"function", "async", "class"}:
            raise NotLiteral(at)
        if self._text.startswith("(", at):
            arguments, at = self.sequence(at + 1, ")", depth + 1)
            return (arguments[0] if arguments else None), at
        return _WORDS.get(word, self._names.get(word)), at

    def _mark(self, at: int, mark: str) -> int:
        token = self._token(at)
        if token["mark"] != mark:
            raise NotLiteral(at)
        return token.end()

    def _token(self, at: int) -> re.Match[str]:
        token = _TOKEN.match(self._text, at)
        if token is None:  # A string without an end has been read to the end of the text.
            raise NotLiteral(len(self._text) if self._text[at : at + 1] in {'"', "'", "`"} else at)
        return token


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(_character, text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2] or escape[3]
    if code:
        number = int(code, 16)
        return chr(number) if number <= 0x10FFFF else ""
    return _CONTROLS.get(escape[4], escape[4])
