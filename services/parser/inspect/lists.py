"""Where on the page do its headline lists stand, and what gave each its kind?"""

import msgspec

from services.parser.inspect.text import Note, PageText, Span, describe
from services.parser.lists.words import kind_of_hint, kind_of_label
from services.parser.outline.outline import Element
from services.parser.page import Reading
from services.parser.site_rules.rules import SiteRule
from shared.parsed_page import Headline, HeadlineKind

# How many levels above a list the class name that gives it its kind may stand.
HINT_LEVELS = 8

# What tells the kind of a list without a name. Tickers, latest and most read lists have other signs, too.
_BY_SIGNS: dict[HeadlineKind, str] = {
    "feed": "an entry of a feed or a sitemap each",
    "front": "one of the sections of a front, or a list without a name beside an article",
    "latest": "clock times stand beside its lines",
    "most_read": "its lines are numbered from 1",
    "related": "other stories beside an article or in it, under no telling name",
    "ticker": "a strip of bare lines",
    "trending": "so the page calls it",
}


class ListReport(msgspec.Struct, frozen=True, kw_only=True):
    """One list of the page with its headlines in order; `why` says what gave it its kind.

    `unseen` are the positions of headlines that no text of the page says, only attributes of links and pictures.
    `in_article` are the positions of headlines that the article's text contains as well.
    """

    number: int
    kind: HeadlineKind
    label: str | None
    why: str
    headlines: list[Headline]
    unseen: list[int]
    in_article: list[int] = []


def find_lists(reading: Reading, text: PageText, rule: SiteRule | None) -> list[ListReport]:
    """Returns the lists of the page; writes notes on headlines, labels, and other text in a headline's item."""
    finder = _Finder(reading, text)
    reports = []
    for number, headlines in enumerate(_one_by_one(reading.page.headlines), 1):
        places = [finder.write(line, number) for line in headlines]
        first = next((place.start for place in places if place is not None), None)
        selected = number == 1 and rule is not None and rule.ticker is not None
        kind, label = headlines[0].kind, headlines[0].label
        report = ListReport(
            number=number,
            kind=kind,
            label=label,
            why="the site rule selects it" if selected else finder.why(kind, label, first),
            headlines=headlines,
            unseen=[line.position for line, place in zip(headlines, places, strict=True) if place is None],
        )
        finder.write_label(report, first)
        reports.append(report)
    finder.write_beside()
    return reports


def _one_by_one(headlines: list[Headline]) -> list[list[Headline]]:
    """Returns the page's headlines list by list; positions count from 1 in each list."""
    lists: list[list[Headline]] = []
    for headline in headlines:
        if headline.position == 1 or not lists:
            lists.append([])
        lists[-1].append(headline)
    return lists


class _Finder:
    """Finds headlines in the elements that hold them; where these are not known, each behind the one before it."""

    def __init__(self, reading: Reading, text: PageText) -> None:
        self._text = text
        self._claimed = reading.lists.claimed if reading.lists is not None else frozenset()
        elements = reading.outline.elements if reading.outline is not None else []
        self._elements = iter([elements[at] for at in reading.lists.places] if reading.lists is not None else [])
        self._items: dict[int, Note] = {}
        self._at = 0

    def write(self, headline: Headline, number: int) -> Span | None:
        """Write a note where the next headline stands; returns its place, or None if the page's text lacks it."""
        element = next(self._elements, None)
        place = self._place_behind(headline) if element is None else self._place_in(element, headline)
        if place is None:
            return None
        note = Note(
            role="headline",
            kind=headline.kind,
            why="the page's own headline" if headline.is_self else "a headline of the list",
            list_number=number,
            position=headline.position,
        )
        self._text.write(place, note)
        self._at = place.end
        around = self._text.element_at(place.start)
        if around is not None and around.index in self._claimed:
            self._items.setdefault(self._item_of(around).index, note)
        return place

    def why(self, kind: HeadlineKind, label: str | None, at: int | None) -> str:
        """Returns what gave a list its kind: its label, a class name around it, or else signs in its lines."""
        if label and _spoken_of(kind_of_label(label)) == kind:
            return "its label says so"
        box = self._text.element_at(at) if at is not None else None
        for _ in range(HINT_LEVELS):
            if box is None:
                break
            if box.tag == "marquee" or (box.hint and _spoken_of(kind_of_hint(box.hint)) == kind):
                return f"so its box is called: {describe(box)}"
            box = box.parent
        return _BY_SIGNS[kind]

    def write_label(self, report: ListReport, first: int | None) -> None:
        """Write a note on the label, which stands before the first headline."""
        label = self._text.find_last(report.label or "", first) if first is not None else None
        if label is not None:
            note = Note(role="label", kind=report.kind, why="announces the list", list_number=report.number)
            self._text.write(label, note)

    def write_beside(self) -> None:
        """Write notes on text in a headline's item that is not the headline: times, categories, ranks, teasers."""
        for span, element in self._text.free(self._text.everything):
            if element is None or element.index not in self._claimed:
                continue
            note = self._items.get(self._item_of(element).index)
            if note is not None:
                why = "beside the headline: a time, a category, a rank or a teaser"
                self._text.write(span, msgspec.structs.replace(note, role="beside", why=why))

    def _place_in(self, element: Element, headline: Headline) -> Span | None:
        """Returns the headline's place in its element or item, or the whole link if that says it in other words."""
        link = self._text.span_of(element)
        item = self._text.span_of(self._item_of(element))
        place = self._text.find(headline.text, link, self._text.is_free)
        place = place or self._text.find(headline.text, item, self._text.is_free)
        if place is None and element.tag == "a" and link.start < link.end and self._text.is_free(link.start):
            return link
        return place

    def _place_behind(self, headline: Headline) -> Span | None:
        behind = Span(start=self._at, end=self._text.everything.end)
        place = self._text.find(headline.text, behind, self._accepts)
        return place or self._text.find(headline.text, self._text.everything, self._accepts)

    def _accepts(self, at: int) -> bool:
        """Whether a letter has no note and, if claimed elements are known, stands in one of them or in no element."""
        element = self._text.element_at(at) if self._claimed else None
        return self._text.is_free(at) and (element is None or element.index in self._claimed)

    def _item_of(self, element: Element) -> Element:
        """Returns the highest claimed element around a claimed one."""
        while element.parent is not None and element.parent.index in self._claimed:
            element = element.parent
        return element


def _spoken_of(word: str | None) -> str | None:
    """Returns the kind of list that a kind of word announces."""
    return "latest" if word == "breaking" else word
