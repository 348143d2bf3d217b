"""The facts about the article: title, authors, dates, publisher; the head's claims checked against the visible page."""

import re
from urllib.parse import urljoin

import msgspec

from services.parser.article import Region
from services.parser.bylines import is_anonymous, people
from services.parser.dates import date_in_url
from services.parser.metadata import Metadata
from services.parser.mirror import LONGEST_SOURCE_LINE, SourceLine, is_source_link, read_source_line
from services.parser.segments import Outline
from services.parser.shown_bylines import marked_authors, shown_authors
from services.parser.shown_dates import shown_dates
from services.parser.surroundings import Surroundings, surroundings_of
from services.parser.titles import choose_title, clean_title

LONGEST_KICKER = 60
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
    mirrored: bool = False  # a press mirror's copy: its last lines are the byline and the way to the original


def complete_fields(outline: Outline, metadata: Metadata, region: Region | None) -> Fields:
    """The article's facts. `region` is where its body stands, None on a page without one.

    JSON-LD comes first for authors and dates, then meta elements, then what stands around the headline. A press
    mirror's line with paper and date comes before all: its head speaks of the mirror.
    """
    places = surroundings_of(outline, region)
    source = _source_line(outline, places)
    publisher = source.publisher if source else metadata.publisher
    title = choose_title(outline, metadata)
    published, modified = _dates(outline, metadata, places)
    return Fields(
        title=title,
        kicker=_kicker(outline, places, region, title),
        authors=_authors(outline, metadata, places, publisher),
        publisher=publisher,
        section=metadata.section,
        tags=metadata.tags,
        published_at=source.published_at if source else published,
        modified_at=None if source else modified,
        canonical_url=metadata.canonical_url,
        source_url=(_source_link(outline, places, metadata.url) if source else None) or metadata.original_url,
        mirrored=source is not None,
    )


def _source_line(outline: Outline, places: Surroundings) -> SourceLine | None:
    """A press mirror's line under the title; looked for only in short elements that end in a year."""
    for element in places.between:
        if 15 < element.chars <= LONGEST_SOURCE_LINE:
            text = outline.text_of(element)
            if text[-4:].isdigit():
                source = read_source_line(text)
                if source:
                    return source
    return None


def _source_link(outline: Outline, places: Surroundings, url: str | None) -> str | None:
    for element in places.behind:
        if element.tag == "a" and element.attrs.get("href") and is_source_link(outline.text_of(element)):
            return urljoin(url or "", element.attrs["href"] or "")
    return None


def _authors(outline: Outline, metadata: Metadata, places: Surroundings, publisher: str | None) -> list[str]:
    """People of the head before people of the page, and organisations only if there are no people at all."""
    claims = [people(metadata.json_ld_authors, publisher), people(metadata.meta_authors, publisher)]
    named = next((names for names in claims if not all(is_anonymous(name, publisher) for name in names)), None)
    if named and any(" " in name or not name.isascii() for name in named):
        return named
    shown = shown_authors(outline, places, publisher)
    if named:  # first names; the page may show the whole
        whole = shown and all(any(full.startswith(name) for full in shown) for name in named)
        return shown if whole else named
    return shown or claims[0] or claims[1] or marked_authors(outline, publisher)


def _dates(outline: Outline, metadata: Metadata, places: Surroundings) -> tuple[str | None, str | None]:
    """Publication and modification."""
    published = metadata.json_ld_published or metadata.meta_published
    modified = metadata.modified_at
    if published:
        return published, modified
    shown = shown_dates(outline, places, metadata.habits)
    modified = modified or shown.modified_at
    return shown.published_at or date_in_url(metadata.url) or modified, modified


def _kicker(outline: Outline, places: Surroundings, region: Region | None, title: str | None) -> str | None:
    """The words over the headline, or before it within the same heading."""
    heading = region.title_element if region else None
    if heading is None or not title:
        return None
    said = clean_title(outline.text_of(heading))
    if said.endswith(title) and 2 < len(said) - len(title) <= LONGEST_KICKER:
        return said[: -len(title)].strip(" :–—-|/·") or None
    for element in reversed(places.above):
        if 2 < element.chars <= LONGEST_KICKER and element.hint and _KICKER_HINT.search(element.hint):
            return clean_title(outline.text_of(element))
    return None
