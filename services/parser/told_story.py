"""Reads the article from the data of the page's scripts where its markup does not have it, or has its opening alone.

The story found is written as the page that its scripts would make of it, and read like any other page.
"""

import html
from datetime import datetime

import msgspec
from msgspec import structs

from services.parser.body.article import SURE, Body, Cut, body_of, read_body, rejecter
from services.parser.body.context import Guide
from services.parser.body.pieces import cut_pieces
from services.parser.fields.claims import first_value
from services.parser.fields.facts import Fields, complete_fields
from services.parser.fields.metadata import Metadata, read_metadata
from services.parser.fields.origins import SCRIPTS
from services.parser.language.folding import bare
from services.parser.language.scripts import count_said
from services.parser.lists.headlines import HeadlineLists
from services.parser.lists.story_urls import is_home, is_story_url
from services.parser.outline.outline import Outline, outline_of
from services.parser.page_signs import LEAST_FRONT, LEAST_STORY, is_declared_article
from services.parser.page_type import is_listing
from services.parser.state.scripts import find_values
from services.parser.state.story import Story, find_story, known_of
from shared.parsed_page import Headline

# A page whose markup says as much has its article there; where that is cut off, from the second number on.
LONGEST_TEASER, LONGEST_PART = 800, 1500
# What the state says is clearly more than the markup from this multiple on.
CLEARLY_MORE = 1.4
# An opening of the markup's text stands in the state's; so many letters are compared.
OPENING = 40
# If the body's reader keeps less of the story, the story is taken as it stands.
MOST_OF_IT = 0.5


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What the page's markup shows."""

    outline: Outline
    metadata: Metadata
    guide: Guide
    lists: HeadlineLists
    visited_at: datetime | None = None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """The article of the page's scripts, the page made of it, and what that says of title, authors and date."""

    body: Body
    outline: Outline
    fields: Fields


def read_told(page: Shown, found: Body | None) -> Told | None:
    """Returns the article that the page's scripts hold; None where the markup's, `found`, is as good."""
    metadata, root = page.metadata, next(iter(page.outline.elements), None)
    if root is None or not _lacks_text(found, metadata, page.lists.headlines):
        return None
    titles = [metadata.headline, *metadata.titles, page.guide.title, *_headings(page.outline)]
    known = known_of(titles, metadata.site_name, metadata.url)
    story = find_story(find_values(root.node, known.marks), known)
    if story is None or not _is_article(story, metadata) or not _says_more(story, found):
        return None
    told = _told(story, page)
    if told is None:
        return None
    if found is not None and count_said(told.body.text) < CLEARLY_MORE * count_said(found.text):
        return None
    unplaced = structs.replace(page.lists, places=[])  # they stand in another document than the story
    return told if not is_listing(told.body, metadata, unplaced, told.outline) else None


def _lacks_text(found: Body | None, metadata: Metadata, headlines: list[Headline]) -> bool:
    """Whether the page may have an article whose text is not in its markup, and not held back for subscribers."""
    if is_home(metadata.url) or metadata.paywalled:
        return False
    if found is not None:
        least = LONGEST_TEASER if not found.truncated else LONGEST_PART
        if found.paywalled or found.live_blog or len(found.text) >= least:
            return False
        return count_said(found.text) < least
    return is_declared_article(metadata) or sum(line.kind == "front" for line in headlines) < LEAST_FRONT


def _is_article(story: Story, metadata: Metadata) -> bool:
    """Whether the page, its address or the story says that it is an article; a section's page has a title as well."""
    return bool(is_declared_article(metadata) or story.published or story.authors or is_story_url(metadata.url or ""))


def _headings(outline: Outline) -> list[str]:
    return [outline.text_of(heading) for heading in outline.tagged("h1")[:2] if heading.chars < 400]


def _says_more(story: Story, found: Body | None) -> bool:
    """Whether the story says clearly more than the markup's text, which is its opening or no more than a notice."""
    if found is None:
        return True
    said = count_said(found.text)
    if story.said < CLEARLY_MORE * said:
        return False
    whole = bare(story.text)
    return said < LEAST_STORY or any(
        bare(line)[:OPENING] in whole for line in found.text.split("\n") if len(line) > OPENING
    )


def _told(story: Story, shown: Shown) -> Told | None:
    """Returns what the parser reads on the page that the story makes."""
    guide, metadata = shown.guide, shown.metadata
    title = guide.title if _names_story(metadata) else story.title or guide.title
    page = outline_of(_page_of(story, title, shown.outline.html_lang).encode(errors="replace"))
    alone = structs.replace(guide, title=title, claimed=frozenset(), article_body=None)
    body = read_body(page, alone)
    if body is None or count_said(body.text) < MOST_OF_IT * story.said:
        body = _whole(page, alone) or body
    if body is None:
        return None
    head = read_metadata(page, metadata.url, shown.visited_at)
    return Told(body=body, outline=page, fields=complete_fields(page, head, body.region))


def _names_story(metadata: Metadata) -> bool:
    """Whether the head names its story; <title> and heading may be those of every page of the site."""
    return bool(metadata.headline or first_value(metadata.meta.titles))


def _page_of(story: Story, title: str | None, language: str | None) -> str:
    said = html.escape(title or "")
    head = [f'<meta property="og:title" content="{said}">']
    head += [f'<meta name="author" content="{html.escape(name)}">' for name in story.authors]
    if story.published:
        head.append(f'<meta property="article:published_time" content="{html.escape(story.published)}">')
    return (
        f'<!doctype html><html lang="{html.escape(language or "")}"><head>{"".join(head)}<title>{said}</title></head>'
        f"<body><main><article><h1>{said}</h1>{story.markup}</article></main></body></html>"
    )


def _whole(page: Outline, guide: Guide) -> Body | None:
    """Returns all of the story, where it is too short or too strange to be told from what stands around a story."""
    article = page.tagged("article")[0]
    blocks = page.subtree(article)[1:]
    if not blocks:
        return None
    pieces = cut_pieces(page, blocks[0], blocks[-1], rejecter(frozenset()))
    scores = {piece.element.index: SURE for piece in pieces}
    title = page.tagged("h1")[0]
    wanted = [piece for piece in pieces if not piece.element.inside(title)]
    return body_of(page, guide, Cut(title=title, first=blocks[0], last=blocks[-1], pieces=wanted, scores=scores))


def with_told_fields(fields: Fields, told: Told, metadata: Metadata) -> Fields:
    """Returns the fields with what the story says of itself where the page says nothing."""
    own = told.fields
    same_day = bool(own.published_at and fields.published_at and own.published_at.startswith(fields.published_at))
    keeps_title = bool(fields.title and (_names_story(metadata) or not own.title))
    keeps_authors = bool(fields.authors or not own.authors)
    keeps_date = not same_day and bool(fields.published_at or not own.published_at)
    known = fields.origins
    return structs.replace(
        fields,
        title=fields.title if keeps_title else own.title,
        authors=fields.authors if keeps_authors else own.authors,
        published_at=fields.published_at if keeps_date else own.published_at,
        origins=structs.replace(
            known,
            title=known.title if keeps_title else own.origins.title and structs.replace(own.origins.title, why=SCRIPTS),
            authors=known.authors if keeps_authors else SCRIPTS,
            published_at=known.published_at if keeps_date else SCRIPTS,
        ),
    )
