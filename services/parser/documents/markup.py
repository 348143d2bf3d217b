"""XML as feeds and sitemaps write it, read as far as it goes: records one by one, and what was mended on the way.

A validating reader ends at the first fault, and the stories behind it are lost. This one knows no fatal fault: a bare
ampersand is an ampersand, an undeclared prefix is its own name, an element that is not closed ends with its parent.
Documents come from strangers: no entity can be defined, nothing outside is read, depth is bounded, and each character
is looked at a bounded number of times.
"""

import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urljoin

import msgspec

from services.parser.documents.faults import Faults
from services.parser.documents.references import decoded
from services.parser.documents.words import BREAKS

# Elements that are deeper count for their parent; feeds use a dozen levels where they embed XHTML.
DEEPEST = 64
# Declarations and bases are inherited by each element below, so a document cannot have any number.
MOST_PREFIXES = 100
LONGEST_BASE = 2000
# Another record begins this close to the last.
MORE_WITHIN = 500

_NAME = r"[^\W\d][\w:.-]*"
_ATTRIBUTES = r"""(?=[\s/>])(?:[^<>"']++|"[^"<]*"|'[^'<]*'|["'])*+"""
_TOKEN = re.compile(
    rf"<(?:(?P<leaf>{_NAME})(?P<of_leaf>{_ATTRIBUTES})(?<!/)>(?P<text>[^<]*)</(?P=leaf)\s*>"
    rf"|/(?P<end>{_NAME})[^<>]*>"
    rf"|(?P<start>{_NAME})(?P<of_start>{_ATTRIBUTES})>"
    rf"|(?P<loose>{_NAME})(?P<of_loose>(?=[\s/>])[^<>]*)>"
    r"|(?P<section>!\s{0,9}\[\s{0,9}[Cc][Dd][Aa][Tt][Aa]\s{0,9}\[|!--|\?)|(?P<declaration>![A-Za-z][^<>]*>)"
    rf"|\s{{0,9}}/\s{{0,9}}(?P<spaced_end>{_NAME})[^<>]*>)"
)
_PROLOG = re.compile(r"<!--.*?-->|<\?.*?\?>|<![^\[>]*(?:\[.*?\])?\s*>", re.S)
_SECTION_ENDS = {"![CDATA[": "]]>", "!--": "-->", "?": "?>"}
_CDATA = "![CDATA["
_ATTRIBUTE = re.compile(r"""([^\s=<>"'/]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_SCHEME_AND_TAIL = re.compile(r"^https?://|[#/]+$")
_PREFIXES: dict[str, str] = tomllib.loads((Path(__file__).parent / "namespaces.toml").read_text("utf-8"))["prefixes"]
# Elements of plain text; one that another of them begins in has lost its end tag.
_UNSEEN = frozenset(["script", "style"])
_PLAIN = frozenset(["title", "link", "guid", "id", "pubdate", "published", "updated", "loc", "lastmod"])
_FIELDS = _PLAIN | {"description", "content:encoded", "author", "category", "dc:date", "dc:creator", "priority"}


class Names(dict[str, str]):
    """Names as the document writes them -> as the parser knows them, under the prefixes declared at one place."""

    def __init__(self, prefixes: dict[str, str]) -> None:
        super().__init__()
        self.prefixes = prefixes

    def __missing__(self, written: str) -> str:
        prefix, _, local = written.lower().rpartition(":")
        known = self.prefixes.get(prefix, prefix if prefix not in {"atom", "rss"} else "")
        self[written] = name = f"{known}:{local}" if known else local
        return name

    def of_document(self, root: str) -> "Names":
        """These names; an unknown prefix of the root element is the document's own vocabulary, whatever its address."""
        prefix = root.lower().rpartition(":")[0]
        known = self.prefixes.get(prefix, prefix)
        return self if known in {"", "rdf"} else Names(self.prefixes | {prefix: ""})

    def declares(self, written: str) -> bool:
        prefix = written.lower().rpartition(":")[0]
        return not prefix or prefix == "xml" or prefix in self.prefixes


class Element(msgspec.Struct, kw_only=True):
    """An element with its text and its elements, in order; `base` is the address that its relative ones refer to."""

    name: str
    written: str
    raw: str
    names: Names
    base: str
    children: "list[str | Element]" = []
    elements: int = 0

    @property
    def text(self) -> str:
        """All text within, with spaces where blocks of XHTML begin, and without its scripts."""
        return "".join(child if isinstance(child, str) else child.text_within for child in self.children)

    @property
    def text_within(self) -> str:
        """Its text as a part of its parent's."""
        local = self.name.rpartition(":")[2]
        return "" if local in _UNSEEN else f" {self.text}" if local in BREAKS else self.text

    def attribute(self, name: str) -> str:
        return attributes_of(self.raw).get(name, "") if self.raw else ""

    def all(self, *names: str) -> "list[Element]":
        """The children of these names, in the order of the names."""
        found = [child for child in self.children if isinstance(child, Element) and child.name in names]
        return sorted(found, key=lambda child: names.index(child.name)) if len(names) > 1 else found

    def first(self, *names: str) -> "Element | None":
        return next(iter(self.all(*names)), None)

    def add(self, child: "str | Element") -> None:
        self.children.append(child)
        self.elements += not isinstance(child, str)


def attributes_of(raw: str) -> dict[str, str]:
    """Names in lower case -> values."""
    return {
        name.lower(): decoded(double or single or bare)
        for name, double, single, bare in reversed(_ATTRIBUTE.findall(raw))
    }


class Markup:
    """The records of a document, such as its items, as they end; what else there is stays in `root`.

    An element that the end of the document leaves open is not whole, and left out; a record is given with what it has.
    """

    def __init__(self, text: str, *, start: int, records: frozenset[str], base: str) -> None:
        self.faults = Faults(text)
        self.root = Element(name="", written="", raw="", names=Names({}), base=base, children=[])
        self.cut = False
        self._text = text
        self.at = start  # how far it has been read
        self._records = records
        self._stack = [self.root]
        self._ended: list[Element] = []
        if _PROLOG.sub("", text[:start]).strip():
            self.faults.mend(0, "text before the root element")

    def __iter__(self) -> Iterator[Element]:
        text, at = self._text, self.at
        while token := _TOKEN.search(text, at):
            if token.start() > at:
                self._add_text(at, token.start())
            at = token.end()
            if token["leaf"]:
                self._leaf(token)
            elif token["end"]:
                self._end(token["end"], token.start())
            elif token["section"]:
                at = self._skip_section(token["section"], at)
            elif token["spaced_end"]:
                self.faults.mend(token.start(), "a space in an end tag")
                self._end(token["spaced_end"], token.start())
            elif not token["declaration"]:
                self._start_tag(token)
            if self._ended:
                self.at = at
                yield from self._ended
                self._ended.clear()
        self._add_text(at, len(text))
        self._finish()
        yield from self._ended

    def has_more(self) -> bool:
        """Whether another record begins behind those that were given."""
        following = re.findall(rf"<(?:[\w-]+:)?({_NAME})", self._text[self.at : self.at + MORE_WITHIN])
        return not self._records.isdisjoint(map(str.lower, following))

    def _leaf(self, token: re.Match[str]) -> None:
        """An element of text alone: most are, and where nothing can be wrong with it that costs a third."""
        written, raw = token["leaf"], token["of_leaf"]
        parent = self._stack[-1]
        name = parent.names.get(written)
        if name and not raw and name not in self._records and parent.name not in _PLAIN:
            text = token["text"]
            words = decoded(text, self.faults, token.start("text")) if "&" in text else text
            leaf = Element(name=name, written=written, raw="", names=parent.names, base=parent.base, children=[words])
            parent.children.append(leaf)
            parent.elements += 1
        elif self._open(written, raw, token.start()):
            self._add_text(*token.span("text"))
            self._close()

    def _start_tag(self, token: re.Match[str]) -> None:
        written, raw = token["start"] or token["loose"], token["of_start"] or token["of_loose"] or ""
        if token["loose"]:
            self.faults.mend(token.start(), "a stray quote in a tag")
        empty = raw.endswith("/")
        if self._open(written, raw[:-1] if empty else raw, token.start()) and empty:
            self._close()

    def _open(self, written: str, raw: str, at: int) -> bool:
        """Whether the element was opened; records and fields that have lost their end tags end before it."""
        known = written in self._stack[-1].names
        name = self._stack[-1].names[written]
        if name in self._records and self._in_record():
            self.faults.mend(at, "a record that is not closed")
            while self._in_record():
                self._close()
        elif name in _FIELDS and self._stack[-1].name in _PLAIN:
            self.faults.mend(at, "an element that is not closed")
            self._close()
        if len(self._stack) == 1:
            self._note_root(name, at)
        parent = self._stack[-1]
        names, base = (parent.names, parent.base) if "xml" not in raw else _inherited(parent, attributes_of(raw))
        if not (known and names is self._stack[-1].names) and not names.declares(written):
            self.faults.mend(at, f"the undeclared prefix {written.rpartition(':')[0]}")
        if len(self._stack) > DEEPEST:
            return False
        if len(self._stack) == 1:
            names = names.of_document(written)
        self._stack.append(Element(name=names[written], written=written, raw=raw, names=names, base=base, children=[]))
        return True

    def _note_root(self, name: str, at: int) -> None:
        """An Atom entry may be a document of its own; other records may not."""
        if name in self._records and name != "entry":
            self.faults.mend(at, "a record without its document")

    def _in_record(self) -> bool:
        return any(element.name in self._records for element in self._stack)

    def _end(self, written: str, at: int) -> None:
        """Closes what the tag closes, and all that was left open within."""
        lowered = written.lower()
        for depth in range(len(self._stack) - 1, 0, -1):
            if self._stack[depth].written.lower() == lowered:
                if depth < len(self._stack) - 1:
                    self.faults.mend(at, "an element that is not closed")
                while len(self._stack) > depth:
                    self._close()
                return
        self.faults.mend(at, "an end tag without its start")

    def _close(self) -> None:
        element = self._stack.pop()
        if element.name in self._records:
            self._ended.append(element)
        else:
            self._stack[-1].add(element)

    def _add_text(self, start: int, end: int) -> None:
        piece = self._text[start:end]
        if piece.isspace() or not piece:
            return
        if "<" in piece:
            self.faults.mend(start + piece.index("<"), "a bare <")
        self._stack[-1].add(decoded(piece, self.faults, start) if "&" in piece else piece)

    def _skip_section(self, opening: str, at: int) -> int:
        """The place behind a comment, a CDATA section, which is text, or an instruction; none is left open."""
        if opening not in _SECTION_ENDS:
            self.faults.mend(at, f"a <{opening}")
            opening = _CDATA
        end = self.faults.find(_SECTION_ENDS[opening], at)
        if end < 0 or (opening == _CDATA and self._leaves_record(at, end)):
            self.faults.mend(at, f"a <{opening} that is not closed")
            return at
        if opening == _CDATA and at < end:
            self._stack[-1].add(self._text[at:end])
        return end + len(_SECTION_ENDS[opening])

    def _leaves_record(self, at: int, end: int) -> bool:
        """Whether a CDATA section would end in another record: the end that was found is that of a later section."""
        following = self._text.find(f"<{_CDATA}", at, end)
        return following >= 0 and any(
            self._text.find(f"</{element.written}>", at, following) >= 0
            for element in self._stack
            if element.name in self._records
        )

    def _finish(self) -> None:
        """What the end of the document left open: records and containers count, half a title does not."""
        self.cut = len(self._stack) > 1
        while len(self._stack) > 1:
            element = self._stack.pop()
            if element.name in self._records:
                self._ended.append(element)
            elif element.elements:
                self._stack[-1].add(element)


def _inherited(parent: Element, attributes: dict[str, str]) -> tuple[Names, str]:
    """The names and the base address of an element with such attributes."""
    names, base = parent.names, parent.base
    declared = {
        name.removeprefix("xmlns").removeprefix(":"): uri
        for name, uri in attributes.items()
        if name == "xmlns" or name.startswith("xmlns:")
    }
    if declared and len(parent.names.prefixes) + len(declared) <= MOST_PREFIXES:
        known = {prefix: _PREFIXES.get(_bare(uri), prefix) for prefix, uri in declared.items()}
        names = Names(parent.names.prefixes | known)
    relative = attributes.get("xml:base", "").strip()
    if relative and len(relative) <= LONGEST_BASE:
        with suppress(ValueError):
            base = urljoin(base, relative)[:LONGEST_BASE]
    return names, base


def _bare(uri: str) -> str:
    return _SCHEME_AND_TAIL.sub("", uri.strip().lower())
