"""The facts about the article: title, authors, dates, publisher; the head's claims checked against the visible page."""

import re
from collections.abc import Callable

import msgspec

from services.parser.fields import origins
from services.parser.fields.bylines import people
from services.parser.fields.claims import first_value
from services.parser.fields.dates import LENGTH_OF_DAY, date_in_url, in_local_time
from services.parser.fields.metadata import Metadata
from services.parser.fields.organisations import is_agency, is_anonymous, is_house
from services.parser.fields.origins import Origins
from services.parser.fields.shown_bylines import (
    closing_names,
    dated_names,
    marked_authors,
    names_near_title,
    names_with_roles,
    names_written_by,
    opening_names,
    says_any,
    shown_agency,
    shown_authors,
    shown_signature,
)
from services.parser.fields.shown_dates import date_near_title, shown_dates
from services.parser.fields.surroundings import Surroundings, is_short, surroundings_of
from services.parser.fields.title_text import clean_title
from services.parser.fields.titles import find_title
from services.parser.language.folding import fold
from services.parser.outline.outline import Outline
from services.parser.outline.region import Region

# So many names may be of everyone who worked for a page: photographers, stylists.
MANY_AUTHORS = 3
LONGEST_KICKER = 60
# "2024-05-03T10:12:13"
SECONDS = 19
# At these hours of UTC it is the same day from Los Angeles to Tokyo.
SAME_DAY_HOURS = range(8, 15)
_KICKER_HINT = re.compile(
    r"kicker|over-?line|eyebrow|dachzeile|rubric|top-?line|spitzmarke|volanta|antetitulo|surtitre|sur-titre|"
    r"occhiello|pre-?title|pre-?headline|super-?title|label|roofline|chapeu"
)


class Fields(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the article beside its text."""

    title: str | None = None
    kicker: str | None = None
    authors: list[str] = []
    publisher: str | None = None
    section: str | None = None
    tags: list[str] = []
    published_at: str | None = None
    modified_at: str | None = None
    canonical_url: str | None = None
    source_url: str | None = None
    origins: Origins = Origins()


class _Named(msgspec.Struct, frozen=True, kw_only=True):
    names: list[str] = []
    why: str = origins.NO_AUTHOR


class _House(msgspec.Struct, frozen=True, kw_only=True):
    """The names in the head's fields that are of nobody."""

    json_ld: list[str]
    meta: list[str]


class _Dates(msgspec.Struct, frozen=True, kw_only=True):
    published: str | None
    modified: str | None
    why: str
    why_modified: str | None = None


class _Kicker(msgspec.Struct, frozen=True, kw_only=True):
    text: str | None = None
    why: str | None = None


def complete_fields(outline: Outline, metadata: Metadata, region: Region | None) -> Fields:
    """The article's facts. `region` is where its body stands, None on a page without one.

    JSON-LD comes first for authors and dates, then meta elements, then what stands around the headline.
    """
    places = surroundings_of(outline, region)
    title = find_title(outline, metadata)
    dates = _dates(outline, metadata, places)
    authors = _authors(outline, metadata, places)
    kicker = _kicker(outline, places, region, title.text if title is not None else None)
    return Fields(
        title=title.text if title is not None else None,
        kicker=kicker.text,
        authors=authors.names,
        publisher=metadata.publisher,
        section=metadata.section,
        tags=metadata.tags,
        published_at=dates.published,
        modified_at=dates.modified,
        canonical_url=metadata.canonical_url,
        source_url=metadata.original_url,
        origins=Origins(
            title=title,
            kicker=kicker.why,
            authors=authors.why,
            published_at=dates.why,
            modified_at=dates.why_modified,
        ),
    )


def _authors(outline: Outline, metadata: Metadata, places: Surroundings) -> _Named:
    """People of the head before people of the page, and organisations only if there are no people at all."""
    publisher = metadata.publisher
    json_ld = people(metadata.json_ld_authors, publisher)
    if _is_house_alone(json_ld, metadata):
        json_ld = []
    meta: list[str] = []
    named, why = _if_people(json_ld, publisher), origins.JSON_LD_PEOPLE
    if not named:
        meta = people(metadata.meta_authors, publisher)
        named, why = _if_people(meta, publisher), origins.META_PEOPLE
    if not named:
        return _shown_or_house(outline, metadata, places, _House(json_ld=json_ld, meta=meta))
    if len(named) >= MANY_AUTHORS:
        written = _writers(outline, places, named, publisher)
        named, why = written, why if written is named else origins.WRITERS
    others = _others_in_byline(outline, places, named, publisher)
    if others:
        return _Named(names=others, why=origins.OTHER_BYLINE)
    whole = _in_full(outline, places, named, publisher)
    return _Named(names=whole, why=why if whole is named else origins.FULL_NAMES)


def _shown_or_house(outline: Outline, metadata: Metadata, places: Surroundings, house: _House) -> _Named:
    """Whom the visible page names, else the organisations of the head."""
    publisher = metadata.publisher
    steps: tuple[tuple[str, Callable[[], list[str]]], ...] = (
        (origins.BYLINE, lambda: shown_authors(outline, places, publisher)),
        (origins.ROLES, lambda: names_with_roles(outline, places, publisher)),
        (origins.DATED_LINE, lambda: dated_names(outline, places, metadata.habits)),
        (origins.OPENING_LINE, lambda: opening_names(outline, places, publisher)),
        (origins.HOUSE_OF_BOTH, lambda: house.json_ld if house.json_ld == house.meta else []),
        (origins.AGENCY, lambda: shown_agency(outline, places, metadata.habits)),
        (origins.JSON_LD_HOUSE, lambda: house.json_ld),
        (origins.META_HOUSE, lambda: house.meta),
        (origins.MARKED_BOX, lambda: marked_authors(outline, places, publisher)),
        (origins.SIGNATURE, lambda: shown_signature(outline, places)),
        (origins.CLOSING_LINE, lambda: closing_names(outline, places, publisher)),
    )
    return next((_Named(names=names, why=why) for why, step in steps if (names := step())), _Named())


def _writers(outline: Outline, places: Surroundings, named: list[str], publisher: str | None) -> list[str]:
    """Those whom the page says that it is written by, where the head names all who worked for it."""
    written = names_written_by(outline, places, publisher)
    return written if written and set(written) < set(named) else named


def _is_house_alone(json_ld: list[str], metadata: Metadata) -> bool:
    """Whether JSON-LD names its publisher as the author, and no meta element does so as well.

    Systems fill the field when nobody signs. On the labelled pages a name that both say is one that signs.
    """
    house = first_value(metadata.json_ld.own.publishers)
    if not json_ld or not all(is_house(name, house) for name in json_ld):
        return False
    return not any(is_house(name, house) for name in people(metadata.meta_authors))


def _others_in_byline(outline: Outline, places: Surroundings, named: list[str], publisher: str | None) -> list[str]:
    """People whom a byline under the headline names, where the head's people are not to be seen there.

    The byline is right then: on the labelled pages in seven cases of seven.
    """
    if all(map(is_agency, named)) or says_any(outline, places.between, named):
        return []
    near = names_near_title(outline, places, publisher)
    return near if near and _are_others(near, named) else []


def _in_full(outline: Outline, places: Surroundings, named: list[str], publisher: str | None) -> list[str]:
    """The names; where the head has first names alone, the whole names that the page shows."""
    if any(" " in name or not name.isascii() for name in named):
        return named
    shown = shown_authors(outline, places, publisher)
    return shown if shown and all(any(full.startswith(name) for full in shown) for name in named) else named


def _if_people(names: list[str], publisher: str | None) -> list[str]:
    """The names, unless they are all of organisations and accounts."""
    return [] if all(is_anonymous(name, publisher) for name in names) else names


def _are_others(near: list[str], claimed: list[str]) -> bool:
    """Whether the byline names other people in full: the head then says who entered the article into the system."""
    known = fold(" ".join(claimed))
    return all(" " in name for name in near) and not any(
        word in known for name in near for word in fold(name).split() if len(word) > 1
    )


def _dates(outline: Outline, metadata: Metadata, places: Surroundings) -> _Dates:
    """Publication and modification.

    Where the head may speak of the file, an earlier date beside the headline is right (on six labelled pages of six).
    """
    published = metadata.json_ld_published or metadata.meta_published
    modified = metadata.modified_at
    if published and modified and _is_of_file(published, modified):
        shown_near = date_near_title(outline, places, metadata.habits)
        if shown_near and shown_near[:LENGTH_OF_DAY] < published[:LENGTH_OF_DAY] and not _turned(shown_near, published):
            return _Dates(published=shown_near, modified=modified, why=origins.EARLIER_SHOWN)
    if published and not _may_be_another_day(published):
        return _Dates(published=published, modified=modified, why=origins.HEAD)
    shown = shown_dates(outline, places, metadata.habits)
    if published:
        local = in_local_time(published, (metadata.meta_published, shown.published_at))
        why = origins.HEAD if local == published else origins.HEAD_IN_LOCAL_TIME
        return _Dates(published=local, modified=modified, why=why)
    changed = modified or shown.modified_at
    steps = (
        (shown.published_at, f"{origins.SHOWN}, {shown.where}"),
        (date_in_url(metadata.url, metadata.habits.latest) if not shown.published_at else None, origins.ADDRESS),
        (changed, origins.LAST_CHANGE),
    )
    why_changed = origins.SHOWN if changed and not modified else None
    published, why = next((step for step in steps if step[0]), (None, origins.NO_DATE))
    return _Dates(published=published, modified=changed, why=why, why_modified=why_changed)


def _is_of_file(published: str, modified: str) -> bool:
    """Whether the head has the page published after its last change, or at that time without a time zone.

    Site builders stamp all pages anew. Newsrooms, whose systems know time zones, do publish without a later change.
    """
    moment, changed = published[:SECONDS], modified[:SECONDS]
    return moment > changed or (moment == changed and len(published) <= SECONDS)


def _turned(shown: str, published: str) -> bool:
    """Whether the two differ only in which number is the day: 11/01 was written by an American, or read like one."""
    year, month, day = shown[:LENGTH_OF_DAY].split("-")
    return published.startswith(f"{year}-{day}-{month}")


def _may_be_another_day(moment: str) -> bool:
    """Whether a moment in UTC falls on another day where the publisher is; the page is searched only then."""
    return moment.endswith("+00:00") and int(moment[11:13]) not in SAME_DAY_HOURS


def _kicker(outline: Outline, places: Surroundings, region: Region | None, title: str | None) -> _Kicker:
    """The words over the headline, or before it within the same heading."""
    heading = region.title_element if region else None
    if heading is None or not title:
        return _Kicker()
    said = clean_title(outline.text_of(heading))
    if said.endswith(title) and 2 < len(said) - len(title) <= LONGEST_KICKER:
        before = said[: -len(title)].strip(" :–—-|/·")
        return _Kicker(text=before, why=origins.BEFORE_TITLE) if before else _Kicker()
    for element in reversed(places.above):
        if is_short(element, LONGEST_KICKER) and element.hint and _KICKER_HINT.search(element.hint):
            return _Kicker(text=clean_title(outline.text_of(element)), why=origins.KICKER_BOX)
    return _Kicker()
