"""Finds the story of the page among the values of its scripts, and writes it as HTML.

A record is the page's story if its title, its address or its number is that of the page. What other records say, which
have a title of their own, is of other stories: a state holds the next story, related ones and comments as well.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from urllib.parse import unquote, urlsplit

import msgspec

from services.parser.language.folding import bare
from services.parser.language.scripts import SENTENCE_STOPS, count_said
from services.parser.state.literals import NotLiteral, read_literal
from services.parser.state.markup import markup_of
from services.parser.state.words import is_apart, is_bodyish, is_named

# Values of a page that are looked at, and how deep they may lie.
MOST_VALUES, DEEPEST = 300_000, 60
# A shorter title says nothing (letters of an alphabet).
LEAST_TITLE = 12
# A record's title that begins the page's has at least this share of it; the rest is the site's name.
LEAST_SHARE = 0.4
# A shorter text is a teaser.
LEAST_TEXT = 200
# Records around and in the one that has the title, in which its text may stand.
RECORDS_AROUND, RECORDS_WITHIN = 2, 5
# So many records with the page's title are looked at.
MOST_RECORDS = 24
# Of two texts of one story the one in blocks is taken if it says at least this share of the longer one.
NEARLY_ALL = 0.8
# A path or a slug of fewer characters belongs to many pages.
LEAST_PATH, LEAST_SLUG = 8, 8
LONGEST_TITLE = 400
# A script is searched for so many letters of the title, which have no marks between them.
LEAST_MARK = 8

_ANY_TAG = re.compile(r"<[^<>]*>")
_UNSAID = re.compile(r"<(script|style)\b.*?</\1\s*>", re.I | re.S)
_STOPS = re.compile(f"[{re.escape(SENTENCE_STOPS)}]")
_CODE = re.compile(r"[{}\\=;|]|https?:")
_FRAGMENT = re.compile(r"[\w ]+")
_NUMBER = re.compile(r"\d{5,}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:$|[T ]\d\d:\d\d)")


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What tells the page's story from others: folded titles and the page's address."""

    titles: frozenset[str]
    marks: tuple[str, ...] = ()  # as written: a script that has none of them does not have the story
    path: str = ""
    numbers: frozenset[str] = frozenset()


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """The page's story as its scripts have it. `markup` is HTML of its text, `said` how much that says."""

    markup: str
    text: str
    said: int
    title: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None


class _Text(msgspec.Struct, frozen=True, kw_only=True):
    markup: str
    text: str
    said: int
    named: bool  # by a name of a story's text
    formed: bool  # in blocks, not in one string without marks


class _Found(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A record that is of the page, with those around it from the inside out."""

    record: Mapping[str, object]
    around: tuple[Mapping[str, object], ...]


def known_of(titles: list[str | None], site: str | None, url: str | None) -> Known:
    """Returns by what a story is known to be the page's."""
    folded = {bare(title) for title in titles if title and title.strip()} - {bare(site or "")}
    path = unquote(urlsplit(url or "").path).rstrip("/")
    slug = path.rpartition("/")[2].partition(".")[0]
    numbers = {*_NUMBER.findall(path), *([slug] if len(slug) >= LEAST_SLUG and not slug.isdecimal() else [])}
    said = (max(_FRAGMENT.findall(title), key=len, default="").strip() for title in titles if title)
    return Known(
        marks=(*(part for part in dict.fromkeys(said) if count_said(part) >= LEAST_MARK), *numbers),
        titles=frozenset(title for title in folded if count_said(title) >= LEAST_TITLE),
        path=path if len(path) >= LEAST_PATH else "",
        numbers=frozenset(numbers),
    )


def find_story(values: Iterable[object], known: Known) -> Story | None:
    """Returns the longest text that is of the page, None if there is none."""
    best: tuple[_Text, _Found] | None = None
    records = 0
    for value in values:
        cache = value if isinstance(value, Mapping) else {}
        for found in _records(value, known):
            records += 1
            if records > MOST_RECORDS:
                break
            text = _text_of(found, known, cache)
            if text is not None and (best is None or _is_better(text, best[0])):
                best = text, found
    if best is None:
        return None
    text, found = best
    return _story(text, found)


def _story(text: _Text, found: _Found) -> Story:
    whole = _with_lead(text, found.record)
    return Story(
        markup=whole.markup,
        text=whole.text,
        said=whole.said,
        title=next(iter(_strings(found.record, "title")), None),
        authors=tuple(dict.fromkeys(_names(found.record))),
        published=next((said for said in _strings(found.record, "date") if _MOMENT.match(said)), None),
    )


def _records(value: object, known: Known) -> Iterator[_Found]:
    """Returns the records of the page, from the outside in."""
    stack: list[tuple[object, tuple[Mapping[str, object], ...]]] = [(value, ())]
    left = MOST_VALUES
    while stack and left > 0:
        left -= 1
        at, around = stack.pop()
        if isinstance(at, Mapping):
            if _is_own(at, known):
                yield _Found(record=at, around=around[-RECORDS_AROUND:][::-1])
            inner: Iterable[object] = at.values()
            around = (*around[-DEEPEST:], at)
        elif isinstance(at, list):
            inner = at
            if len(at) > 1 and not any(isinstance(item, Mapping) and "tag" in item for item in at):
                around = ()  # Records of a list stand for themselves; elements of React stand in their parent.
        elif isinstance(at, str) and (opened := _opened(at)) is not at:
            inner = [opened]
        else:
            continue
        stack += [(item, around) for item in inner if isinstance(item, Mapping | list | str)][::-1]


def _opened(value: object) -> object:
    """Returns what a string of JSON holds, the list that a record with numbers for names is, else the value."""
    if isinstance(value, Mapping) and len(value) > 1 and all(name.isdecimal() for name in value):
        return list(value.values())
    if isinstance(value, str) and value[:2] in {'{"', "[{"} and len(value) > LEAST_TEXT:
        with suppress(NotLiteral):
            return read_literal(value, 0)[0]
    return value


def _is_own(record: Mapping[str, object], known: Known) -> bool:
    """Whether a record says the page's title, address or number of itself."""
    for name, value in record.items():
        if (
            isinstance(value, str)
            and known.path
            and value.rstrip("/").endswith(known.path)
            and len(value) < LONGEST_TITLE
        ):
            return True
        if known.numbers and isinstance(value, str | int) and is_named(name, "id") and str(value) in known.numbers:
            return True
    return any(_is_title(title, known) for title in _titles(record))


def _titles(record: Mapping[str, object]) -> list[str]:
    """Returns what a record says of its title, itself or in a record that is its head; React's <h1> says it too."""
    own = _strings(record, "title")
    if record.get("tag") == "h1":
        own += _within(record.get("children"))
    if not own:
        heads = (value for name, value in record.items() if isinstance(value, Mapping) and is_named(name, "head"))
        own = [title for head in heads for title in _strings(head, "title")]
    return own


def _strings(record: Mapping[str, object], part: str) -> list[str]:
    found = (text for name, value in record.items() if is_named(name, part) for text in _within(value))
    return [text for text in found if 0 < len(text) <= LONGEST_TITLE]


def _within(value: object, depth: int = 0) -> list[str]:
    """Returns the strings of a value and of those in it: `{"rendered": "…"}`, `{"basic": "…"}`, `[{"value": "…"}]`."""
    if isinstance(value, str):
        return [value]
    if depth > 1:
        return []
    inner = list(value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else [])
    return [text for item in inner[:5] for text in _within(item, depth + 1)]


def _is_title(title: str, known: Known) -> bool:
    said = bare(html.unescape(_ANY_TAG.sub("", title)))
    if said in known.titles:
        return True
    if count_said(said) < LEAST_TITLE:
        return False
    return any(whole.startswith(said) and len(said) >= LEAST_SHARE * len(whole) for whole in known.titles)


def _text_of(found: _Found, known: Known, cache: Mapping[str, object]) -> _Text | None:
    """Returns the text of a record or, where it has none, of the nearest record around it."""
    for record in (found.record, *found.around):
        texts = list(_texts(record, known, cache, RECORDS_WITHIN))
        if texts:
            best = texts[0]
            for text in texts[1:]:
                best = text if _is_better(text, best) else best
            return best
    return None


def _is_better(text: _Text, other: _Text) -> bool:
    if text.named != other.named:
        return text.named
    if text.formed != other.formed:
        return text.said >= NEARLY_ALL * other.said if text.formed else NEARLY_ALL * text.said > other.said
    return text.said > other.said


def _texts(
    record: Mapping[str, object], known: Known, cache: Mapping[str, object], depth: int, named: bool = False
) -> Iterator[_Text]:
    """Returns the texts in a record's fields, without those of other stories and of the site."""
    for name, held in record.items():
        if is_apart(name) or is_named(name, "title") or record.get("protected") is True:
            continue
        value = _opened(_referred(held, cache))
        bodyish = named or is_bodyish(name)
        if isinstance(value, Mapping) and not _is_document(value):
            if depth and not _is_foreign(value, known):
                yield from _texts(value, known, cache, depth - 1, bodyish)
            continue
        if isinstance(value, list):
            value = [_referred(item, cache) for item in value]
            if not bodyish and any(isinstance(item, Mapping) and _titles(item) for item in value):
                continue  # a list of stories
        text = _judged(value, bodyish)
        if text is not None:
            yield text


def _referred(value: object, cache: Mapping[str, object]) -> object:
    """Returns what a reference of Apollo's cache refers to."""
    name = value.get("__ref") if isinstance(value, Mapping) else None
    return cache.get(name, value) if isinstance(name, str) else value


def _is_document(record: Mapping[str, object]) -> bool:
    """Whether a record is a text in blocks, with its kind or its blocks."""
    return any(isinstance(record.get(name), str) for name in ("type", "nodeType", "_type", "tag")) or any(
        isinstance(record.get(name), Mapping | list) for name in ("blocks", "root", "document")
    )


def _is_foreign(record: Mapping[str, object], known: Known) -> bool:
    titles = [title for title in _titles(record) if count_said(title) >= LEAST_TITLE]
    return bool(titles) and not any(_is_title(title, known) for title in titles)


def _judged(value: object, named: bool) -> _Text | None:
    """Returns a value as text, None unless it is prose."""
    if isinstance(value, str) and len(value) * 3 < LEAST_TEXT:
        return None
    if not isinstance(value, str | list | Mapping):
        return None
    markup = markup_of(value)
    text = " ".join(html.unescape(_ANY_TAG.sub(" ", _UNSAID.sub(" ", markup))).split())
    said = count_said(text)
    if said < LEAST_TEXT or len(_STOPS.findall(text)) < 2 or len(_CODE.findall(text)) * 40 > len(text):
        return None
    formed = not isinstance(value, str) or markup is value or "<p>" in markup[1:]
    return _Text(markup=markup, text=text, said=said, named=named, formed=formed)


def _with_lead(text: _Text, record: Mapping[str, object]) -> _Text:
    """Returns the text with the paragraph that opens it, where the record has that in a field of its own."""
    lead = next((said for said in _strings_of_lead(record) if count_said(said) >= LEAST_TITLE), "")
    if not lead or bare(lead)[:40] in bare(text.text):
        return text
    opening = f"<p>{html.escape(lead, quote=False)}</p>"
    return _Text(
        markup=opening + text.markup,
        text=f"{lead} {text.text}",
        said=text.said + count_said(lead),
        named=text.named,
        formed=text.formed,
    )


def _strings_of_lead(record: Mapping[str, object]) -> list[str]:
    found = (value for name, value in record.items() if is_named(name, "lead") for value in _within(value))
    return [" ".join(html.unescape(_ANY_TAG.sub(" ", said)).split()) for said in found]


def _names(record: Mapping[str, object]) -> list[str]:
    """Returns the names of a story's authors: strings, and records with a name."""
    out: list[str] = []
    stack = [value for name, value in record.items() if is_named(name, "author")]
    for value in stack:
        if isinstance(value, str):
            out.append(value)
        elif isinstance(value, list):
            stack += value[:10]
        elif isinstance(value, Mapping):
            name = value.get("name") or value.get("fullName") or value.get("displayName")
            stack += [name] if isinstance(name, str) else [value["by"]] if isinstance(value.get("by"), list) else []
    return [name for name in out if name.strip()]
