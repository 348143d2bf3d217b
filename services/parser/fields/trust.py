"""Whom does the parser believe first? What states each field in the head, in order of trust.

JSON-LD is written for machines and names the article's own publisher, dates and pictures; sections and descriptions
are written better in meta elements.
"""

from collections.abc import Callable, Iterator
from operator import attrgetter

import msgspec

from services.parser.fields.claims import Claim
from services.parser.fields.json_ld import ArticleNode
from services.parser.fields.meta_elements import MetaElements


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What JSON-LD says of the page's own article, and what the meta elements say."""

    own: ArticleNode
    meta: MetaElements


# Field -> the lists of claims on it, the most trusted first.
_TRUST = {
    "titles": ("meta.titles", "own.headlines"),
    "description": ("meta.descriptions", "own.descriptions"),
    "authors": ("own.authors", "meta.authors"),
    "publisher": ("own.publishers", "meta.papers"),
    "section": ("meta.sections", "own.sections"),
    "tags": ("meta.tags", "own.keywords", "meta.keywords"),
    "published_at": ("own.published", "meta.published"),
    "modified_at": ("own.modified", "meta.modified"),
    "source_url": ("own.originals", "meta.originals"),
    "images": ("own.images", "meta.images"),
    "language": ("own.languages", "meta.languages"),
}
IN_JSON_LD, IN_META = "JSON-LD", "meta"
_NAMES = {"own": IN_JSON_LD, "meta": IN_META}
_READERS: dict[str, Callable[[Head], tuple[list[Claim], ...]]] = {
    field: attrgetter(*places) for field, places in _TRUST.items()
}


def claims_on(field: str, head: Head) -> tuple[list[Claim], ...]:
    """What the head says of a field, the most trusted list of claims first."""
    return _READERS[field](head)


def said_on(field: str, own: ArticleNode, meta: MetaElements) -> Iterator[tuple[str, str]]:
    """The same one by one: where it is said (`JSON-LD headline`, `meta og:title`), and what."""
    for place, claim in placed_claims(field, Head(own=own, meta=meta)):
        yield f"{place} {claim.key}", claim.value


def placed_claims(field: str, head: Head) -> Iterator[tuple[str, Claim]]:
    """What the head says of a field, the most trusted claim first, each with IN_JSON_LD or IN_META."""
    for place, claims in zip(_TRUST[field], claims_on(field, head), strict=True):
        for claim in claims:
            yield _NAMES[place.partition(".")[0]], claim
