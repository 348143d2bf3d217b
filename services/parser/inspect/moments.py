"""Where do the dates of the article come from?"""

from collections.abc import Iterator
from datetime import datetime

from msgspec import structs

from services.parser.fields import origins
from services.parser.fields.claims import PassedOver, first_value
from services.parser.fields.dates import LENGTH_OF_DAY, date_in_url, read_moment
from services.parser.fields.metadata import Metadata
from services.parser.fields.shown_dates import CHANGE, OTHER_THING, DateSeen, seen_dates
from services.parser.fields.surroundings import Surroundings
from services.parser.fields.trust import said_on
from services.parser.inspect.names import LINES, others_of
from services.parser.inspect.origin import Field, compared, shortened
from services.parser.page import Reading
from shared.parsed_page import Article

UNREADABLE = "no date that can be read"
AFTER_VISIT = "more than two days after the visit, so it is no publication"
OF_AN_ENTRY = "the moment of one entry of the live blog, not of all of it"
OF_A_CHANGE = "said to be a change, which is no publication"
NO_CHANGE = "nothing says when the article was changed"
OF_FILE = "later than the date beside the headline; it may be that of the file"


def published_field(article: Article, reading: Reading, places: Surroundings | None) -> Field:
    """Returns the day of publication, with each date of head, page and address that is another one, and why."""
    head, fields = reading.metadata or Metadata(), reading.fields
    found = article.published_at
    why = fields.origins.published_at if fields is not None else LINES if found else origins.NO_DATE
    field = Field(name="published_at", values=[found] if found else [], why=why)
    if fields is not None and fields.published_at and not found:
        passed = PassedOver(said_by=why, value=fields.published_at, why=OF_AN_ENTRY)
        field = structs.replace(field, why=origins.NO_DATE, passed_over=[passed])
    judge = _Judge(found, head, OF_FILE if why == origins.EARLIER_SHOWN else _first(why))
    field = compared(field, said_on("published_at", head.json_ld.own, head.meta), judge.why_not, judge.agrees)
    if places is not None and reading.outline is not None:
        for seen in _seen(reading, places, head):
            said = [(f"the page, {seen.where}: {shortened(seen.words)}", seen.value)]
            field = compared(field, said, judge.why_not_seen(seen), judge.agrees)
    address = date_in_url(reading.page.url)
    field = compared(field, [("the address", address)] if address else [], judge.why_not, judge.is_day)
    return structs.replace(field, passed_over=[*field.passed_over, *_of_others(head)])


def modified_field(article: Article, reading: Reading) -> Field:
    """Returns the moment of the last change."""
    head, fields, found = reading.metadata or Metadata(), reading.fields, article.modified_at
    shown = fields.origins.modified_at if fields is not None else None
    field = Field(
        name="modified_at", values=[found] if found else [], why=shown or (origins.HEAD if found else NO_CHANGE)
    )
    judge = _Judge(found, head, _first(field.why))
    return compared(field, said_on("modified_at", head.json_ld.own, head.meta), judge.why_not, judge.agrees)


def _first(why: str) -> str:
    return f"another date was found first: {why}"


def _seen(reading: Reading, places: Surroundings, head: Metadata) -> Iterator[DateSeen]:
    """Yield the dates of the visible page, and those that would be read if the visit had been later."""
    if reading.outline is None:
        return
    yield from (known := seen_dates(reading.outline, places, head.habits))
    later = seen_dates(reading.outline, places, structs.replace(head.habits, latest=None))
    yield from (seen for seen in later if seen not in known)


def _of_others(head: Metadata) -> list[PassedOver]:
    return [
        PassedOver(
            said_by=f"JSON-LD {claim.key}",
            value=claim.value,
            why=f"of another article in the page's data: {first_value(node.headlines) or 'without a headline'}",
        )
        for node in others_of(head)
        for claim in node.published[:1]
    ]


class _Judge:
    """Tells whether a date is the one that was found, and if not, why it was passed over."""

    def __init__(self, found: str | None, head: Metadata, other: str) -> None:
        self._found, self._habits, self._other = found, head.habits, other

    def agrees(self, said: str) -> bool:
        moment = read_moment(said, self._habits)
        return bool(moment and self._found) and _is_same(str(moment), str(self._found))

    def is_day(self, day: str) -> bool:
        return bool(self._found) and str(self._found).startswith(day)

    def why_not(self, said: str) -> str:
        if read_moment(said, self._habits) is not None:
            return self._other if self._found else origins.NO_DATE
        later = read_moment(said, structs.replace(self._habits, latest=None))
        return AFTER_VISIT if later is not None else UNREADABLE

    def why_not_seen(self, seen: DateSeen) -> str:
        if seen.what == OTHER_THING:
            return seen.why or OTHER_THING
        why = self.why_not(seen.value)
        return OF_A_CHANGE if seen.what == CHANGE and why != AFTER_VISIT else why


def _is_same(one: str, other: str) -> bool:
    """Whether two moments are the same, or one is the day of the other."""
    if min(len(one), len(other)) == LENGTH_OF_DAY:
        return one[:LENGTH_OF_DAY] == other[:LENGTH_OF_DAY]
    first, second = datetime.fromisoformat(one), datetime.fromisoformat(other)
    if (first.tzinfo is None) != (second.tzinfo is None):
        return first.replace(tzinfo=None) == second.replace(tzinfo=None)
    return first == second
