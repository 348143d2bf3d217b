"""Whom does the parser believe first? What states each field in the head, in order of trust.

JSON-LD is written for machines and names the article's own publisher, dates and pictures; sections and descriptions
are written better in meta elements.
"""

from collections.abc import Iterator

from services.parser.fields.claims import Claim
from services.parser.fields.json_ld import ArticleNode
from services.parser.fields.meta_elements import MetaElements

JSON_LD, META = "JSON-LD", "meta"

# Field -> the lists of claims on it, the most trusted first: of JSON-LD's node of the article, or of meta elements.
_TRUST = {
    "titles": ((META, "titles"), (JSON_LD, "headlines")),
    "description": ((META, "descriptions"), (JSON_LD, "descriptions")),
    "authors": ((JSON_LD, "authors"), (META, "authors")),
    "publisher": ((JSON_LD, "publishers"), (META, "papers")),
    "section": ((META, "sections"), (JSON_LD, "sections")),
    "tags": ((META, "tags"), (JSON_LD, "keywords"), (META, "keywords")),
    "published_at": ((JSON_LD, "published"), (META, "published")),
    "modified_at": ((JSON_LD, "modified"), (META, "modified")),
    "source_url": ((JSON_LD, "originals"), (META, "originals")),
    "images": ((JSON_LD, "images"), (META, "images")),
    "language": ((JSON_LD, "languages"), (META, "languages")),
}


def claims_on(field: str, own: ArticleNode, meta: MetaElements) -> list[list[Claim]]:
    """What the head says of a field, the most trusted list of claims first."""
    return [getattr(own if place is JSON_LD else meta, name) for place, name in _TRUST[field]]


def said_on(field: str, own: ArticleNode, meta: MetaElements) -> Iterator[tuple[str, str]]:
    """The same one by one: where it is said (`JSON-LD headline`, `meta og:title`), and what."""
    for (place, _), claims in zip(_TRUST[field], claims_on(field, own, meta), strict=True):
        for claim in claims:
            yield f"{place} {claim.key}", claim.value
