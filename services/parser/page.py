"""parse_page() takes bytes and returns one main article and any number of headlines. The whole pipeline on one screen.

    decode -> outline (one walk of the tree) -> metadata -> headline lists -> article -> language -> ParsedPage

Feeds, sitemaps and plain text branch off after decoding, and pages of press mirrors after the metadata. For a few
sites, an operator's site rule selects parts of the page instead (docs/site-rules.md).
"""

import re
from collections.abc import Callable
from datetime import datetime

import msgspec
from msgspec import structs

from services.parser.body.article import Body, read_body
from services.parser.body.context import Guide
from services.parser.body.next_story import with_next_stories
from services.parser.body.signs import METERED_WHOLE, WHOLE_TEXT, is_whole
from services.parser.briefs import read_brief
from services.parser.documents.kinds import is_surely_html, parse_feed
from services.parser.documents.mirror_page import parse_mirror_page
from services.parser.documents.plain_text import parse_plain_text
from services.parser.fields.dates import LENGTH_OF_DAY, latest_day
from services.parser.fields.facts import Fields, complete_fields
from services.parser.fields.metadata import Metadata, read_metadata
from services.parser.fields.provenance import with_provenance
from services.parser.fields.titles import told_title
from services.parser.language.identification import detect_language, language_of_lists
from services.parser.lists.headlines import HeadlineLists, find_headlines
from services.parser.outline.decode import decode
from services.parser.outline.outline import Outline, outline_of
from services.parser.page_type import NO_TEXT, describes_article, is_front, is_listing
from services.parser.site_rules.rules import SiteRule
from services.parser.site_rules.selection import (
    Selection,
    select,
    selected_body,
    with_selected_fields,
    with_selected_lists,
)
from services.parser.told_story import Shown, Told, read_told, with_told_fields
from services.parser.version import PARSER_VERSION
from services.parser.walls import wall_on
from shared.parsed_page import Article, Image, PageType, ParsedPage, Wall
from shared.urls import host_of

# A document without any of these is read as plain text.
_MARKUP = re.compile(r"<(?:!doctype|html|head|body|meta|title|div|p|a|br|span|table|h[1-6]|article|section|ul)\b", re.I)
# Characters by which the language is detected; more text does not change the answer.
LANGUAGE_SAMPLE = 1000
# Pages of these walls may show real headlines beside what they say.
_WITH_LISTS = frozenset({"login", "missing"})


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A parsed page, and what each step found on the way. The result of a step that was not needed is None.

    `text` is the text of a document without markup. `body` is the text that reads like an article, even where the page
    is taken for a listing. `told` is the article that the page's scripts hold, where it was taken instead.
    """

    page: ParsedPage
    text: str | None = None
    outline: Outline | None = None
    metadata: Metadata | None = None
    lists: HeadlineLists | None = None
    body: Body | None = None
    told: Told | None = None
    fields: Fields | None = None


def _unheard(_keys: list[str]) -> None:
    """Ignore stale keys; the default of `on_stale`."""


def parse_page(  # noqa: PLR0913 (the page, and what is known of it)
    body: bytes,
    *,
    url: str | None,
    content_type: str | None = None,
    visited_at: datetime | None = None,
    rule: SiteRule | None = None,
    on_stale: Callable[[list[str]], None] = _unheard,
) -> ParsedPage:
    """Returns all that a page says. A pure function; raises only GiveUp, for bytes that are not a page.

    What lies more than two days after `visited_at` is no date of publication. `rule` is the site rule for this page,
    if there is one; `on_stale` is told which of its keys were of no use.
    """
    return read_page(body, url=url, content_type=content_type, visited_at=visited_at, rule=rule, on_stale=on_stale).page


def read_page(  # noqa: PLR0913 (as parse_page)
    body: bytes,
    *,
    url: str | None,
    content_type: str | None = None,
    visited_at: datetime | None = None,
    rule: SiteRule | None = None,
    on_stale: Callable[[list[str]], None] = _unheard,
) -> Reading:
    """Do the work of parse_page; returns the page together with what the steps found on the way."""
    if url is not None and not host_of(url):
        url = None  # a name that is not a web URL makes no link absolute
    decoded = decode(body, content_type)
    if not is_surely_html(decoded.utf8):
        text = decoded.text
        feed = parse_feed(text, url, visited_at)
        if feed is not None:
            return Reading(page=feed)
        if not _MARKUP.search(text):
            page = parse_plain_text(text, url)
            return Reading(text=text, page=_before_visit(page, visited_at))
    reading = _read_html(decoded.utf8, url, visited_at, rule, on_stale)
    if rule is not None and reading.page.article is None:
        general = _read_html(decoded.utf8, url, visited_at)
        if general.page.article is not None:  # a rule that no longer fits must not cost the page its article
            on_stale(rule.selector_keys)
            return general
    return reading


def _read_html(
    html: bytes,
    url: str | None,
    visited_at: datetime | None,
    rule: SiteRule | None = None,
    on_stale: Callable[[list[str]], None] = _unheard,
) -> Reading:
    """Read a page of HTML. What a rule selects takes precedence over what the general extraction finds."""
    outline = outline_of(html, rule.drop if rule is not None else None)
    metadata = read_metadata(outline, url, visited_at)
    mirrored = parse_mirror_page(outline, metadata, url) if rule is None else None
    if mirrored is not None:
        return Reading(page=_before_visit(mirrored, visited_at), outline=outline, metadata=metadata)
    selection = select(rule, outline, metadata)
    if selection.unmatched:
        on_stale(selection.unmatched)
    lists = with_selected_lists(find_headlines(outline, url), selection)
    guide = _guide(outline, metadata, lists, url)
    signs = lists.as_signs()
    shown = Shown(outline=outline, metadata=metadata, guide=guide, lists=signs, visited_at=visited_at)
    story = _general_story(shown) if rule is None else _ruled_story(shown, selection)
    if story.wall is not None and story.wall not in _WITH_LISTS:
        lists = HeadlineLists(headlines=[], claimed=frozenset())
    elif story.found is not None and story.found.others:
        lists = with_next_stories(lists, story.found.others)
    elif story.found is None and not lists.front and is_front(metadata, lists.headlines):
        lists = with_selected_lists(find_headlines(outline, url, front=True), selection)
    page = _page(url, story, metadata, lists)
    return Reading(
        page=page,
        outline=outline,
        metadata=metadata,
        lists=lists,
        body=story.body,
        told=story.told,
        fields=story.fields,
    )


class _Story(msgspec.Struct, frozen=True, kw_only=True):
    """The page's own story: `found` is its text, None on a page without one. The others are as in Reading."""

    found: Body | None
    body: Body | None
    fields: Fields
    told: Told | None = None
    wall: Wall | None = None


def _ruled_story(page: Shown, selection: Selection) -> _Story:
    """What a site rule selects, and the general extraction for the rest."""
    body = selected_body(page.outline, selection, page.guide) or read_body(page.outline, page.guide)
    found = body if selection.body else _unless_listing(body, page)
    fields = complete_fields(page.outline, page.metadata, found.region if found is not None else None)
    return _Story(found=found, body=body, fields=with_selected_fields(fields, selection))


def _general_story(page: Shown) -> _Story:
    """The text of the markup, else of the scripts' data; else what bars the way, or an article of the head alone."""
    outline, metadata = page.outline, page.metadata
    body = read_body(outline, page.guide) or read_brief(outline, page.guide, metadata)
    found = _unless_listing(body, page)
    fields = complete_fields(outline, metadata, found.region if found is not None else None)
    told = read_told(page, found)
    if told is not None:
        return _Story(found=told.body, body=None, fields=with_told_fields(fields, told, metadata), told=told)
    wall = wall_on(outline, metadata, found, lists=len(page.lists.headlines))
    if wall is not None:
        return _Story(found=None, body=body, fields=fields, wall=wall)
    if found is None and describes_article(metadata, outline, fields.title, fields.published_at, page.lists.headlines):
        found = NO_TEXT
    return _Story(found=found, body=body, fields=fields)


def _unless_listing(body: Body | None, page: Shown) -> Body | None:
    return None if body is None or is_listing(body, page.metadata, page.lists, page.outline) else body


def _before_visit(page: ParsedPage, visited_at: datetime | None) -> ParsedPage:
    """The page without dates of an article that lie after the visit; those of HTML pages were never read."""
    if page.article is None or visited_at is None:
        return page
    latest = latest_day(visited_at).isoformat()
    dates = {"published_at": page.article.published_at, "modified_at": page.article.modified_at}
    known = {name: moment if moment and moment[:LENGTH_OF_DAY] <= latest else None for name, moment in dates.items()}
    dropped = [name for name, moment in dates.items() if moment and not known[name]]
    told = {name: reader for name, reader in page.article.provenance.items() if name not in dropped}
    return structs.replace(page, article=structs.replace(page.article, **known, provenance=told))


def _guide(outline: Outline, metadata: Metadata, lists: HeadlineLists, url: str | None) -> Guide:
    return Guide(
        title=told_title(outline, metadata),
        description=metadata.description,
        article_body=metadata.article_body,
        claimed=lists.claimed,
        url=url,
        live="liveblogposting" in map(str.lower, metadata.json_ld_types),
        live_moments={
            text: entry.published
            for entry in metadata.json_ld.own.live_entries
            for text in (entry.body, entry.headline)
            if text and entry.published
        },
        authors=(*metadata.json_ld_authors, *metadata.meta_authors),
    )


def _page(url: str | None, story: _Story, metadata: Metadata, lists: HeadlineLists) -> ParsedPage:
    found, fields = story.found, story.fields
    language = metadata.language
    article: Article | None = None
    if found is not None:
        language = detect_language(found.text[:LANGUAGE_SAMPLE], metadata.language_tag)
        article = _article(found, fields, metadata, language)
        article = with_provenance(article, fields, metadata, found, told=story.told is not None)
    hint = language or metadata.language_tag
    headlines = [structs.replace(line, language=detect_language(line.text, hint)) for line in lists.headlines]
    if found is None:
        language = language_of_lists((line.language for line in headlines), language)
    listed: PageType = "listing" if headlines and story.wall is None else "other"
    return ParsedPage(
        url=url,
        canonical_url=fields.canonical_url,
        page_type="article" if found is not None else listed,
        language=language,
        article=article,
        headlines=headlines,
        feeds=metadata.feeds,
        parser_version=PARSER_VERSION,
        wall=story.wall or msgspec.UNSET,
    )


def _article(found: Body, fields: Fields, metadata: Metadata, language: str | None) -> Article:
    shown = [
        Image(url=block.url, caption=block.caption, credit=block.credit, alt=block.alt)
        for block in found.blocks
        if block.type == "image" and block.url
    ]
    known = {image.url for image in shown}
    # The moment of one entry is not that of a live blog.
    unstated = found.live_blog and not (metadata.json_ld_published or metadata.meta_published)
    entries = {block.published_at for block in found.blocks} if unstated else set()
    return Article(
        title=fields.title,
        lead=found.lead,
        kicker=fields.kicker,
        authors=fields.authors,
        publisher=fields.publisher,
        section=fields.section,
        tags=fields.tags,
        language=language,
        published_at=fields.published_at if fields.published_at not in entries else None,
        modified_at=fields.modified_at,
        source_url=fields.source_url,
        truncated=found.truncated,
        paywalled=found.paywalled or (metadata.paywalled and not _is_shown_whole(found, metadata)),
        consent_wall=found.consent_wall,
        live_blog=found.live_blog,
        blocks=found.blocks,
        text=found.text,
        images=[*(image for image in metadata.images if image.url not in known), *shown],
        next_page_url=found.next_page_url,
    )


def _is_shown_whole(found: Body, metadata: Metadata) -> bool:
    """Whether the text that stands there is all of it, although the head speaks of payment.

    Of a metered story, readers see all or a part that is cut off visibly.
    """
    if found.truncated:
        return False
    return is_whole(found.blocks, found.text, least=METERED_WHOLE if metadata.metered else WHOLE_TEXT)
