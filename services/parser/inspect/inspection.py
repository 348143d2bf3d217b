"""What became of each piece of a page's text, and why? Lays the parser's result over the page that it was read from.

    the reading of parse_page -> its pieces found again in the page's text -> reasons for what is left over

This module takes no part in parsing and decides nothing; `depeche inspect` shows its result.
"""

from collections import deque
from datetime import datetime

import msgspec

from services.parser.inspect.fact_lines import FactLines
from services.parser.inspect.fields import SCRIPTS, Field, read_fields
from services.parser.inspect.lists import ListReport, find_lists
from services.parser.inspect.reasons import Leftovers
from services.parser.inspect.text import Note, PageText, Span, block_of
from services.parser.page import Reading, read_page
from services.parser.site_rules.rules import SiteRule
from shared.parsed_page import Article, Block, ParsedPage

# Byline and date stand at most so many letters before or after headline and text, on lines of at most so many letters.
AROUND, LONGEST_FACT = 1500, 140


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of the page in reading order, with a note on what became of it; a picture or embed has a `url`."""

    text: str
    note: Note
    url: str | None = None


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """A page's parts, lists and fields. A feed has no parts, because its entries are its list."""

    page: ParsedPage
    parts: list[Part]
    lists: list[ListReport]
    fields: list[Field]


def inspect_page(
    body: bytes,
    *,
    url: str | None,
    content_type: str | None = None,
    visited_at: datetime | None = None,
    rule: SiteRule | None = None,
) -> Inspection:
    """All of a page with what the parser made of it. A pure function; raises only GiveUp, as parse_page does."""
    reading = read_page(body, url=url, content_type=content_type, visited_at=visited_at, rule=rule)
    text = _text_of(reading)
    lists = find_lists(reading, text, rule)
    pictures: deque[tuple[int, Part]] = deque()
    if reading.page.article is not None and reading.told is None:
        writer = _ArticleWriter(reading, text)
        pictures += writer.write(reading.page.article)
    leftovers = Leftovers(reading)
    for span, element in text.free(text.everything):
        text.write(span, leftovers.note_on(element))
    parts: list[Part] = []
    for note, span in text.noted():
        while pictures and pictures[0][0] < span.end:
            parts.append(pictures.popleft()[1])
        parts.append(Part(text=text.said(span), note=note))
    parts += [part for _, part in pictures]
    if reading.page.article is not None and reading.told is not None:
        parts += _told_parts(reading.page.article)
    lists = [_with_overwritten(report, parts) for report in lists]
    return Inspection(page=reading.page, parts=parts, lists=lists, fields=read_fields(reading))


def _told_parts(article: Article) -> list[Part]:
    """Returns the blocks of an article that does not stand in the page's text."""
    lead = [Block(type="paragraph", text=article.lead)] if article.lead else []
    numbered = enumerate([*lead, *article.blocks], start=1 - len(lead))
    return [
        Part(
            text=block.text.replace(" | ", " "),  # as the cells of a table stand on a page
            url=block.url,
            note=Note(
                role="article",
                kind="lead" if number == 0 else block.type,
                why="stands in the data of the page's scripts",
                where=SCRIPTS,
                block=number,
            ),
        )
        for number, block in numbered
    ]


def _with_overwritten(report: ListReport, parts: list[Part]) -> ListReport:
    """Returns the report with the positions of headlines whose note was overwritten by that of the article's text."""
    shown = {part.note.position for part in parts if part.note.list_number == report.number}
    shown |= set(report.unseen)
    return msgspec.structs.replace(
        report, in_article=[line.position for line in report.headlines if line.position not in shown]
    )


def _text_of(reading: Reading) -> PageText:
    if reading.outline is not None:
        return PageText(reading.outline.runs, reading.outline)
    return PageText.of_lines(reading.text or "")


class _ArticleWriter:
    """Finds the article's pieces in the page's text and writes notes on what they are."""

    def __init__(self, reading: Reading, text: PageText) -> None:
        self._reading = reading
        self._text = text
        self._window = text.everything
        outline, body = reading.outline, reading.body
        if outline is not None and body is not None:
            start = text.span_of(outline.elements[body.region.first]).start
            title = body.region.title_element
            if title is not None:
                start = min(start, text.span_of(title).end)
            last = outline.elements[body.region.last]
            while last.parent is not None and last.parent.end == last.end:  # its text may go on behind its elements
                last = last.parent
            self._window = Span(start=start, end=text.span_of(last).end)

    def write(self, article: Article) -> list[tuple[int, Part]]:
        """Write notes on title, blocks, byline and date; returns pictures and embeds with the letter behind each."""
        self._write_title(article)
        pictures = self._write_blocks(article)
        self._write_facts(article)
        return pictures

    def _write_title(self, article: Article) -> None:
        text, body = self._text, self._reading.body
        heading = body.region.title_element if body is not None else None
        if heading is not None:
            where: Span | None = text.span_of(heading)
        else:
            where = text.find(article.title or "", text.everything, text.is_free)
        if where is None:
            return
        note = Note(role="field", kind="title", why="the article's headline on the page")
        for span, _ in text.free(where):
            text.write(span, note)
        above = Span(start=max(0, where.start - AROUND), end=where.end)
        kicker = text.find(article.kicker or "", above)
        if kicker is not None:
            text.write(kicker, Note(role="field", kind="kicker", why="stands over the headline or begins it"))

    def _write_blocks(self, article: Article) -> list[tuple[int, Part]]:
        at, end, pictures = self._window.start, self._window.end, []
        lead = [Block(type="paragraph", text=article.lead)] if article.lead else []
        for number, block in enumerate([*lead, *article.blocks], start=1 - len(lead)):
            if block.type in {"image", "embed"}:
                place = self._write_captions(block, number, at)
                pictures.append(
                    (place, Part(text=block.alt or "", note=self._note_on(block, number, None), url=block.url))
                )
                continue
            for said in _texts_of(block):
                where = self._text.find(said, Span(start=at, end=end), self._accepts)
                if where is not None:
                    self._text.write(where, self._note_on(block, number, where.start))
                    at = where.end
        return pictures

    def _write_captions(self, block: Block, number: int, at: int) -> int:
        """Write notes on caption and credit; returns the letter that the picture stands before.

        A picture before the lead comes after it in the result.
        """
        places = []
        for said in (block.caption, block.credit):
            found = self._text.find(said or "", Span(start=at, end=self._window.end), self._text.is_free)
            found = found or self._text.find(said or "", self._window, self._text.is_free)
            if found is not None:
                self._text.write(found, self._note_on(block, number, None))
                places.append(found.start)
        return min(places, default=at)

    def _accepts(self, at: int) -> bool:
        """Whether a block may begin at this letter.

        It may even if the letter has a note, because a claimed link in a sentence belongs to its sentence. Without a
        body, whose region limits the search, only letters without a note count.
        """
        return self._reading.body is not None or self._text.is_free(at)

    def _note_on(self, block: Block, number: int, at: int | None) -> Note:
        body = self._reading.body
        element = self._text.element_at(at) if at is not None else None
        score = body.scores.get(block_of(element).index) if body is not None and element is not None else None
        if number == 0:
            why = "opens the text and says what it is about"
        elif block.type in {"image", "embed"}:
            why = "stands in the article"
        else:
            why = "scores as article text" if score is not None else "a line of the article"
        return Note(role="article", kind="lead" if number == 0 else block.type, why=why, score=score, block=number)

    def _write_facts(self, article: Article) -> None:
        """Write notes on lines around the text that say who wrote it and when."""
        text = self._text
        facts = FactLines(self._reading, article)
        around = Span(start=max(0, self._window.start - AROUND), end=self._window.end + AROUND)
        for span, element in text.free(around):
            lines = [text.span_of(block_of(element)), text.span_of(element)] if element is not None else [span]
            line = next((line for line in lines if line.end - line.start <= LONGEST_FACT), None)
            note = facts.note_on(text.said(line), element) if line is not None else None
            if note is not None:
                text.write(span, note)


def _texts_of(block: Block) -> list[str]:
    """Returns the texts of a block that stand in one piece on the page: items, cells, or the whole text."""
    if block.items is not None:
        return block.items
    if block.rows is not None:
        return [cell for row in block.rows for cell in row]
    return [block.text]
