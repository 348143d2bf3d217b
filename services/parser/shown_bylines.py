"""Who does the visible page name as author?"""

import re
from collections.abc import Iterable

from services.parser.bylines import LONGEST_BYLINE, byline_people, is_announced
from services.parser.segments import Element, Outline
from services.parser.surroundings import Surroundings

_BYLINE_HINT = re.compile(
    r"by-?line|\bby\b|author|autor|auteur|autore|writer|journalist|reporter|redakteur|contributor|creator|skribent|"
    r"signature|firma\b|penulis|yazar|verfasser|credit-?line|post-?meta|entry-?meta|article-?meta|article__?meta"
)
_OTHER_HINT = re.compile(
    r"comment|related|photo|image|caption|figure|newsletter|share|social|follow|avatar|bio\b|more-from"
)
_AUTHOR_PATH = re.compile(
    r"/(?:authors?|autor(?:es|en)?|auteurs?|autore|profile|people|person|contributors?|by|staff|writers?|journalist(?:s|en)?|"
    r"redakteure?|redactie|firmas?|team|user|users|skribent|reporter|correspondents?)/[^/]"
)


def shown_authors(outline: Outline, places: Surroundings, publisher: str | None) -> list[str]:
    """Names in the article's byline; the place right under the headline is asked first, the end of the text last."""
    for elements in (places.between, places.above, places.behind):
        names = _from_boxes(outline, elements, publisher) or _from_announcements(outline, elements, publisher)
        if names:
            return names
    return []


def _from_boxes(outline: Outline, elements: list[Element], publisher: str | None) -> list[str]:
    """From elements that are called byline or author, or that link to an author's page."""
    names: dict[str, None] = {}
    end = 0
    for element in elements:
        if element.index < end or not element.chars or not _is_box(element):
            continue
        if element.chars > LONGEST_BYLINE:
            continue  # the box holds more than the names; one inside it will do
        found = byline_people(outline.text_of(element), publisher)
        if found:
            names.update(dict.fromkeys(found))
            end = element.end
    return list(names)


def _is_box(element: Element) -> bool:
    if element.tag == "a":
        rel, href = element.attrs.get("rel"), element.attrs.get("href")
        if (rel and "author" in rel) or (href and _AUTHOR_PATH.search(href)):
            return True
    hint = element.hint
    return element.tag == "address" or bool(hint and _BYLINE_HINT.search(hint) and not _OTHER_HINT.search(hint))


def _from_announcements(outline: Outline, elements: Iterable[Element], publisher: str | None) -> list[str]:
    """From short lines that begin with "By", "Von", "Par" and the like, whatever their element is called."""
    for element in elements:
        if 4 < element.chars <= LONGEST_BYLINE and not element.hint.startswith("breadcrumb"):
            text = outline.text_of(element)
            if is_announced(text):
                names = byline_people(text, publisher)
                if names:
                    return names
    return []
