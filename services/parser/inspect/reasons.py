"""Why is a piece of a page's text neither in the article nor in a list of headlines?

The parser stores no reasons: it drops text that does not score as article text. This module names the most telling sign
of each dropped piece, by the same signs that the parser uses, together with its score if it has one.
"""

from typing import Literal

import msgspec

from services.parser.body.boilerplate import is_foreign, is_moment_line, is_unwanted_line
from services.parser.body.galleries import galleries_in
from services.parser.body.labels import is_machine_text, is_share_line
from services.parser.inspect.text import Note, block_of, describe
from services.parser.language.folding import bare
from services.parser.lists.story_urls import story_key
from services.parser.lists.zones import Page
from services.parser.outline.addresses import Resolver
from services.parser.outline.outline import Element
from services.parser.outline.region import IN_WORDS, Apart
from services.parser.page import Reading

# A block with more than this share of its letters in links is a line of links.
LINKED = 0.5

Reason = Literal[
    "advertisement",
    "aside",
    "away",
    "comments",
    "copy",
    "cut",
    "date",
    "footer",
    "gallery",
    "heading",
    "hidden",
    "in_list",
    "links",
    "listing",
    "menu",
    "more_pages",
    "next_story",
    "no_article",
    "no_part",
    "notice",
    "pointer",
    "repeated",
    "score",
    "share",
    "sign_up",
]

_ZONES: dict[str, tuple[Reason, str]] = {
    "nav": ("menu", "in the menu"),
    "footer": ("footer", "in the footer"),
    "never": ("notice", "in a box for adverts, sharing, consent or comments"),
}


_APART: dict[Apart, Reason] = {
    Apart.HIDDEN: "hidden",
    Apart.COMMENTS: "comments",
    Apart.CONVERSATION: "comments",
    Apart.ADVERTISEMENT: "advertisement",
    Apart.SIGN_UP: "sign_up",
    Apart.NEXT_STORY: "next_story",
    Apart.MORE_PAGES: "more_pages",
}


class Leftovers:
    """Finds the reason for text without a note, once per block."""

    def __init__(self, reading: Reading) -> None:
        outline, page = reading.outline, reading.page
        self._reading = reading
        self._zones = Page(outline, page.url) if outline is not None else None
        self._resolve = Resolver(outline, page.url) if outline is not None else None
        self._stories = {story_key(line.url) for line in page.headlines if line.url}
        self._claimed = reading.lists.claimed if reading.lists is not None else frozenset()
        self._title = bare(page.article.title or "") if page.article is not None else ""
        self._of_block: dict[int, Note] = {}
        title = reading.body.region.title_element if reading.body is not None else None
        self._galleries = galleries_in(outline, title.end - 1 if title is not None else 0) if outline else []

    def note_on(self, element: Element | None) -> Note:
        """Returns the note on text directly in this element; `element` is None in a document without markup."""
        if element is None:
            return _dropped("no_part", "neither article nor headline")
        if element.index in self._claimed:
            return self._in_list(element)
        block = block_of(element)
        if block.index not in self._of_block:
            note = self._by_its_place(block) or self._by_its_words(block) or self._by_the_article(block)
            self._of_block[block.index] = msgspec.structs.replace(note, score=self._score(block))
        return self._of_block[block.index]

    def _in_list(self, element: Element) -> Note:
        """Returns the note on text of a headline list that is not a headline of the result."""
        anchor: Element | None = element
        while anchor is not None and anchor.tag != "a":
            anchor = anchor.parent
        url = self._resolve(anchor.attrs.get("href") or "") if anchor is not None and self._resolve else None
        if url and story_key(url) in self._stories:
            return _dropped("copy", "given once already")
        return _dropped("in_list", "in a headline list, but no headline of it")

    def _as_set_apart(self, block: Element) -> Note | None:
        """Returns a note by the part that the block is in, if that was set apart as a whole."""
        body = self._reading.body
        apart = body.region.apart if body is not None else None
        if apart is None or not apart[block.index]:
            return None
        kind, around = Apart(apart[block.index]), block
        while around.parent is not None and apart[around.parent.index] == kind:
            around = around.parent
        return _dropped(_APART[kind], IN_WORDS[kind], around)

    def _as_caption(self, block: Element) -> Note | None:
        box = next((gallery.box for gallery in self._galleries if block.inside(gallery.box)), None)
        return (
            _dropped("gallery", "in a gallery of pictures; what is not their captions is left out", box)
            if box
            else None
        )

    def _by_its_place(self, block: Element) -> Note | None:
        """Returns a note by what the page calls the block, or an element around it that does not hold the article."""
        apart = self._as_set_apart(block) or self._as_caption(block)
        if apart is not None:
            return apart
        if block.hidden:
            return _dropped("hidden", "marked as not displayed", block)
        if (self._score(block) or 0.0) > 0 or self._zones is None:
            return None
        zone = _ZONES.get(self._zones.zone_of(block))
        around: Element | None = block
        while around is not None and not self._holds_article(around):
            if is_foreign(around.tag, around.hint):
                kind, why = zone or ("aside", "its box is called")
                return _dropped(kind, why, around)
            around = around.parent
        return _dropped(*zone) if zone else None

    def _by_its_words(self, block: Element) -> Note | None:
        text = self._text_of(block)
        if self._title and bare(text) == self._title:
            return _dropped("repeated", "repeats the article's title")
        if is_unwanted_line(text):
            return _dropped("pointer", "points to other pages, marks an advert or gives notice")
        if is_moment_line(text):
            return _dropped("date", "nothing but a date or a time")
        if is_share_line(text) or is_machine_text(text):
            return _dropped("share", "offers to share the page, or is a script or its data")
        if block.link_chars > LINKED * block.chars:
            return _dropped("links", "make no list of headlines")
        return None

    def _by_the_article(self, block: Element) -> Note:
        """Returns a note by where the block stands relative to the article, and by its score."""
        body, score = self._reading.body, self._score(block)
        if body is None:
            return _dropped("no_article", "nothing on the page reads like an article")
        if self._reading.page.article is None:
            return _dropped("listing", "on a page of headlines")
        if score is None:
            return _dropped("away", "too far from the article")
        if score <= 0:
            return _dropped("score", "scores too low for article text")
        if block.tag[0] == "h" and block.tag[1:].isdigit():
            return _dropped("heading", "no text of the article follows")
        return _dropped("cut", "scores as article text, but was left out with what it stands in")

    def _holds_article(self, element: Element) -> bool:
        """Whether the element holds the article, or holds most of a page without one."""
        body, outline = self._reading.body, self._reading.outline
        if body is not None and element.index <= body.region.first < element.end:
            return True
        return body is None and outline is not None and 2 * element.chars > outline.elements[0].chars

    def _score(self, block: Element) -> float | None:
        body = self._reading.body
        return body.scores.get(block.index) if body is not None else None

    def _text_of(self, block: Element) -> str:
        return self._reading.outline.text_of(block) if self._reading.outline is not None else ""


def _dropped(kind: Reason, why: str, element: Element | None = None) -> Note:
    return Note(role="dropped", kind=kind, why=why, where=describe(element) if element is not None else "")
