"""What does the page say of itself in its head? JSON-LD, <meta>, <link> and the language of <html>.

Nothing here is trusted more than it deserves: facts.py checks these claims against what the page shows.
"""

import re
from urllib.parse import urljoin, urlsplit

import msgspec

from services.parser.fields.bylines import is_written_by
from services.parser.fields.dates import DateHabits, habits_of, read_moment
from services.parser.fields.json_ld import (
    Node,
    article_node,
    author_names,
    publisher_name,
    read_nodes,
    text_value,
    text_values,
    types_of,
)
from services.parser.language.identification import normalise_language
from services.parser.outline.outline import Outline
from shared.parsed_page import FeedLink, Image

_TITLES = (
    "og:title",
    "twitter:title",
    "title",
    "dc.title",
    "citation_title",
    "sailthru.title",
    "parsely-title",
    "headline",
)
_DESCRIPTIONS = ("og:description", "description", "twitter:description", "dc.description", "sailthru.description")
_AUTHORS = (
    "author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "dc.contributor",
    "byl", "cxenseparse:author", "citation_author", "article:author_name", "og:article:author", "creator", "authors",
    "rbauthors", "dcsext.author", "vr:author",
)  # fmt: skip
_PUBLISHED = (
    "article:published_time", "og:article:published_time", "og:published_time", "article:published", "datepublished",
    "parsely-pub-date", "sailthru.date", "article.published", "rnews:datepublished", "citation_publication_date",
    "citation_online_date", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "vr:published_time",
    "shareaholic:article_published_time", "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created",
    "article_date_original", "originalpublicationdate", "publication_date", "publication-date", "publish_date",
    "publish-date", "publishdate", "published_at", "pubdate", "pub_date", "published", "ptime", "displaydate", "cdate",
    "article:create_at", "article.created", "datecreated", "created", "dc.date", "dc.terms.date", "dcterms.date",
    "timestamp", "date", "article:post_date",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:updated_time", "article:modified", "datemodified", "dcterms.modified",
    "dc.date.modified", "lastmod", "last-modified", "lastmodified", "last_updated_date", "article.updated", "revised",
    "article:updated_time", "utime",
)  # fmt: skip
_SECTIONS = ("article:section", "parsely-section", "sailthru.section", "og:article:section", "category", "section")
_TAGS = ("article:tag", "og:article:tag")
_KEYWORDS = ("news_keywords", "parsely-tags", "sailthru.tags", "keywords")
_PAPERS = (
    "og:site_name",
    "application-name",
    "dc.publisher",
    "dcterms.publisher",
    "citation_journal_title",
    "publisher",
)
_ORIGINALS = ("original-source", "syndication-source")
_LANGUAGES = ("og:locale", "content-language", "language", "dc.language", "dcterms.language")
_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"})
# What readers say is no news.
_COMMENTS = re.compile(r"comment|coment|kommentar|reacti|تعليق", re.I)
# More are a list of search words, not tags.
MOST_TAGS = 30


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """Claims of the head, cleaned of form but not judged. Candidates stand in order of trust."""

    url: str | None = None  # of the page itself, not a claim
    headline: str | None = None  # JSON-LD
    titles: list[str] = []  # meta, then <title>
    description: str | None = None
    json_ld_authors: list[str] = []
    meta_authors: list[str] = []
    publisher: str | None = None
    site_name: str | None = None
    section: str | None = None
    tags: list[str] = []
    json_ld_published: str | None = None
    meta_published: str | None = None
    modified_at: str | None = None
    canonical_url: str | None = None
    language: str | None = None  # ISO 639-1
    og_type: str | None = None
    json_ld_types: list[str] = []
    article_body: str | None = None
    paywalled: bool = False
    original_url: str | None = None  # where a syndicated article comes from
    images: list[Image] = []
    feeds: list[FeedLink] = []
    habits: DateHabits = DateHabits()


def read_metadata(outline: Outline, url: str | None) -> Metadata:
    """Everything that JSON-LD, meta, link and html elements say, as records and ISO dates."""
    meta = _meta_values(outline)
    nodes = read_nodes(outline.json_ld)
    node = article_node(nodes, url)
    first = _First(meta)
    tag = outline.html_lang or text_value(node.get("inLanguage")) or first.of(_LANGUAGES)
    language = normalise_language(tag)
    habits = habits_of(language, tag, urlsplit(url or "").hostname)
    site_name = first.of(_PAPERS)
    return Metadata(
        url=url,
        headline=text_value(node.get("headline")) or text_value(node.get("name")),
        titles=[*first.all(_TITLES), *([outline.title] if outline.title else [])],
        description=first.of(_DESCRIPTIONS) or text_value(node.get("description")),
        json_ld_authors=author_names(node, nodes),
        meta_authors=[*first.all(_AUTHORS), *_labelled_author(first)],
        publisher=publisher_name(node, nodes) or site_name,
        site_name=site_name,
        section=first.of(_SECTIONS) or text_value(node.get("articleSection")),
        tags=_tags(first, node),
        json_ld_published=read_moment(text_value(node.get("datePublished") or node.get("uploadDate")), habits),
        meta_published=_moment(first, _PUBLISHED, habits),
        modified_at=read_moment(text_value(node.get("dateModified")), habits) or _moment(first, _MODIFIED, habits),
        canonical_url=_canonical(outline, first, url),
        language=language,
        og_type=first.of(("og:type",)),
        json_ld_types=[name for each in nodes for name in types_of(each)],
        article_body=text_value(node.get("articleBody")),
        paywalled=_paywalled(node, first),
        original_url=_absolute(text_value(node.get("isBasedOn")) or first.of(_ORIGINALS), url),
        images=_images(node, first, url),
        feeds=_feeds(outline, url),
        habits=habits,
    )


class _First:
    """Look-ups in the meta elements by lists of names; the first name that is there wins."""

    def __init__(self, meta: dict[str, list[str]]) -> None:
        self._meta = meta

    def of(self, names: tuple[str, ...]) -> str | None:
        return next((self._meta[name][0] for name in names if name in self._meta), None)

    def all(self, names: tuple[str, ...]) -> list[str]:
        return [value for name in names if name in self._meta for value in self._meta[name]]


def _meta_values(outline: Outline) -> dict[str, list[str]]:
    """name, property, itemprop or http-equiv, lower-cased -> contents in order."""
    values: dict[str, list[str]] = {}
    for attrs in outline.metas:
        content = attrs.get("content") or attrs.get("value")
        name = attrs.get("property") or attrs.get("name") or attrs.get("itemprop") or attrs.get("http-equiv")
        if content and name and (content := content.strip()):
            values.setdefault(name.lower(), []).append(content)
    return values


def _moment(first: _First, names: tuple[str, ...], habits: DateHabits) -> str | None:
    return next((moment for value in first.all(names) if (moment := read_moment(value, habits))), None)


def _labelled_author(first: _First) -> list[str]:
    """WordPress says "Written by" and a name in two elements of a Twitter card."""
    for label, value in (("twitter:label1", "twitter:data1"), ("twitter:label2", "twitter:data2")):
        said = first.of((label,))
        name = first.of((value,))
        if said and name and is_written_by(said):
            return [name]
    return []


def _tags(first: _First, node: Node) -> list[str]:
    """Tags of the article; keywords only where there are none."""
    tags = first.all(_TAGS) or text_values(node.get("keywords"))
    if not tags:
        tags = first.all(_KEYWORDS)[:1]
    if len(tags) == 1:
        tags = tags[0].replace(";", ",").replace("،", ",").split(",")
    return list(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))[:MOST_TAGS]


def _canonical(outline: Outline, first: _First, url: str | None) -> str | None:
    """The address that the page gives itself; a relative one, or the home page for an inner page, does not count."""
    links = (link.get("href") for link in outline.links if "canonical" in (link.get("rel") or "").lower().split())
    for address in (next(links, None), first.of(("og:url",))):
        whole = _absolute(address, url)
        if whole and not (
            url and len(urlsplit(url).path) > 1 and len(urlsplit(whole).path) <= 1 and not urlsplit(whole).query
        ):
            return whole
    return None


def _feeds(outline: Outline, url: str | None) -> list[FeedLink]:
    """<link rel="alternate"> to RSS, Atom, RDF and JSON Feed, without feeds of comments."""
    found: dict[str, FeedLink] = {}
    for link in outline.links:
        kind = (link.get("type") or "").split(";")[0].strip().lower()
        if kind not in _FEED_TYPES or not {"alternate", "feed"} & {*(link.get("rel") or "").lower().split()}:
            continue
        address = _absolute(link.get("href"), url)
        title = " ".join((link.get("title") or "").split()) or None
        if address and not _COMMENTS.search(f"{urlsplit(address).path} {title}"):
            found.setdefault(address, FeedLink(url=address, title=title))
    return list(found.values())


def _absolute(address: str | None, url: str | None) -> str | None:
    """An http address in full, or None; junk in an attribute must not fail the page."""
    if not address:
        return None
    try:
        whole = urljoin(url or "", address.strip())
        parts = urlsplit(whole)
    except ValueError:
        return None
    return whole if parts.scheme in ("http", "https") and parts.hostname else None


def _paywalled(node: Node, first: _First) -> bool:
    free = node.get("isAccessibleForFree")
    if isinstance(free, bool | str):
        return str(free).rsplit("/", maxsplit=1)[-1].lower() == "false"
    return (first.of(("article:content_tier", "content_tier")) or "").lower() in ("locked", "paid", "metered")


def _images(node: Node, first: _First, url: str | None) -> list[Image]:
    """The picture that stands for the article."""
    addresses = [
        *text_values(_image_urls(node.get("image"))),
        *first.all(("og:image", "og:image:url", "twitter:image")),
    ]
    whole = next((address for found in addresses if (address := _absolute(found, url))), None)
    return [Image(url=whole, alt=first.of(("og:image:alt", "twitter:image:alt")))] if whole else []


def _image_urls(value: object) -> list[object]:
    values = value if isinstance(value, list) else [value]
    return [item.get("url") or item.get("contentUrl") if isinstance(item, dict) else item for item in values]
