"""The parse result: one main article and any number of headlines.

The message to the indexer, `depeche parse` and the tests share one JSON shape. Times are ISO 8601 strings, with an
offset when the page gives one; a date without a time stays a date (`2025-05-08`). The classes are msgspec structs
because they are built and encoded once per page on the hot path (docs/decisions/0001-msgspec-records.md).
"""

from typing import Literal

import msgspec

PageType = Literal["article", "listing", "feed", "sitemap", "other"]
HeadlineKind = Literal["ticker", "latest", "trending", "most_read", "related", "front", "feed"]
Wall = Literal["challenge", "consent", "javascript", "login", "missing", "region"]
BlockType = Literal["paragraph", "heading", "quote", "list", "table", "image", "embed"]


class Block(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A block of the body, in reading order; fields that do not apply to its type are left out of the JSON."""

    type: BlockType
    text: str
    level: int | None = None  # heading: 2 to 6
    items: list[str] | None = None  # list
    rows: list[list[str]] | None = None  # table
    url: str | None = None  # image, embed
    caption: str | None = None  # image, table
    credit: str | None = None  # image
    alt: str | None = None  # image
    published_at: str | None = None  # an entry of a live blog


class Image(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of the article; `url` is absolute."""

    url: str
    caption: str | None = None
    credit: str | None = None
    alt: str | None = None


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """The main article of a page.

    `text` is the lead and the blocks in reading order, one per line, without the title.
    """

    title: str | None = None
    lead: str | None = None
    kicker: str | None = None
    authors: list[str] = []
    publisher: str | None = None
    section: str | None = None
    tags: list[str] = []
    language: str | None = None
    published_at: str | None = None
    modified_at: str | None = None
    source_url: str | None = None
    truncated: bool = False
    paywalled: bool = False
    consent_wall: bool = False
    live_blog: bool = False
    blocks: list[Block] = []
    text: str = ""
    images: list[Image] = []
    next_page_url: str | None = None  # where a story on several pages goes on; absolute
    provenance: dict[str, str] = {}  # field -> which reader gave it (services/parser/fields/provenance.py)


class Headline(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a ticker, rail, front page, feed or sitemap. `position` counts from 1 within its list."""

    kind: HeadlineKind
    label: str | None = None
    position: int
    text: str
    url: str | None = None
    language: str | None = None
    published_at: str | None = None
    is_self: bool = False  # the page's own headline, found in its own ticker


class FeedLink(msgspec.Struct, frozen=True, kw_only=True):
    """A feed that a page names in its head, or a sitemap that an index names; `url` is absolute."""

    url: str
    title: str | None = None
    modified_at: str | None = None


class FeedFaults(msgspec.Struct, frozen=True, kw_only=True):
    """How far a feed or sitemap was read that is not as its format demands."""

    entries: int  # those that were read, pages and sitemaps
    passed_over: int = 0  # entries that say nothing that can be read
    mended: int = 0  # places that were wrong and are read nevertheless
    line: int | None = None  # of the first of those
    fault: str | None = None  # what is wrong there
    stopped_at: int | None = None  # the line where the document breaks off, or has more entries than are read

    def __str__(self) -> str:
        """`read 12 entries, passed over 1, mended 3 from line 7 on (a bare &), stopped at line 90`."""
        told = [f"read {self.entries} entries"]
        if self.passed_over:
            told.append(f"passed over {self.passed_over}")
        if self.mended:
            told.append(f"mended {self.mended} from line {self.line} on ({self.fault})")
        if self.stopped_at is not None:
            told.append(f"stopped at line {self.stopped_at}")
        return ", ".join(told)


class ParsedPage(msgspec.Struct, frozen=True, kw_only=True):
    """The parse result: all that the parser finds on one page."""

    url: str | None
    canonical_url: str | None = None
    page_type: PageType
    language: str | None = None
    article: Article | None = None
    headlines: list[Headline] = []
    feeds: list[FeedLink] = []
    # Only a feed or sitemap with faults has them; others leave the field out of the JSON.
    faults: FeedFaults | msgspec.UnsetType = msgspec.UNSET
    parser_version: str
    # Only a page that bars the way to its story has one; others leave the field out of the JSON.
    wall: Wall | msgspec.UnsetType = msgspec.UNSET
