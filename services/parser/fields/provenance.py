"""Which reader gave each field of the article? One word a field, for those who judge an article by it.

The steps that choose a field have left how they found it (origins.py, titles.py); here that becomes a word. Nothing is
decided, and nothing is read again but a date that several claims may have given. docs/reading.md has the words.
"""

from collections.abc import Callable

import msgspec

from services.parser.body.article import Body
from services.parser.fields import origins
from services.parser.fields.claims import Claim, first_value
from services.parser.fields.dates import read_moment
from services.parser.fields.facts import Fields
from services.parser.fields.metadata import Metadata
from services.parser.fields.title_text import clean_title
from services.parser.fields.trust import IN_JSON_LD, Head, claims_on, placed_claims
from shared.parsed_page import Article

JSON_LD = "json-ld"
OPEN_GRAPH = "opengraph"
META = "meta"
TITLE_ELEMENT = "title-element"
HEADING = "heading"
BYLINE = "byline"
PAGE = "page"
BODY = "body"
TEXT = "text"
HTML = "html"
LINK = "link"
URL = "url"
SCRIPTS = "scripts"
SITE_RULE = "site-rule"
LINES = "lines"
READERS = (
    JSON_LD, OPEN_GRAPH, META, TITLE_ELEMENT, HEADING, BYLINE, PAGE, BODY, TEXT, HTML, LINK, URL, SCRIPTS, SITE_RULE,
    LINES,
)  # fmt: skip

# The fields that have a reader. `canonical_url` belongs to the page, and has one where the page is an article.
FIELDS = (
    "title", "lead", "kicker", "authors", "publisher", "section", "tags", "language", "published_at", "modified_at",
    "source_url", "text", "images", "next_page_url",
)  # fmt: skip

_OPEN_GRAPH_KEYS = ("og:", "article:")
_BY_RULE_OR_SCRIPTS = {origins.SITE_RULE: SITE_RULE, origins.SCRIPTS: SCRIPTS}
# Any other reason is a line of the page.
_AUTHORS = {
    **_BY_RULE_OR_SCRIPTS,
    origins.JSON_LD_PEOPLE: JSON_LD,
    origins.JSON_LD_HOUSE: JSON_LD,
    origins.HOUSE_OF_BOTH: JSON_LD,
    origins.META_PEOPLE: META,
    origins.META_HOUSE: META,
}
_HEAD_DATES = frozenset({origins.HEAD, origins.HEAD_IN_LOCAL_TIME})


def with_provenance(article: Article, fields: Fields, metadata: Metadata, found: Body, *, told: bool) -> Article:
    """The article with the reader of each field that it has. `told`: the page's scripts hold its text."""
    head = Head(own=metadata.json_ld.own, meta=metadata.meta)
    of_text = SCRIPTS if told else BODY if found.scores else SITE_RULE
    original = metadata.canonical.original
    readers: dict[str, Callable[[], str]] = {
        "title": lambda: _title(fields, metadata),
        "lead": lambda: of_text,
        "kicker": lambda: HEADING if fields.origins.kicker == origins.BEFORE_TITLE else PAGE,
        "authors": lambda: _authors(fields, head),
        "publisher": lambda: _of_head("publisher", head),
        "section": lambda: _of_head("section", head),
        "tags": lambda: _of_head("tags", head),
        "language": lambda: _language(article.language, metadata, head),
        "published_at": lambda: _published(fields, metadata, head),
        "modified_at": lambda: _modified(fields, metadata, head),
        "source_url": lambda: LINK if article.source_url == original else _of_head("source_url", head),
        "text": lambda: of_text,
        "images": lambda: _images(article, metadata, head, of_text),
        "next_page_url": lambda: LINK,
    }
    known = {name: reader() for name, reader in readers.items() if getattr(article, name)}
    if fields.canonical_url:
        known["canonical_url"] = OPEN_GRAPH if metadata.canonical.said_by == "og:url" else LINK
    return msgspec.structs.replace(article, provenance=known)


def with_lines_as_provenance(article: Article) -> Article:
    """The same for an article that was read line by line."""
    known = {name: LINES for name in FIELDS if getattr(article, name)}
    if article.language:
        known["language"] = TEXT
    return msgspec.structs.replace(article, provenance=known)


def with_head_as_provenance(article: Article, metadata: Metadata) -> Article:
    """The same for an article of lines whose tags and section stand in a head, and whose original is a link."""
    head = Head(own=metadata.json_ld.own, meta=metadata.meta)
    known = {name: reader for name, reader in article.provenance.items() if getattr(article, name)}
    known |= {name: _of_head(name, head) for name in ("section", "tags") if getattr(article, name)}
    if article.source_url:
        known["source_url"] = LINK
    return msgspec.structs.replace(article, provenance=known)


def _title(fields: Fields, metadata: Metadata) -> str:
    title = fields.origins.title
    if title is None or title.why in _BY_RULE_OR_SCRIPTS:
        return _BY_RULE_OR_SCRIPTS[title.why] if title is not None else HEADING
    if not title.from_head:
        return HEADING
    for claim in metadata.meta.titles:
        if title.text in clean_title(claim.value):
            return _of_meta([claim])
    in_json_ld = metadata.headline is not None and title.text in clean_title(metadata.headline)
    in_element = len(metadata.titles) > len(metadata.meta.titles) and title.text in clean_title(metadata.titles[-1])
    return JSON_LD if in_json_ld and not in_element else TITLE_ELEMENT


def _authors(fields: Fields, head: Head) -> str:
    reader = _AUTHORS.get(fields.origins.authors, BYLINE)
    return _of_meta(head.meta.authors) if reader == META else reader


def _of_meta(claims: list[Claim]) -> str:
    return OPEN_GRAPH if claims and claims[0].key.startswith(_OPEN_GRAPH_KEYS) else META


def _of_head(field: str, head: Head) -> str:
    """The reader of the first claim, which is the one that is taken."""
    return next((_of_claim(place, claim) for place, claim in placed_claims(field, head)), META)


def _of_claim(place: str, claim: Claim) -> str:
    return JSON_LD if place == IN_JSON_LD else _of_meta([claim])


def _language(language: str | None, metadata: Metadata, head: Head) -> str:
    """The page's own word, where the text bears it out; else the text."""
    if language != metadata.language:
        return TEXT
    said = first_value(*claims_on("language", head))
    return _of_head("language", head) if said is not None and said is metadata.language_tag else HTML


def _published(fields: Fields, metadata: Metadata, head: Head) -> str:
    why = fields.origins.published_at
    if why in _BY_RULE_OR_SCRIPTS:
        return _BY_RULE_OR_SCRIPTS[why]
    if why == origins.LAST_CHANGE:
        return _modified(fields, metadata, head)
    if why == origins.ADDRESS:
        return URL
    if why not in _HEAD_DATES:
        return PAGE
    return JSON_LD if metadata.json_ld_published else _of_date("published_at", metadata, head)


def _modified(fields: Fields, metadata: Metadata, head: Head) -> str:
    return PAGE if fields.origins.modified_at == origins.SHOWN else _of_date("modified_at", metadata, head)


def _of_date(field: str, metadata: Metadata, head: Head) -> str:
    """The reader of the first claim that can be read; of one claim alone that is known without reading it."""
    claims = list(placed_claims(field, head))
    if field == "published_at":
        claims = [(place, claim) for place, claim in claims if place != IN_JSON_LD]
    readers = dict.fromkeys(_of_claim(place, claim) for place, claim in claims)
    if len(readers) == 1:
        return next(iter(readers))
    readable = (pair for pair in claims if read_moment(pair[1].value, metadata.habits))
    return next((_of_claim(place, claim) for place, claim in readable), META)


def _images(article: Article, metadata: Metadata, head: Head, of_text: str) -> str:
    """The reader of the first picture."""
    first = article.images[0].url
    if not metadata.images or metadata.images[0].url != first:
        return of_text
    exact = (_of_claim(place, claim) for place, claim in placed_claims("images", head) if claim.value == first)
    return next(exact, None) or _of_head("images", head)
