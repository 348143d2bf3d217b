"""What does the page say of itself in its head? JSON-LD, <meta>, <link> and the language of <html>.

Nothing here is trusted more than it deserves: facts.py checks these claims against what the page shows.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from urllib.parse import urlsplit

import msgspec

from services.parser.fields.canonical import Canonical, Told, read_canonical
from services.parser.fields.claims import Claim, first_value, values_of
from services.parser.fields.dates import DateHabits, habits_of, read_moment
from services.parser.fields.json_ld import ArticleNode, JsonLd, read_json_ld
from services.parser.fields.meta_elements import MetaElements, read_meta_elements
from services.parser.fields.surroundings import is_short
from services.parser.fields.title_text import MOST_HEADINGS
from services.parser.fields.trust import Head, claims_on
from services.parser.language.identification import normalise_language
from services.parser.outline.addresses import absolute_url, base_of
from services.parser.outline.outline import Outline
from shared.parsed_page import FeedLink, Image
from shared.urls import host_of

_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"})
# What readers say is no news.
_COMMENTS = re.compile(r"comment|coment|kommentar|reacti|تعليق", re.I)
# A longer heading (characters) is an element that was never closed.
LONGEST_HEADING = 500
# More are a list of search words, not tags.
MOST_TAGS = 30


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """Claims of the head, cleaned of form but not judged. Candidates stand in order of trust.

    `json_ld` and `meta` are what it says word for word; each other field takes the best of both.
    """

    url: str | None = None  # of the page itself, not a claim
    json_ld: JsonLd = JsonLd()
    meta: MetaElements = MetaElements()
    titles: list[str] = []  # meta, then <title>
    description: str | None = None
    publisher: str | None = None
    section: str | None = None
    tags: list[str] = []
    json_ld_published: str | None = None
    meta_published: str | None = None
    modified_at: str | None = None
    canonical: Canonical = Canonical()
    paywalled: bool = False
    metered: bool = False  # some articles are free for each reader
    original_url: str | None = None  # where a syndicated article comes from
    images: list[Image] = []
    feeds: list[FeedLink] = []
    language_tag: str | None = None  # as written
    habits: DateHabits = DateHabits()

    @property
    def headline(self) -> str | None:
        """What JSON-LD says; `titles` are the others."""
        return first_value(self.json_ld.own.headlines)

    @property
    def article_body(self) -> str | None:
        """The whole text, where JSON-LD has it."""
        return first_value(self.json_ld.own.bodies)

    @property
    def canonical_url(self) -> str | None:
        """The address that the page gives itself, if it may be its own."""
        return self.canonical.url

    @property
    def json_ld_types(self) -> list[str]:
        """The types of all nodes."""
        return self.json_ld.types

    @property
    def json_ld_authors(self) -> list[str]:
        """Values of author fields, which may be no names."""
        return values_of(self.json_ld.own.authors)

    @property
    def meta_authors(self) -> list[str]:
        """Values of author fields, which may be no names."""
        return values_of(self.meta.authors)

    @property
    def og_type(self) -> str | None:
        """What Open Graph says the page is."""
        return first_value(self.meta.types)

    @property
    def site_name(self) -> str | None:
        """What the site calls itself."""
        return first_value(self.meta.papers)

    @property
    def language(self) -> str | None:
        """ISO 639-1."""
        return self.habits.language


def read_metadata(outline: Outline, url: str | None, visited_at: datetime | None = None) -> Metadata:
    """Everything that JSON-LD, meta, link and html elements say, as records and ISO dates."""
    meta = read_meta_elements(outline.metas)
    json_ld = read_json_ld(outline.json_ld, url, _titles(outline, meta))
    own = json_ld.own
    head = Head(own=own, meta=meta)
    language_tag = outline.html_lang or first_value(*claims_on("language", head))
    habits = _habits(language_tag, url, visited_at)
    base = base_of(outline, url)
    titles = [*values_of(meta.titles), *filter(None, [outline.title])]
    told = Told(titles=titles, language=habits.language)
    canonical = read_canonical(outline, values_of(meta.addresses), url, base, told)
    return Metadata(
        url=url,
        json_ld=json_ld,
        meta=meta,
        titles=titles,
        description=first_value(*claims_on("description", head)),
        publisher=first_value(*claims_on("publisher", head)),
        section=first_value(*claims_on("section", head)),
        tags=_tags(head),
        json_ld_published=_moment(own.published[:1], habits),
        meta_published=_moment(meta.published, habits),
        modified_at=_moment([*chain(*claims_on("modified_at", head))], habits),
        canonical=canonical,
        paywalled=_paywalled(own, meta),
        metered=_tier(meta) == "metered",
        original_url=_absolute(first_value(*claims_on("source_url", head)), base) or canonical.original,
        images=_images(head, base),
        feeds=_feeds(outline, base),
        language_tag=language_tag,
        habits=habits,
    )


def _titles(outline: Outline, meta: MetaElements) -> Iterator[str]:
    """What the page says of its title without JSON-LD."""
    yield from values_of(meta.titles)
    yield outline.title
    for heading in outline.tagged("h1")[:MOST_HEADINGS]:
        if is_short(heading, LONGEST_HEADING):
            yield outline.text_of(heading)


def _habits(language_tag: str | None, url: str | None, visited_at: datetime | None) -> DateHabits:
    return habits_of(normalise_language(language_tag), language_tag, urlsplit(url or "").hostname, visited_at)


def _moment(claims: list[Claim], habits: DateHabits) -> str | None:
    """The first that can be read."""
    return next((moment for claim in claims if (moment := read_moment(claim.value, habits))), None)


def _tags(head: Head) -> list[str]:
    """Tags of the article; keywords only where there are none."""
    stated, keywords, words = claims_on("tags", head)
    tags = values_of(stated or keywords or words[:1])
    if len(tags) == 1:
        tags = tags[0].replace(";", ",").replace("،", ",").split(",")
    return list(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))[:MOST_TAGS]


def _feeds(outline: Outline, base: str | None) -> list[FeedLink]:
    """<link rel="alternate"> to RSS, Atom, RDF and JSON Feed, without feeds of comments."""
    found: dict[str, FeedLink] = {}
    for link in outline.links:
        kind = (link.get("type") or "").split(";")[0].strip().lower()
        if kind not in _FEED_TYPES or not {"alternate", "feed"} & {*(link.get("rel") or "").lower().split()}:
            continue
        address = _absolute(link.get("href"), base)
        title = " ".join((link.get("title") or "").split()) or None
        if address and not _COMMENTS.search(f"{urlsplit(address).path} {title}"):
            found.setdefault(address, FeedLink(url=address, title=title))
    return list(found.values())


def _absolute(address: str | None, base: str | None) -> str | None:
    """An http address in full, or None."""
    whole = absolute_url(address, base)
    return whole if whole and whole.startswith(("http://", "https://")) and host_of(whole) else None


def _paywalled(own: ArticleNode, meta: MetaElements) -> bool:
    if own.is_free is not None:
        return not own.is_free
    return _tier(meta) in ("locked", "paid", "metered")


def _tier(meta: MetaElements) -> str:
    return (first_value(meta.tiers) or "").strip().lower()


def _images(head: Head, base: str | None) -> list[Image]:
    """The picture that stands for the article."""
    found = (address for claim in chain(*claims_on("images", head)) if (address := _absolute(claim.value, base)))
    whole = next(found, None)
    return [Image(url=whole, alt=first_value(head.meta.image_texts))] if whole else []
