"""A document that is plain text: a dump of a press mirror's page, or any other text.

A dump has no markup left, but its lines keep their order: the ticker in one line with blanks between its headlines, a
notice, the title, the line with paper and date, the paragraphs, the byline, the link to the source. Other text is an
article when it reads like one: a title and paragraphs of sentences.
"""

import re
from itertools import pairwise

import msgspec

from services.parser.documents.mirror import SourceLine, is_source_link, read_source_line
from services.parser.fields.bylines import signature
from services.parser.fields.dates import DateHabits, stamps_in
from services.parser.fields.provenance import with_lines_as_provenance
from services.parser.language.identification import detect_language
from services.parser.version import PARSER_VERSION
from shared.parsed_page import Article, Block, Headline, ParsedPage

# A subhead is a short line without a full stop before a paragraph.
LONGEST_HEADING = 110
LONGEST_TITLE = 250
# A date or a byline under the title is a short line.
LONGEST_FACT = 100
# Fewer characters of sentences are a note, a menu or a log, not an article.
LEAST_SENTENCES = 250
# The line that leads to the original is shorter than a paragraph.
LONGEST_CLOSING = 160
# Slots of a ticker are separated by four U+00A0, which editors turn into tabs or ordinary spaces.
_SLOT_EDGES = (
    re.compile(r"[^\S\n]*\u00a0[^\S\n]*\u00a0\s*"),
    re.compile(r"[^\S\n]*\t\s*"),
    re.compile(r"[^\S\n]{3,}"),
)
_WEAK_EDGE = re.compile(r"[^\S\n]{2,}")
_EDGE_AT_END = re.compile(r"(?:\t|[^\S\n]{2})$")
# A line of slots outside a dump is a ticker when it has this many headlines of this many characters on average.
LEAST_SLOTS = 4
LEAST_SLOT_CHARACTERS = 25
# Lines of text that was wrapped by hand are of this length, but for the last of a paragraph.
WRAPPED = range(50, 100)

_SENTENCE_END = re.compile(r"[.!?…。؟।](?:[\"”»’')\]]|\s*\[\d+\])*$")
_BARE_ADDRESS = re.compile(r"https?://\S+")


class _Draft(msgspec.Struct, kw_only=True):
    """What has been read of the document so far."""

    slots: list[str] = []
    title: str | None = None
    source: SourceLine | None = None
    published_at: str | None = None
    authors: list[str] = []
    source_url: str | None = None
    lines: list[str] = []


def parse_plain_text(text: str, url: str | None) -> ParsedPage:
    """The article and the ticker of a text document; `other` when it reads like neither."""
    draft = _read_dump(text) or _read_text(text)
    paragraphs = _blocks(draft.lines)
    body = "\n".join(block.text for block in paragraphs)
    language = detect_language(body or " ".join(draft.slots), draft.source.language if draft.source else None)
    article = _article(draft, paragraphs, language) if draft.source or _reads_like_an_article(draft) else None
    return ParsedPage(
        url=url,
        page_type="article" if article else "listing" if draft.slots else "other",
        language=language,
        article=article,
        headlines=_headlines(draft, language),
        parser_version=PARSER_VERSION,
    )


def _read_dump(text: str) -> _Draft | None:
    """A press mirror's page; the line that names paper and date tells it, and everything else lies around that line."""
    lines = text.splitlines()
    found = ((at, read_source_line(line.strip())) for at, line in enumerate(lines))
    at, source = next(((at, source) for at, source in found if source), (0, None))
    if source is None:
        return None
    draft = _Draft(source=source, published_at=source.published_at)
    above = [line for line in lines[:at] if line.strip()]
    if above and len(_slots(above[-1])) == 1:
        draft.title = _clean(above.pop())
    draft.slots = _ticker_slots(above)
    below, closing = _without_closing(lines[at + 1 :])
    link = _BARE_ADDRESS.search(closing)
    draft.source_url = link[0] if link else None
    draft.lines = [_clean(line) for line in below if line.strip()]
    _take_signatures(draft)
    return draft


def _ticker_slots(above: list[str]) -> list[str]:
    """The headlines of the lines that are separated into slots; a line without a blank edge is the mirror's notice."""
    slots: list[str] = []
    for line in above:
        found = _slots(line)
        if len(found) == 1:
            found = _filled(_WEAK_EDGE.split(line))
        if len(found) > 1 or _EDGE_AT_END.search(line):
            slots += found
    return slots


def _without_closing(lines: list[str]) -> tuple[list[str], str]:
    """The lines of the article, and the line below it that leads to the original.

    Its wording varies, so it is known by its place as well: a short last line, set off by more blank lines than any
    paragraph is.
    """
    for at, line in enumerate(lines):
        if is_source_link(line):
            return lines[:at], line
    filled = [at for at, line in enumerate(lines) if line.strip()]
    gaps = [after - before for before, after in pairwise(filled)]
    if len(gaps) > 1 and gaps[-1] > max(*gaps[:-1], 1) and len(lines[filled[-1]]) <= LONGEST_CLOSING:
        return lines[: filled[-1]], lines[filled[-1]]
    return lines, ""


def _read_text(text: str) -> _Draft:
    """Any other text: lines of slots are a ticker, the first line is the title, byline and date may follow it."""
    draft = _Draft()
    for paragraph in _paragraphs(text):
        slots = _slots(paragraph)
        if len(slots) >= LEAST_SLOTS and sum(map(len, slots)) >= LEAST_SLOTS * LEAST_SLOT_CHARACTERS:
            draft.slots += slots
        else:
            draft.lines.append(_clean(paragraph))
    lines = draft.lines
    if len(lines) > 1 and len(lines[0]) <= LONGEST_TITLE and not _SENTENCE_END.search(lines[0].rstrip("!?")):
        draft.title = lines.pop(0)
    while len(lines) > 1 and len(lines[0]) <= LONGEST_FACT and _take_fact(draft, lines[0]):
        lines.pop(0)
    _take_signatures(draft)
    return draft


def _paragraphs(text: str) -> list[str]:
    """The lines, or, where lines were wrapped by hand, what stands between blank lines."""
    lines = [line.rstrip() for line in text.splitlines()]
    filled = [line for line in lines if line]
    unfinished = [line for line in filled if not _SENTENCE_END.search(line)]
    wrapped = sum(len(line) in WRAPPED for line in unfinished)
    if "" not in lines or not unfinished or 2 * wrapped <= len(filled):
        return filled
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", "\n".join(lines)) if part.strip()]


def _take_fact(draft: _Draft, line: str) -> bool:
    """Whether a line under the title states the date or the authors, which are then noted."""
    names = signature(line)
    stamps = stamps_in(line, DateHabits(language=detect_language(" ".join(draft.lines))))
    if names:
        draft.authors = draft.authors or names
    if stamps:
        draft.published_at = draft.published_at or stamps[0].value
    return bool(names or stamps)


def _take_signatures(draft: _Draft) -> None:
    """Authors sign above or below their text; such a line is not part of it."""
    publisher = draft.source.publisher if draft.source else None
    for at in (-1, 0):
        if len(draft.lines) > 1:
            names = signature(draft.lines[at], publisher)
            if names:
                draft.lines.pop(at)
                draft.authors += [name for name in names if name not in draft.authors]


def _slots(line: str) -> list[str]:
    for edge in _SLOT_EDGES:
        if edge.search(line.strip()):
            return _filled(edge.split(line))
    return _filled([line])


def _filled(slots: list[str]) -> list[str]:
    return [clean for slot in slots if (clean := _clean(slot))]


def _clean(text: str) -> str:
    return " ".join(text.split())


def _blocks(lines: list[str]) -> list[Block]:
    """Paragraphs and subheads; the first line of a text is never a subhead, nor is the last."""
    blocks = []
    for at, line in enumerate(lines):
        heading = (
            0 < at < len(lines) - 1
            and len(line) <= LONGEST_HEADING
            and not _SENTENCE_END.search(line.rstrip("?؟!"))
            and line[-1] not in ",;:،"
            and len(lines[at + 1]) > len(line)
        )
        blocks.append(Block(type="heading", text=line, level=2) if heading else Block(type="paragraph", text=line))
    return blocks


def _reads_like_an_article(draft: _Draft) -> bool:
    sentences = sum(len(line) for line in draft.lines if _SENTENCE_END.search(line))
    return sentences >= LEAST_SENTENCES and 2 * sentences >= sum(map(len, draft.lines))


def _article(draft: _Draft, blocks: list[Block], language: str | None) -> Article:
    lead = blocks[0].text if blocks else None
    article = Article(
        title=draft.title,
        lead=lead,
        authors=draft.authors,
        publisher=draft.source.publisher if draft.source else None,
        language=language,
        published_at=draft.published_at,
        source_url=draft.source_url,
        blocks=blocks[1:],
        text="\n".join(block.text for block in blocks),
    )
    return with_lines_as_provenance(article)


def _headlines(draft: _Draft, language: str | None) -> list[Headline]:
    return [
        Headline(
            kind="ticker",
            position=position,
            text=slot,
            language=detect_language(slot, language),
            is_self=slot == draft.title,
        )
        for position, slot in enumerate(draft.slots, start=1)
    ]
