"""What is known about the page, and what says so: the head, the visible page, or the URL?

A source is named if it says the same as the result, because this is what a reader wants to check. The order in which
the parser trusts its sources is in facts.py and titles.py.
"""

from collections.abc import Mapping, Sequence

import msgspec

from services.parser.fields.bylines import people
from services.parser.fields.dates import date_in_url, read_moment, stamps_in
from services.parser.fields.metadata import Metadata
from services.parser.inspect.text import Note
from services.parser.language.folding import bare
from services.parser.outline.outline import Element
from services.parser.page import Reading
from shared.parsed_page import Article

PAGE_TEXT = "the page's text"
SCRIPTS = "the data of the page's scripts"
_EITHER = "JSON-LD or meta"
FLAGS = ("truncated", "paywalled", "consent_wall", "live_blog")
LENGTH_OF_DAY = len("2025-05-08")
# The page's description and its lead are the same if so many letters agree.
SAME_OPENING = 60

# Source -> what it says of a field.
SaidBy = Mapping[str, Sequence[str | None]]


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A fact of the result, and the sources that say the same."""

    name: str
    values: list[str]
    sources: list[str] = []
    passed_over: list[str] = []  # claims that were not believed, each with the reason


def read_fields(reading: Reading) -> list[Field]:
    """Returns the facts that the result has, in the order in which a reader asks for them."""
    page, article = reading.page, reading.page.article
    head = reading.metadata or Metadata()
    declared = ["the head"] if page.language and page.language == head.language else []
    fields = [
        *(_of_article(article, head, reading) if article is not None else []),
        Field(name="language", values=[page.language or ""], sources=[*declared, PAGE_TEXT]),
        Field(name="url", values=[page.url or ""]),
        _canonical(page.canonical_url, head),
    ]
    return [field for field in fields if any(field.values) or field.passed_over]


def _canonical(canonical_url: str | None, head: Metadata) -> Field:
    """Returns the canonical URL, with the addresses that the page names as its own and that were not believed."""
    said_by = ["the head"] if canonical_url else []
    passed_over = [f"{claim.said_by}: {claim.value} ({claim.why})" for claim in head.canonical.passed_over]
    return Field(
        name="canonical_url", values=[canonical_url] if canonical_url else [], sources=said_by, passed_over=passed_over
    )


def _of_article(article: Article, head: Metadata, reading: Reading) -> list[Field]:
    return [
        *_words(article, head, reading),
        *_origin(article, head, reading),
        _field("section", [article.section], {_EITHER: [head.section]}),
        _field("tags", article.tags, {_EITHER: head.tags}),
        _field("source_url", [article.source_url], {_EITHER: [head.original_url]}),
        _flags(article, head, reading),
    ]


def _words(article: Article, head: Metadata, reading: Reading) -> list[Field]:
    """Returns the fields that stand over the text: title, lead and kicker."""
    outline = reading.outline
    heading = reading.body.region.title_element if reading.body is not None else None
    shown = outline.text_of(heading) if outline is not None and heading is not None else None
    titles: SaidBy = {"JSON-LD": [head.headline], "meta or <title>": head.titles, "the heading": [shown]}
    told = reading.told
    if told is not None:
        titles = {**titles, SCRIPTS: [told.fields.title]}
    return [
        *(
            [Field(name="text", values=[f"{len(article.text)} characters"], sources=[SCRIPTS])]
            if told is not None
            else []
        ),
        _field("title", [article.title], titles),
        _field("lead", [article.lead], {"the head's description": _same_lead(article.lead, head.description)}),
        _field("kicker", [article.kicker], {}),
    ]


def _origin(article: Article, head: Metadata, reading: Reading) -> list[Field]:
    """Returns the fields that say who wrote the article, when it was published, and by whom."""
    authors = {
        "JSON-LD": people(head.json_ld_authors, article.publisher),
        "meta": people(head.meta_authors, article.publisher),
        SCRIPTS: reading.told.fields.authors if reading.told is not None else [],
    }
    published: SaidBy = {
        "JSON-LD": [head.json_ld_published],
        "meta": [head.meta_published],
        SCRIPTS: [reading.told.fields.published_at if reading.told is not None else None],
        "the address": _same_day(article.published_at, date_in_url(reading.page.url)),
    }
    return [
        _field("authors", article.authors, authors),
        _field("published_at", [article.published_at], published),
        _field("modified_at", [article.modified_at], {_EITHER: [head.modified_at]}),
        _field("publisher", [article.publisher], {_EITHER: [head.publisher]}),
    ]


def _flags(article: Article, head: Metadata, reading: Reading) -> Field:
    shows = reading.body is None or any(getattr(reading.body, flag) for flag in FLAGS)
    return Field(
        name="flags",
        values=[flag.replace("_", " ") for flag in FLAGS if getattr(article, flag)],
        sources=[*([_EITHER] if head.paywalled and article.paywalled else []), *([PAGE_TEXT] if shows else [])],
    )


def _same_day(moment: str | None, day: str | None) -> list[str | None]:
    """Returns the moment, in a list, if it is on this day; else []."""
    return [moment] if moment and day and moment.startswith(day) else []


def _same_lead(lead: str | None, description: str | None) -> list[str | None]:
    """Returns the lead, in a list, if the description begins like it; either may be cut short."""
    opening, said = bare(lead or ""), bare(description or "")
    size = min(len(opening), len(said), SAME_OPENING)
    return [lead] if size and opening[:size] == said[:size] else []


def _field(name: str, values: Sequence[str | None], said: SaidBy) -> Field:
    """Returns the field with the sources in `said` that say all values, even in more words; else the visible page."""
    known = [value for value in values if value]
    agree = [source for source, claims in said.items() if all(_is_said(value, claims) for value in known)]
    return Field(name=name, values=known, sources=agree or [PAGE_TEXT])


def _is_said(value: str, claims: Sequence[str | None]) -> bool:
    wanted = bare(value) or value
    return any(claim is not None and wanted in (bare(claim) or claim) for claim in claims)


_NAMES_AUTHOR = Note(role="field", kind="author", why="names an author")
_SAYS_WHEN = Note(role="field", kind="date", why="says when the article was published or changed")


class FactLines:
    """Recognises the lines of a page that say who wrote its article, and when."""

    def __init__(self, reading: Reading, article: Article) -> None:
        self._habits = (reading.metadata or Metadata()).habits
        self._authors = article.authors
        moments = (article.published_at, article.modified_at)
        self._days = {moment[:LENGTH_OF_DAY] for moment in moments if moment}

    def note_on(self, line: str, element: Element | None) -> Note | None:
        """Returns the note for a line that names an author or says when; None for any other line."""
        if any(author in line for author in self._authors):
            return _NAMES_AUTHOR
        attribute = element.attrs.get("datetime") if element is not None and element.tag == "time" else None
        stated = [read_moment(attribute, self._habits)] if attribute else []
        stated += [stamp.value for stamp in stamps_in(line, self._habits)]
        if any(moment is not None and moment[:LENGTH_OF_DAY] in self._days for moment in stated):
            return _SAYS_WHEN
        return None
