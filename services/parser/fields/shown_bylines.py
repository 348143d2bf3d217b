"""Who does the visible page name as author?"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain

import msgspec

from services.parser.fields.byline_text import is_announced, is_written_by, says_written_by
from services.parser.fields.bylines import (
    LONGEST_BYLINE,
    LONGEST_SIGNATURE,
    agency_of,
    byline_people,
    people_of_line,
    people_with_roles,
    signature,
    signed_by,
)
from services.parser.fields.dates import DateHabits, Stamp, stamps_in
from services.parser.fields.shown_dates import PLACES, labels_a_date
from services.parser.fields.surroundings import MOST_BETWEEN, Surroundings, is_neighbours, is_short
from services.parser.language.scripts import has_caseless
from services.parser.outline.outline import BREAK, EDGE, Attributes, Element, Outline

# Why a line is not read for authors, in words for people.
OTHER_BOX = "in a box of something else, such as a picture, a share bar, comments or a biography"
NOT_CALLED = "no word such as by begins it, and its box is not called a byline"
OTHER_WORK = "the words before it say that somebody edited, checked, translated or took the pictures"
LARGEST_BOX = 600
# A box so many elements behind the last one names another article's author.
NEXT_AUTHOR = 20
LONGEST_CLOSING = 60
_BYLINE_HINT = re.compile(
    r"by-?line|\bby\b|author|autor|auteur|autore|writer|journalist|reporter|redakteur|contributor|creator|skribent|"
    r"signature|firma\b|penulis|yazar|verfasser"
)
_OTHER_HINT = re.compile(
    r"comment|related|photo|image|caption|credit|figure|newsletter|(?<!author-)share|social|follow|avatar|\bbio\b|more-from"
)
_SIGNATURE_HINT = re.compile(r"author[-_]*name|user-?name")
_OTHER_PERSON = re.compile(
    r"(?:edited|reviewed|checked|researched|tested|photo\w*|illustrat\w*|translated|redigiert|fotos?|bilder)\W*(?:by|von|:)?\W*$",
    re.I,
)
# What others did for the article, and everything after it.
_OTHERS_WORK = re.compile(
    r"\b(?:edited|reviewed|checked|researched|tested|translated|illustrated|photograph(?:s|ed)|photos?) by\b.*|"
    r"\b(?:fotos?|bilder|photos?)\s?:.*",
    re.I,
)
_PARTS = frozenset({"a", "b", "cite", "span", "strong"})
MOST_PARTS = 12
MOST_WITHIN = 60
_AUTHOR_PATH = re.compile(
    r"(?:^|/)(?:authors?|autor(?:es|en)?|auteurs?|autore|contributors?|by|staff|writers?|journalist(?:s|en)?|journalistes?|periodistas?|editors?|members|yazar(?:lar)?|"
    r"redakteure?|redactie|firmas?|users?|skribent|reporter|correspondents?)/(?!sign-?|log-?|register)[^/]"
)


_HEADINGS = frozenset({"h1", "h2", "h3"})
_NOT_A_LINE = _HEADINGS | {"table", "tbody", "td", "th", "tr"}
_EMPHASES = frozenset({"b", "em", "i", "strong"})
_LINES = frozenset({"address", "div", "h5", "h6", "li", "p"})


# Class names come back within a page and on every page of a site, so what they mean is remembered.
REMEMBERED_HINTS = 16384


@lru_cache(maxsize=REMEMBERED_HINTS)
def _names_a_byline(hint: str) -> bool:
    return bool(_BYLINE_HINT.search(hint))


@lru_cache(maxsize=REMEMBERED_HINTS)
def _names_a_signature(hint: str) -> bool:
    return bool(_SIGNATURE_HINT.search(hint))


@lru_cache(maxsize=REMEMBERED_HINTS)
def _names_other_people(hint: str) -> bool:
    return bool(_OTHER_HINT.search(hint))


def shown_authors(outline: Outline, places: Surroundings, publisher: str | None) -> list[str]:
    """Names in the article's byline; the place right under the headline is asked first, the end of the text last."""
    for elements in (places.between, places.above):
        names = _named_in(outline, elements, publisher)
        if names:
            return names
    behind = [e for e in places.behind if 0 < e.chars <= LARGEST_BOX and not is_neighbours(outline, places, e)]
    return _named_in(outline, behind, publisher)


class BylineSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the visible page that may name its author, and why it is not read for that, if it is not."""

    text: str
    where: str
    why_not: str | None = None


def seen_bylines(outline: Outline, places: Surroundings) -> Iterator[BylineSeen]:
    """Yield the lines in which `shown_authors` looks for names, and those that it leaves out, for people who ask.

    Every short line from the headline into the text is among them.
    """
    article = [*places.opening, *places.closing]
    end = article[-1].end if article else len(outline.elements)
    for elements, where in zip((places.between, places.above, places.behind), PLACES, strict=True):
        for element in elements:
            if not is_short(element, LONGEST_BYLINE):
                continue
            text = _lines_of(outline, element)
            if _is_box(element) or is_announced(text):
                other = OTHER_WORK if _OTHER_PERSON.search(_words_before(outline, element)) else None
                why_not = OTHER_BOX if _is_foreign(element) else other
                yield BylineSeen(text=text.strip(" |"), where=where, why_not=why_not)
            elif elements is places.between and element.index < end and _is_line(element):
                yield BylineSeen(text=text.strip(" |"), where=where, why_not=NOT_CALLED)
    for element in outline.elements if places.apart is not None else ():
        if places.is_apart(element) and is_short(element, LONGEST_BYLINE) and _is_box(element):
            text, why_not = _lines_of(outline, element), places.why_apart(element)
            yield BylineSeen(text=text.strip(" |"), where="elsewhere", why_not=why_not)


def _is_line(element: Element) -> bool:
    return element.tag in _LINES and is_short(element, LONGEST_SIGNATURE)


def names_near_title(outline: Outline, places: Surroundings, publisher: str | None) -> list[str]:
    """Names in the byline between headline and text."""
    return _named_in(outline, places.between, publisher)


def says_any(outline: Outline, elements: list[Element], names: list[str]) -> bool:
    """Whether one of the names stands somewhere from the first of these elements to the last."""
    if not elements:
        return False
    text = " ".join("".join(outline.runs[elements[0].first_run : elements[-1].first_run + 1]).lower().split())
    return any(name.lower() in text for name in names)


def _named_in(outline: Outline, elements: list[Element], publisher: str | None) -> list[str]:
    return _from_boxes(outline, elements, publisher) or _from_announcements(outline, elements, publisher)


def marked_authors(outline: Outline, places: Surroundings, publisher: str | None) -> list[str]:
    """Names in boxes called author or byline anywhere on the page; for pages that say nothing near their headline."""
    boxes = [
        element
        for element in outline.elements
        if ("author" in element.hint or "byline" in element.hint)
        and not places.is_apart(element)
        and not is_neighbours(outline, places, element)
    ]
    names = _from_boxes(outline, boxes, publisher, most_apart=NEXT_AUTHOR)
    return names or names_written_by(outline, places, publisher)


def names_written_by(outline: Outline, places: Surroundings, publisher: str | None) -> list[str]:
    """Names behind "Written by" anywhere on the page, but not in a comment or another story."""
    if not says_written_by("".join(outline.runs)):
        return []
    written = (e for e in outline.elements if _is_written_by(outline, e) and not places.is_apart(e))
    return _from_announcements(outline, written, publisher)


def dated_names(outline: Outline, places: Surroundings, habits: DateHabits) -> list[str]:
    """Names that share a short line with a date beside the headline: `Opinion | 3 May 2024 | Anne Larkin`."""
    for element in chain(places.between, places.above):
        if not is_short(element, LONGEST_SIGNATURE) or element.tag in _NOT_A_LINE or _is_foreign(element):
            continue
        text = _lines_of(outline, element)
        stamps = stamps_in(text, habits)
        if not stamps or has_caseless(text) or any(e.tag in _HEADINGS for e in _parts_of(outline, element)):
            continue
        names = [name for name in people_of_line(_without_stamps(text, stamps)) if not labels_a_date(name)]
        if names and not _leads_to_topic(outline, element, names[0]):
            return names
    return []


def names_with_roles(outline: Outline, places: Surroundings, publisher: str | None) -> list[str]:
    """Names in a short line that says what they are, beside the headline or at the end of the text: `김하늘 기자`."""
    for element in chain(_lines_once(places.between), places.closing[::-1], _lines_once(places.behind)):
        if element.tag in _NOT_A_LINE or not is_short(element, LONGEST_SIGNATURE) or _is_foreign(element):
            continue
        names = people_with_roles(_lines_of(outline, element).strip(" |"), publisher)
        if names:
            return names
    return []


def _leads_to_topic(outline: Outline, element: Element, name: str) -> bool:
    """Whether what looks like a name is a link, but not to an author: the section of the page."""
    return any(
        part.tag == "a" and part.chars and not _links_to_author(part) and _is_in(name, outline.text_of(part))
        for part in (element, *_parts_of(outline, element))
    )


def _is_in(one: str, other: str) -> bool:
    return one in other or other in one


def _parts_of(outline: Outline, element: Element) -> list[Element]:
    """The first elements within a short line; thousands are an attack."""
    return outline.elements[element.index + 1 : min(element.end, element.index + 1 + MOST_WITHIN)]


def _without_stamps(text: str, stamps: list[Stamp]) -> str:
    """The text with a bar where a date was."""
    kept, at = [], 0
    for stamp in stamps:
        kept.append(text[at : stamp.start])
        at = stamp.end
    return " | ".join([*kept, text[at:]])


def opening_names(outline: Outline, places: Surroundings, publisher: str | None) -> list[str]:
    """Names that are the first line of the text, in bold."""
    return _emphasised_names(outline, places.opening, publisher)


def closing_names(outline: Outline, places: Surroundings, publisher: str | None) -> list[str]:
    """Names that are the last line of the text, in bold or italics."""
    return _emphasised_names(outline, places.closing[::-1], publisher)


def _emphasised_names(outline: Outline, elements: list[Element], publisher: str | None) -> list[str]:
    """The first emphasised line that is nothing but names, before any paragraph."""
    for element in elements:
        if element.tag == "p" and element.chars > LONGEST_CLOSING:
            break
        if element.tag not in _LINES or element.link_chars or not is_short(element, LONGEST_CLOSING):
            continue
        first = next(iter(_parts_of(outline, element)), element)
        if first.tag not in _EMPHASES or first.chars < element.chars or _is_foreign(element):
            continue
        text = _lines_of(outline, element)
        names = [] if has_caseless(text) else signature(text, publisher)
        if names:
            return list(dict.fromkeys(names))
    return []


def shown_signature(outline: Outline, places: Surroundings) -> list[str]:
    """Who signs beside the headline where no person does: `By the Larder Team`, `Posted by rasos`."""
    for elements, is_introduced in (
        (places.between, is_announced),
        (places.above, is_announced),
        (places.behind, is_written_by),
    ):
        for element in elements:
            if is_short(element, LONGEST_SIGNATURE) and not _is_foreign(element):
                text = _lines_of(outline, element)
                is_named = is_introduced(text) or _links_to_author(element) or _names_a_signature(element.hint)
                name = signed_by(text) if is_named else None
                if name:
                    return [name]
    return []


def shown_agency(outline: Outline, places: Surroundings, habits: DateHabits) -> list[str]:
    """The agency that signs beside the headline where nobody else does: `AFP, Manila`, `By Reuters`, `EFE | 4 May`."""
    for element in chain(_lines_once(places.between), _lines_once(places.above)):
        if is_short(element, LONGEST_SIGNATURE) and element.tag not in _HEADINGS and not _is_foreign(element):
            text = _lines_of(outline, element)
            stamps = stamps_in(text, habits)
            line = _without_stamps(text, stamps) if stamps else text
            agency = agency_of(line, is_byline=bool(stamps) or _is_box(element))
            if agency:
                return [agency]
    return []


def _is_written_by(outline: Outline, element: Element) -> bool:
    first = next((run for run in outline.runs[element.first_run : element.first_run + 2] if run.strip()), "")
    return is_written_by(first)


def _from_boxes(
    outline: Outline, elements: Iterable[Element], publisher: str | None, *, most_apart: int = MOST_BETWEEN
) -> list[str]:
    """From elements that are called byline or author, or that link to an author's page, one soon after the other."""
    names: dict[str, None] = {}
    end = 0
    for element in elements:
        if element.index < end or not element.chars:
            continue
        if names and element.index > end + most_apart:
            break
        if _is_foreign(element):
            end = element.end
        elif is_short(element, LONGEST_BYLINE) and _is_box(element):  # one inside a larger box will do
            found = _names_in(outline, element, publisher)
            if found and not _OTHER_PERSON.search(_words_before(outline, element)):
                names.update(dict.fromkeys(found))
                end = element.end
    return list(names)


def _names_in(outline: Outline, element: Element, publisher: str | None) -> list[str]:
    """The names of a box; where its parts run into one another, the name in one of its links or spans."""
    text = _OTHERS_WORK.sub("", _lines_of(outline, element))
    names = byline_people(text, publisher, pen_names=_links_to_author(element))
    if len(names) > 1:
        return names
    parts = [part for part in outline.subtree(element) if part.tag in _PARTS and is_short(part, LONGEST_BYLINE)]
    parts.sort(key=lambda part: part.tag != "a")
    inner = (
        byline_people(_lines_of(outline, part), publisher, pen_names=_links_to_author(part))
        for part in parts[:MOST_PARTS]
    )
    whole = names[0] if names else ""
    return next((found for found in inner if found and whole.startswith(found[0])), names)


def _lines_of(outline: Outline, element: Element) -> str:
    """The text with a bar where a block or a line ends, so that a name does not run into what stands below it."""
    text = "".join(outline.runs[element.first_run : element.last_run])
    return " ".join(text.replace(EDGE, " | ").replace(BREAK, " | ").split())


def _is_foreign(element: Element) -> bool:
    """A part with other people's names; a large one is the page's frame, whatever it is called."""
    if element.tag in ("figure", "aside", "nav"):
        return True
    return element.chars <= LARGEST_BOX and _names_other_people(element.hint)


def _is_box(element: Element) -> bool:
    attrs = element.attrs
    if element.tag == "address" or _are_of_author(element.tag, attrs):
        return True
    style = attrs.get("style")
    if style and "right" in style and "text-align" in style:
        return True  # the signature below a text
    return _names_a_byline(element.hint)


def _links_to_author(element: Element) -> bool:
    return _are_of_author(element.tag, element.attrs)


def _are_of_author(tag: str, attrs: Attributes) -> bool:
    if tag != "a":
        return attrs.get("itemprop") == "author"
    rel, href = attrs.get("rel"), attrs.get("href")
    return bool((rel and "author" in rel) or (href and _AUTHOR_PATH.search(href)))


def _words_before(outline: Outline, element: Element) -> str:
    """The words right before an element, by which another person than the author is labelled."""
    return " ".join("".join(outline.runs[max(0, element.first_run - 5) : element.first_run]).split())[-30:]


def _from_announcements(outline: Outline, elements: Iterable[Element], publisher: str | None) -> list[str]:
    """From short lines that begin with "By", "Von", "Par" and the like, whatever their element is called."""
    for element in _lines_once(elements):
        if element.chars > 4 and is_short(element, LONGEST_BYLINE) and not element.hint.startswith("breadcrumb"):
            text = _lines_of(outline, element)
            if is_announced(text):
                names = byline_people(text, publisher)
                if names:
                    return names
    return []


def _lines_once(elements: Iterable[Element]) -> Iterator[Element]:
    """Yield the elements in document order, without those that say nothing else than the one right around them."""
    first = -1
    for element in elements:
        first = element.index if first < 0 else first
        parent = element.parent
        if parent is None or parent.chars != element.chars or parent.index < first or not _is_plain(parent):
            yield element


def _is_plain(element: Element) -> bool:
    return element.tag not in _NOT_A_LINE and not _is_foreign(element)
