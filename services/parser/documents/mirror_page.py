"""A press mirror's page as HTML, read like the text dump of it.

The family's markup is old: body text in several inline spans, headings that are none, and a ticker that is a bare row
of links. What the general code makes of it changes from template to template, while the order of its lines is always
that of the dump. So the page is turned into those lines, and its ticker takes its links from the anchors above the
title.
"""

import msgspec

from services.parser.documents.mirror import LONGEST_SOURCE_LINE, is_source_link, read_source_line
from services.parser.documents.plain_text import parse_plain_text
from services.parser.fields.metadata import Metadata
from services.parser.fields.provenance import with_head_as_provenance
from services.parser.fields.surroundings import is_short
from services.parser.language.identification import detect_language
from services.parser.outline.addresses import absolute_url
from services.parser.outline.outline import BREAK, EDGE, Element, Outline
from shared.parsed_page import Article, Headline, ParsedPage

# The class names of the family, as public scrapers know them.
TITLE_MARK, SOURCE_MARK, CONTENT_MARK = "articletitle", "articlenewspaper", "articlecontent"
# How the line with paper and date begins; a cheap question before the dear one.
SOURCE_PHRASES = ("Publié dans", "Publié\u00a0dans", "نشر في", "Published in")
# Links of a menu are shorter than headlines.
LEAST_HEADLINE = 25


def parse_mirror_page(outline: Outline, metadata: Metadata, url: str | None) -> ParsedPage | None:
    """The article and the ticker of a press mirror's page; None for every other page, after a glance."""
    source = _source_element(outline)
    if source is None:
        return None
    title = _title_before(outline, source)
    if title is None:
        return None
    row = _link_row(outline, title)
    above = [] if row else _lines_of_slots(outline, title)
    dump = [*above, outline.text_of(title), outline.text_of(source), *_lines_after(outline, source)]
    page = parse_plain_text("\n".join(dump), url)
    if page.article is None:
        return None
    return msgspec.structs.replace(
        page,
        canonical_url=metadata.canonical_url,
        article=_with_head(page.article, metadata, _way_to_source(outline, source), url),
        headlines=_ticker(outline, row, url, page) if row else page.headlines,
    )


def _with_head(article: Article, metadata: Metadata, original: Element | None, url: str | None) -> Article:
    """The article of the dump with what only HTML has: the address of the original, tags and section."""
    whole = msgspec.structs.replace(
        article,
        source_url=absolute_url(original.attrs.get("href"), url) if original else None,
        tags=metadata.tags,
        section=metadata.section,
    )
    return with_head_as_provenance(whole, metadata)


def _source_element(outline: Outline) -> Element | None:
    """The innermost element that holds the line with paper and date.

    Marked spans tell it at a glance; templates without them are searched only where no JSON-LD describes the article.
    """
    spans = [span for span in outline.tagged("span") if SOURCE_MARK in span.hint]
    if not spans and (outline.json_ld or not _says_source("".join(outline.runs))):
        return None
    found = None
    for element in spans or outline.elements:
        if found is not None and element.index >= found.end:
            break
        if is_short(element, LONGEST_SOURCE_LINE) and read_source_line(outline.text_of(element)):
            found = element
    return found


def _says_source(text: str) -> bool:
    return any(phrase in text for phrase in SOURCE_PHRASES)


def _title_before(outline: Outline, source: Element) -> Element | None:
    """The marked title, the nearest heading, or the nearest element with text above the line with paper and date."""
    marked = [e for e in outline.tagged("span") if TITLE_MARK in e.hint and e.index < source.index and e.chars]
    headings = [e for tag in ("h1", "h2") for e in outline.tagged(tag) if e.index < source.index and e.chars]
    if marked or headings:
        return (marked or headings)[-1]
    above = (
        e for e in reversed(outline.elements[: source.index]) if e.chars >= LEAST_HEADLINE and e.end <= source.index
    )
    return next(above, None)


def _lines_after(outline: Outline, source: Element) -> list[str]:
    """The lines of the marked content, else all lines up to the way to the original."""
    marked = [e for e in outline.tagged("span") if CONTENT_MARK in e.hint and e.index > source.index]
    if marked:
        return [line for e in marked for line in _lines(outline, e.first_run, e.last_run)]
    link = _way_to_source(outline, source)
    return _lines(outline, source.last_run, link.first_run if link else len(outline.runs))


def _way_to_source(outline: Outline, source: Element) -> Element | None:
    """The link to the original below the article."""
    below = (a for a in outline.tagged("a") if a.index > source.index and is_short(a, LONGEST_SOURCE_LINE))
    return next((a for a in below if is_source_link(outline.text_of(a))), None)


def _lines(outline: Outline, first: int, last: int) -> list[str]:
    text = "".join(outline.runs[first:last])
    blocks = " ".join(text.replace("\n", " ").replace("\r", " ").split(" ")).replace(EDGE, "\n").replace(BREAK, "\n")
    return [clean for line in blocks.split("\n") if (clean := " ".join(line.split()))]


def _link_row(outline: Outline, title: Element) -> list[Element]:
    """The anchors above the title that look alike and, together, say most; a menu's links are short."""
    rows: dict[tuple[int, str, str], list[Element]] = {}
    for anchor in outline.tagged("a"):
        if anchor.index >= title.index:
            break
        if anchor.chars and anchor.parent is not None:
            rows.setdefault((anchor.depth, anchor.hint, anchor.parent.hint), []).append(anchor)
    stories = [row for row in rows.values() if sum(a.chars for a in row) >= LEAST_HEADLINE * len(row)]
    return max(stories, key=lambda row: sum(a.chars for a in row), default=[])


def _lines_of_slots(outline: Outline, title: Element) -> list[str]:
    """Lines above the title whose slots are held apart by no-break spaces: a ticker without links."""
    above = "".join(outline.runs[: title.first_run]).replace(EDGE, "\n").replace(BREAK, "\n")
    return [line for line in above.split("\n") if "\u00a0\u00a0" in line and not line.isspace()]


def _ticker(outline: Outline, row: list[Element], url: str | None, page: ParsedPage) -> list[Headline]:
    own = page.article.title if page.article else None
    return [
        Headline(
            kind="ticker",
            position=position,
            text=text,
            url=absolute_url(anchor.attrs.get("href"), url),
            language=detect_language(text, page.language),
            is_self=text == own,
        )
        for position, anchor in enumerate(row, start=1)
        if (text := outline.text_of(anchor))
    ]
