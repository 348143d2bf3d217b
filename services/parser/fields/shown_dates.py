"""Which dates does the visible page give its article?

`<time>` elements and boxes called date come first, then short lines around the headline. A date that is
called a change's is the modification; today's date in the site's header is nobody's.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec
from msgspec import structs

from services.parser.fields.date_words import WORDS
from services.parser.fields.dates import DateHabits, Stamp, read_moment, stamps_in
from services.parser.fields.surroundings import Surroundings, is_neighbours, is_short
from services.parser.outline.outline import Element, Outline

# A line with a date of the article is short; longer ones are prose that mentions a date.
LONGEST_LINE = 140
MOST_BESIDE_DATE = 75
LONGEST_DATELINE = 60
LONGEST_PARAGRAPH = 4000

# The places in words, in the order in which they are read.
PLACES = ("between the headline and the text", "above the headline", "below the text")
PUBLICATION, CHANGE = "said to be the publication", "said to be a change"
PLAIN = "a date without a word on what it is of"
OTHER_THING = "in a box of something else, such as comments, a clock or an event"
ELSEWHERE = "in the first line of the text or in a box called date"

_DATE_HINT = re.compile(r"date|time|publi|posted|byline|meta|fecha|datum|stamp|info|data\b|updated|modif")
_OTHER_HINT = re.compile(
    r"comment|related|(?<!pointer-)\bevent|weather|clock|today|archive|calendar|deadline|countdown|read-?time|copyright"
)
_MARKED = re.compile(r"date|publish|posted|timestamp|post-?meta|entry-meta")
_MODIFIED_HINT = re.compile(r"modif|updat|revis|aktualis|changed")
_MODIFIED_WORD = re.compile(rf"(?:{WORDS.modified})[^\d]{{0,24}}$", re.I)
_PUBLISHED_WORD = re.compile(rf"(?:{WORDS.published})[^\d]{{0,24}}$", re.I)
# A label behind its date is followed by no colon, nor by what makes it the label of the next date: "更新日時".
_END: str = r"(?=\s*(?:$|[|｜/／・·•,，、;)）】\]।.]|\d))"
_LABEL_BEHIND = re.compile(rf"^[\s)）]*(?:{WORDS.modified_behind}|{WORDS.published_behind}){_END}", re.I)
# A date has a year, or two numbers near each other.
_DIGITS = re.compile(r"\d{4}|\d[./-]\d|\d\D{1,24}\d\d|年.{1,3}月")


# Class names come back within a page and on every page of a site, so what they mean is remembered.
REMEMBERED_HINTS = 16384


@lru_cache(maxsize=REMEMBERED_HINTS)
def _names_a_date(hint: str) -> bool:
    return bool(_DATE_HINT.search(hint)) and not _OTHER_HINT.search(hint)


@lru_cache(maxsize=REMEMBERED_HINTS)
def _names_another_thing(hint: str) -> bool:
    return bool(_OTHER_HINT.search(hint))


@lru_cache(maxsize=REMEMBERED_HINTS)
def _is_marked(hint: str) -> bool:
    return bool(_MARKED.search(hint))


def labels_a_date(words: str) -> bool:
    """Whether the words only say what happened at the date behind them: `Publié le`."""
    return bool(_PUBLISHED_WORD.search(words) or _MODIFIED_WORD.search(words))


class ShownDates(msgspec.Struct, frozen=True, kw_only=True):
    """What the visible page says; either may be missing."""

    published_at: str | None = None
    modified_at: str | None = None
    where: str = ""  # in words, the place that was read


class DateSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A date on the visible page. `what` it was taken for stands in words, as does its place."""

    value: str
    words: str  # the line or attribute that was read
    where: str
    what: str
    why: str = ""  # what the part is that it stands in, if that is not the article's


class _Seen:
    """The first date of each sort. `notes` has all, if somebody asks for them."""

    def __init__(self, notes: list[DateSeen] | None = None) -> None:
        self.notes = notes
        self.where = ""
        self.published: str | None = None
        self.plain: str | None = None
        self.modified: str | None = None

    def any_published(self) -> bool:
        """Whether there is a date that is not only a change's."""
        return bool(self.published or self.plain)

    def add(self, value: str, *, before: str, hint: str, words: str | None) -> None:
        """File a date by the words before it, then by what its element is called."""
        if _MODIFIED_WORD.search(before):
            self.modified, sort = _first(self.modified, value), CHANGE
        elif _PUBLISHED_WORD.search(before):
            self.published, sort = _first(self.published, value), PUBLICATION
        elif _MODIFIED_HINT.search(hint) and "publi" not in hint:
            self.modified, sort = _first(self.modified, value), CHANGE
        else:
            self.plain, sort = _first(self.plain, value), PLAIN
        if self.notes is not None:
            self.notes.append(DateSeen(value=value, words=words or "", where=self.where, what=sort))

    def leave_out(self, outline: Outline, element: Element, habits: DateHabits) -> None:
        """Note the dates of an element whose name says that it belongs to something else."""
        if self.notes is not None and is_short(element, LONGEST_LINE):
            text = outline.text_of(element)
            stamps = stamps_in(text, habits)
            self.notes += [DateSeen(value=s.value, words=text, where=self.where, what=OTHER_THING) for s in stamps]


def _first(known: str | None, value: str) -> str:
    """The date known first, or the same with more: a box shows the day, the <time> in it time and offset."""
    return value if known is None or value.startswith(known) else known


def shown_dates(outline: Outline, places: Surroundings, habits: DateHabits) -> ShownDates:
    """The article's dates as shown: next to the headline, else above it, below the text, or in any marked box."""
    return _read_page(outline, places, habits, _Seen())


def seen_dates(outline: Outline, places: Surroundings, habits: DateHabits) -> list[DateSeen]:
    """Every date that `shown_dates` looks at until it has one, and those that it leaves out; for people who ask why."""
    seen = _Seen(notes=[])
    _read_page(outline, places, habits, seen)
    notes = list(seen.notes or [])
    for element in outline.elements if places.apart is not None else ():
        if places.is_apart(element) and (element.tag == "time" or _is_marked(element.hint)):
            apart = _Seen(notes=[])
            _read_element(outline, element, habits, apart)
            why = places.why_apart(element)
            notes += [structs.replace(note, where="elsewhere", what=OTHER_THING, why=why) for note in apart.notes or []]
    return notes


def _near(outline: Outline, places: Surroundings) -> Iterator[list[Element]]:
    """Yield the places to look at, in the order of `PLACES`; behind the text without neighbouring stories."""
    yield places.between
    yield places.above
    yield [e for e in places.behind if _may_date(e) and not is_neighbours(outline, places, e)]


def _may_date(element: Element) -> bool:
    return is_short(element, LONGEST_LINE) or element.tag == "time" or not element.chars


def _read_page(outline: Outline, places: Surroundings, habits: DateHabits, seen: _Seen) -> ShownDates:
    if not _read_places(outline, _near(outline, places), habits, seen):
        seen.where = ELSEWHERE
        _read_datelines(outline, places.between, habits, seen)
        for element in outline.elements:
            if (
                (element.tag == "time" or _is_marked(element.hint))
                and not places.is_apart(element)
                and not is_neighbours(outline, places, element)
            ):
                _read_element(outline, element, habits, seen)
    return ShownDates(published_at=seen.published or seen.plain, modified_at=seen.modified, where=seen.where)


def date_near_title(outline: Outline, places: Surroundings, habits: DateHabits) -> str | None:
    """The date of publication next to the headline or above it."""
    seen = _Seen()
    _read_places(outline, (places.between, places.above), habits, seen)
    return seen.published or seen.plain


def _read_places(outline: Outline, places: Iterable[list[Element]], habits: DateHabits, seen: _Seen) -> bool:
    """Read one place after the other, until one has a date that is not only a change's; whether there was one."""
    for elements, seen.where in zip(places, PLACES, strict=False):
        for element in elements:
            _read_element(outline, element, habits, seen)
        if not seen.any_published():
            _read_lines(outline, elements, habits, seen)
        if seen.any_published():
            return True
    return False


def _read_element(outline: Outline, element: Element, habits: DateHabits, seen: _Seen) -> None:
    """Dates of <time>, of elements marked datePublished, and of boxes called date."""
    attrs, hint = element.attrs, element.hint
    if element.tag == "time" or "datetime" in attrs:
        if _names_another_thing(hint):
            seen.leave_out(outline, element, habits)
            return
        text = outline.text_of(element) if is_short(element, LONGEST_LINE) else ""
        value = read_moment(attrs.get("datetime"), habits) or next((s.value for s in stamps_in(text, habits)), None)
        if value:
            around = f"{hint} {element.parent.hint if element.parent else ''} {attrs.get('itemprop') or ''}".lower()
            words = attrs.get("datetime") or text
            seen.add(value, before=_text_before(outline, element), hint=around, words=words)
    elif hint and is_short(element, LONGEST_LINE) and _names_a_date(hint):
        _read_text(outline.text_of(element), hint, habits, seen)
    elif "content" in attrs and "date" in hint:
        value = read_moment(attrs["content"], habits)
        if value:
            seen.add(value, before="", hint=hint, words=attrs["content"])


def _read_lines(outline: Outline, elements: list[Element], habits: DateHabits, seen: _Seen) -> None:
    """Dates of short lines without a telling name, where the line is little else than date and byline."""
    for element in elements:
        if not is_short(element, LONGEST_LINE):
            continue
        if _names_another_thing(element.hint):
            seen.leave_out(outline, element, habits)
            continue
        text = outline.text_of(element)
        stamps = stamps_in(text, habits) if _DIGITS.search(text) else []
        if stamps and element.chars - sum(s.end - s.start for s in stamps) <= MOST_BESIDE_DATE:
            _read_text(text, "", habits, seen)
            if seen.any_published():
                return


def _read_datelines(outline: Outline, elements: list[Element], habits: DateHabits, seen: _Seen) -> None:
    """A date that opens the text: `25. Januar 2022 | Berlin`."""
    for element in elements:
        if (
            element.tag in ("p", "div", "span", "b", "strong")
            and element.chars > LONGEST_LINE
            and is_short(element, LONGEST_PARAGRAPH)
        ):
            opening = outline.text_of(element)[:LONGEST_DATELINE]
            stamps = stamps_in(opening, habits) if _DIGITS.search(opening) else []
            if stamps:
                seen.add(stamps[0].value, before="", hint="", words=opening)
                return


def _read_text(text: str, hint: str, habits: DateHabits, seen: _Seen) -> None:
    stamps: list[Stamp] = stamps_in(text, habits) if _DIGITS.search(text) else []
    if not stamps:
        return
    behind = _labels_behind(text, stamps)
    at = 0
    for index, stamp in enumerate(stamps):
        before = behind[index] if behind else text[at : stamp.start]
        seen.add(stamp.value, before=before, hint=hint, words=text)
        at = stamp.end


def _labels_behind(text: str, stamps: list[Stamp]) -> list[str] | None:
    """The words behind each date that say what it is (`2月12日 公開 / 2月13日 更新`); None where no label does."""
    if labels_a_date(text[: stamps[0].start]):
        return None
    starts = [*(stamp.start for stamp in stamps[1:]), len(text)]
    words = (text[stamp.end : start] for stamp, start in zip(stamps, starts, strict=True))
    labels = [label[0] if (label := _LABEL_BEHIND.search(said)) else "" for said in words]
    return labels if any(labels) else None


def _text_before(outline: Outline, element: Element) -> str:
    """The words right before an element, by which a <time> is labelled."""
    return " ".join("".join(outline.runs[max(0, element.first_run - 4) : element.first_run]).split())[-40:]
