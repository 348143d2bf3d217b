"""Does the story go on at another address, and where? Stories are cut into pages that differ in a number alone.

A link counts if its address is the page's own plus the number of the next page. The next story, the next page of
comments or of a list, and a gallery's next picture have other addresses.
"""

import re
import tomllib
from bisect import bisect
from collections.abc import Iterator
from functools import lru_cache
from operator import attrgetter
from pathlib import Path

import msgspec

from services.parser.language.folding import fold
from services.parser.outline.addresses import Resolver
from services.parser.outline.outline import Element, Outline

# Links to other pages of the story stand at most so many elements behind its text.
BEHIND_TEXT = 40
# A line such as "Page 1 of 3" has at most so many characters.
LINE_CHARS = 40
# A row of links to pages has at most so many characters, and so many outside links.
ROW_CHARS, ROW_TEXT = 400, 60
# No story has more pages.
MOST_PAGES = 60
# A link's text with the number of its page has at most so many characters.
LINK_CHARS = 60

_WORDS = tomllib.loads((Path(__file__).parent / "more_pages.toml").read_text("utf-8"))
_PAGE = {fold(word) for words in _WORDS["page"].values() for word in words}
_NEXT = tuple({fold(word) for words in _WORDS["next"].values() for word in words})
_ARROWS = re.compile(r"^[\s›»→>▶►⟩❯]+$")
_BACK = re.compile(r"^[\s‹«←<◀◄❮]")
_COMMENTS = re.compile(r"comment|respond|reply|disqus|kommentar")
_WORDED = re.compile(r"^(?P<stem>.*?)[/_,.;~-]?(?P<word>[^\W\d_]+)[/_=.:-]?(?P<number>\d{1,3})$")
_PLAIN = re.compile(r"^(?P<stem>.*)[/_,.;~-](?P<number>\d{1,3})$")
_NUMBER = re.compile(r"(?<!\d)\d{1,3}(?:/|\.\w{2,5})?(?:[?#]|$)|=\d{1,2}(?:&|#|$)")
_EXTENSION = re.compile(r"\.(?:[sp]?html?|php\d?|aspx?|jsp|cfm|do|xhtml)$", re.I)
_INDEX = re.compile(r"/(?:index|default)$", re.I)
_TWO_NUMBERS = re.compile(r"(?<!\d)(\d{1,3})(?![:.]\d)\D{1,14}?(\d{1,3})(?!\d)")
_ORDINAL = re.compile(r"第\s*(\d{1,3})")
_index = attrgetter("index")
_DIGIT = re.compile(r"\d")
_LETTERS = re.compile(r"[^\W\d_]+")


class MorePages(msgspec.Struct, frozen=True, kw_only=True):
    """`next_url` is the next page's address, if the page gives one; `rows` are the elements that say so to readers."""

    goes_on: bool = False
    next_url: str | None = None
    rows: list[Element] = []


class _Numbered(msgspec.Struct, frozen=True, gc=False):
    """An address without the number in it.

    It is `sure` to be a page's where a word for page stands before it, and nearly so where it stands `below` a slash.
    """

    stem: str
    number: int
    sure: bool
    below: bool


def find_more_pages(outline: Outline, url: str | None, text: tuple[int, Element], apart: bytearray) -> MorePages:
    """Returns where the story goes on. Its headline or first line is element `text[0]`, and `text[1]` its last line."""
    first, last = text
    resolve = Resolver(outline, url or _canonical(outline))
    finder = _Finder(outline, resolve)
    end = min(len(outline.elements), last.end + BEHIND_TEXT)
    lines = {e: count for e in _lines(outline, first, end) if not apart[e.index] and (count := _count_in(outline, e))}
    one, of = next(iter(lines.values()), (0, 0))
    found = finder.next_page(first, end, apart, counted=one < of) if one < of or not of else None
    rows = [*finder.rows(first), *lines]
    goes_on = found is not None or one < of
    return MorePages(goes_on=goes_on, next_url=found if found and "://" in found else None, rows=rows)


def _canonical(outline: Outline) -> str | None:
    return next((link.get("href") for link in outline.links if link.get("rel") == "canonical"), None)


def _lines(outline: Outline, first: int, end: int) -> Iterator[Element]:
    """Yield short elements near the end of the text that hold a digit, the outermost of each."""
    until = 0
    for element in outline.elements[max(first, end - 2 * BEHIND_TEXT) : end]:
        if (
            2 < element.chars - element.link_chars <= LINE_CHARS
            and element.chars <= ROW_CHARS
            and element.index >= until
            and element.last_run - element.first_run < 30
        ):
            until = element.end
            yield element


def _count_in(outline: Outline, line: Element) -> tuple[int, int] | None:
    """Returns what a line without its links says of the page's number."""
    if not _DIGIT.search("".join(outline.runs[line.first_run : line.last_run])):
        return None
    runs, at = [], line.first_run
    for link in (e for e in outline.subtree(line) if e.tag == "a"):
        runs += [*outline.runs[at : link.first_run], " | "]
        at = link.last_run
    said = " ".join("".join([*runs, *outline.runs[at : line.last_run]]).split())
    return _count_of(said)


@lru_cache(maxsize=4096)
def _count_of(line: str) -> tuple[int, int] | None:
    """Returns which page of how many a line names: (1, 3) for "Page 1 of 3"."""
    found = _TWO_NUMBERS.search(line)
    if found is None or len(_TWO_NUMBERS.findall(line)) > 1:
        return None
    words = [word for word in _LETTERS.findall(fold(line)) if len(word) > 1 or not word.isascii()]
    if len(words) > 4 or not any(_names_page(word) for word in words):
        return None
    one, of = int(found[1]), int(found[2])
    ordinal = _ORDINAL.search(line)
    if ordinal is not None and int(ordinal[1]) == of:
        one, of = of, one
    return (one, of) if 1 <= one <= of <= MOST_PAGES else None


def _names_page(word: str) -> bool:
    return word in _PAGE or word[-1] in "页頁쪽" or word.removesuffix("中") in _PAGE or word.removeprefix("全") in _PAGE


class _Finder:
    """Looks for links to other pages of one story."""

    def __init__(self, outline: Outline, resolve: Resolver) -> None:
        self.outline, self.resolve = outline, resolve
        own = (resolve.base or "").partition("#")[0]
        self.stems = {_normal(own): 1}
        self.bare = _normal(own)
        self.numbered = len(_numbered(own)) > 0
        self.doubtful = {one.stem for one in _numbered(own) if not one.sure}
        for one in _numbered(own):
            self.stems.setdefault(one.stem, one.number)
            if one.sure:
                self.stems.pop(self.bare, None)
        ends = (stem.partition("?")[0].rpartition("/")[2] for stem in self.stems)
        self.tokens = [end for end in ends if end]
        self.links: list[tuple[Element, _Numbered]] = []

    def next_page(self, first: int, end: int, apart: bytearray, *, counted: bool) -> str | None:
        """Returns the next page's address, from a link of the head or in or behind the text."""
        found: dict[_Numbered, str] = {}
        first = max(first, end - 3 * BEHIND_TEXT)
        links = self.outline.tagged("a")
        for link in links[bisect(links, first, key=_index) : bisect(links, end, key=_index)]:
            if not apart[link.index]:
                self._note(link, found)
        digits = sum(self.outline.text_of(link) == str(one.number) for link, one in self.links)
        found |= self._in_head(counted=counted)
        for one, address in found.items():
            enough = 2 if one.stem in self.doubtful else 0 if one.sure or one.below else 1
            if counted or digits >= enough:
                return address
        return None

    def _note(self, link: Element, found: dict[_Numbered, str]) -> None:
        href = link.attrs.get("href") or ""
        if not self._may_be(href) or "prev" in _rel(link) or _COMMENTS.search(link.hint) or _COMMENTS.search(href):
            return
        address = self.resolve(href)
        if address is None:
            return
        for one in _numbered(address):
            if one.stem in self.stems:
                self.links.append((link, one))
                if self._leads_on(link, one):
                    found.setdefault(one, address)
        if _normal(address) in self.stems and _normal(address) != self.bare:
            self.links.append((link, _Numbered(_normal(address), 1, sure=True, below=False)))

    def _may_be(self, href: str) -> bool:
        """Whether the link may lead to a page of the story; most links can be told from that at a glance."""
        if href[:1] != "?" and (len(href) > 12 or href[:1] in "/#h") and not any(t in href for t in self.tokens):
            return False
        return self.numbered or _NUMBER.search(href) is not None

    def _leads_on(self, link: Element, one: _Numbered) -> bool:
        said = self.outline.text_of(link) if link.chars <= LINK_CHARS else ""
        current = self.stems[one.stem]
        if one.sure and current == 1 and one.number == 1:
            return said == "2"  # counted from 0
        if one.number != current + 1 or _BACK.match(said) or "prev" in link.hint:
            return False
        return one.sure or said == str(one.number) or "next" in _rel(link) or "next" in link.hint or _says_next(said)

    def _in_head(self, *, counted: bool) -> dict[_Numbered, str]:
        """Returns the address of the head's next page, unless it is the next story's."""
        for link in self.outline.links:
            address = (
                self.resolve(link.get("href") or "") if "next" in (link.get("rel") or "").lower().split() else None
            )
            if address is None or _COMMENTS.search(address):
                continue
            numbered = [one for one in _numbered(address) if self.stems.get(one.stem) == one.number - 1]
            if not numbered and counted and address.startswith(self.resolve.origin):
                numbered = [_Numbered(address, 0, sure=True, below=False)]
            return dict.fromkeys(numbered, address)
        return {}

    def rows(self, first: int) -> list[Element]:
        """Returns the elements around the links that hold little else."""
        found: dict[int, Element] = {}
        for link, _ in self.links:
            row = link
            while row.parent is not None and row.parent.index > first and _is_row(row.parent):
                row = row.parent
            found[row.index] = row
        return list(found.values())


def _is_row(element: Element) -> bool:
    return element.chars <= ROW_CHARS and element.chars - element.link_chars <= ROW_TEXT and element.tag != "article"


def _rel(link: Element) -> list[str]:
    return (link.attrs.get("rel") or "").lower().split()


def _says_next(said: str) -> bool:
    return bool(said) and (bool(_ARROWS.match(said)) or fold(said).lstrip("›»→> ").startswith(_NEXT))


def _normal(address: str) -> str:
    """Returns the address without scheme, extension, `index` and a slash at its end, with its query sorted."""
    rest = address.partition("://")[2] or address
    path, _, query = rest.partition("?")
    path = _INDEX.sub("", _EXTENSION.sub("", path.rstrip("/"))).removeprefix("www.")
    return f"{path}?{'&'.join(sorted(filter(None, query.split('&'))))}".rstrip("?")


@lru_cache(maxsize=1024)
def _numbered(address: str) -> tuple[_Numbered, ...]:
    """Returns the ways to read a page's number in an address, with what remains of it."""
    found = []
    rest = address.partition("#")[0]
    path, _, query = rest.partition("?")
    parts = query.split("&") if query else []
    for part in parts:
        name, _, value = part.partition("=")
        if value.isascii() and value.isdigit() and len(value) < 3 and _is_page_word(name):
            others = "&".join(other for other in parts if other != part)
            found.append(_Numbered(_normal(f"{path}?{others}"), int(value), sure=True, below=False))
    trunk = _EXTENSION.sub("", path.rstrip("/"))
    worded = _WORDED.match(trunk)
    ending = worded if worded is not None and _is_page_word(worded["word"]) else _PLAIN.match(trunk)
    if ending is not None and int(ending["number"]) <= MOST_PAGES:
        stem = ending["stem"].rstrip("/_-")
        below = trunk[ending.start("number") - 1] == "/"
        found.append(_Numbered(_normal(f"{stem}?{query}"), int(ending["number"]), sure=ending is worded, below=below))
    return tuple(found)


def _is_page_word(name: str) -> bool:
    words = _LETTERS.findall(fold(name))
    return len(words) <= 2 and any(word in _PAGE for word in words) and not _COMMENTS.search(name)
