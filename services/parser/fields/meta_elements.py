"""What do the page's meta elements say? Open Graph, Twitter cards, Dublin Core and the vocabularies of many systems."""

from collections import defaultdict

import msgspec

from services.parser.fields.byline_text import is_written_by
from services.parser.fields.claims import Claim, first_value
from services.parser.outline.outline import Attributes

# Field of the record -> the names that state it, the most trusted first.
_NAMES = {
    "titles": (
        "og:title", "twitter:title", "title", "dc.title", "citation_title", "sailthru.title", "parsely-title",
        "headline",
    ),
    "descriptions": ("og:description", "description", "twitter:description", "dc.description", "sailthru.description"),
    "authors": (
        "author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator",
        "dc.contributor", "byl", "cxenseparse:author", "citation_author", "article:author_name", "og:article:author",
        "creator", "authors", "rbauthors", "dcsext.author", "vr:author",
    ),
    "published": (
        "article:published_time", "og:article:published_time", "og:published_time", "article:published",
        "datepublished", "parsely-pub-date", "sailthru.date", "article.published", "rnews:datepublished",
        "citation_publication_date", "citation_online_date", "cxenseparse:recs:publishtime", "cxenseparse:publishtime",
        "vr:published_time", "shareaholic:article_published_time", "dc.date.issued", "dcterms.issued",
        "dcterms.created", "dc.date.created", "article_date_original", "originalpublicationdate", "publication_date",
        "publication-date", "publish_date", "publish-date", "publishdate", "published_at", "pubdate", "pub_date",
        "published", "ptime", "displaydate", "cdate", "article:create_at", "article.created", "datecreated", "created",
        "dc.date", "dc.terms.date", "dcterms.date", "timestamp", "date", "article:post_date",
    ),
    "modified": (
        "article:modified_time", "og:updated_time", "article:modified", "datemodified", "dcterms.modified",
        "dc.date.modified", "lastmod", "last-modified", "lastmodified", "last_updated_date", "article.updated",
        "revised", "article:updated_time", "utime",
    ),
    "sections": (
        "article:section", "parsely-section", "sailthru.section", "og:article:section", "category", "section",
    ),
    "tags": ("article:tag", "og:article:tag"),
    "keywords": ("news_keywords", "parsely-tags", "sailthru.tags", "keywords"),
    "papers": (
        "og:site_name", "application-name", "dc.publisher", "dcterms.publisher", "citation_journal_title", "publisher",
    ),
    "originals": ("original-source", "syndication-source"),
    "languages": ("og:locale", "content-language", "language", "dc.language", "dcterms.language"),
    "types": ("og:type",),
    "addresses": ("og:url",),
    "tiers": ("article:content_tier", "content_tier"),
    "images": ("og:image", "og:image:url", "twitter:image"),
    "image_texts": ("og:image:alt", "twitter:image:alt"),
    "card_1": ("twitter:label1", "twitter:data1"),
    "card_2": ("twitter:label2", "twitter:data2"),
}  # fmt: skip
# Name -> its field, and its place among the names of that field.
_PLACES = {name: (field, place) for field, names in _NAMES.items() for place, name in enumerate(names)}


class MetaElements(msgspec.Struct, frozen=True, kw_only=True):
    """What meta elements say, as written, without outer white space."""

    titles: list[Claim] = []
    descriptions: list[Claim] = []
    authors: list[Claim] = []
    published: list[Claim] = []
    modified: list[Claim] = []
    sections: list[Claim] = []
    tags: list[Claim] = []
    keywords: list[Claim] = []
    papers: list[Claim] = []
    originals: list[Claim] = []
    languages: list[Claim] = []
    types: list[Claim] = []
    addresses: list[Claim] = []
    tiers: list[Claim] = []
    images: list[Claim] = []
    image_texts: list[Claim] = []


def read_meta_elements(metas: list[Attributes]) -> MetaElements:
    """The claims of all elements with a known name, from one walk over them."""
    found: defaultdict[str, list[tuple[int, Claim]]] = defaultdict(list)
    for attrs in metas:
        content = attrs.get("content") or attrs.get("value")
        name = attrs.get("property") or attrs.get("name") or attrs.get("itemprop") or attrs.get("http-equiv")
        place = _PLACES.get(name.lower()) if name else None
        if place and content and (content := content.strip()):
            field, rank = place
            found[field].append((rank, Claim(key=_NAMES[field][rank], value=content)))
    claims = {field: _by_trust(ranked) for field, ranked in found.items()}
    cards = (claims.pop("card_1", []), claims.pop("card_2", []))
    authors = [*claims.pop("authors", []), *_author_on_card(cards)]
    return MetaElements(authors=authors, **claims)


def _by_trust(ranked: list[tuple[int, Claim]]) -> list[Claim]:
    """By the place of the name, then in the order of the page."""
    return [claim for _, claim in sorted(ranked, key=lambda found: found[0])]


def _author_on_card(cards: tuple[list[Claim], ...]) -> list[Claim]:
    """WordPress says "Written by" and a name in two elements of a Twitter card."""
    for card in cards:
        label = first_value([claim for claim in card if "label" in claim.key])
        name = next((claim for claim in card if "data" in claim.key), None)
        if label and name and is_written_by(label):
            return [name]
    return []
