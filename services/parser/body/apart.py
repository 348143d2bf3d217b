"""Which parts of the page beside or amid the article are surely something else? They are left out before all else.

Hidden parts and dialogs, readers' comments, boxes labelled as advertisement, and boxes to sign up in. The learned
weights (evidence.py) judge single blocks, so that five long comments outweigh an article of two paragraphs; here a part
is judged as a whole: by what the page calls it, by its label, or by its shape.
"""

import re
from functools import lru_cache

from services.parser.body.conversation import conversations
from services.parser.body.evidence import Fact
from services.parser.body.hidden_parts import hidden_parts
from services.parser.body.labels import kind_of_line
from services.parser.body.next_story import NextStory
from services.parser.body.stretch import Scored
from services.parser.outline.outline import Element, Outline
from services.parser.outline.region import Apart
from services.parser.outline.tags import TYPED_COMMENT

# A block of this size bucket (over 45 characters outside links) that ends like a sentence is prose.
PROSE_SIZE = 4
# A labelled advertisement and a box to sign up in have at most so many characters, and the latter is at most so many
# levels above its field. An advertisement has at most this share of the page's prose.
MOST_OF_AD, MOST_OF_SIGN_UP, LEVELS = 1500, 400, 3
AD_SHARE = 0.4
# A label has at most so many characters.
LABEL_CHARS = 60

_OUTER_TAGS = frozenset(["html", "body", "main"])
_PROSE_TAGS = frozenset(["p", "li"])
_HEADINGS = frozenset(["h2", "h3", "h4", "h5", "h6"])
_COMMENTS = re.compile(
    r"(?<![a-z])(?:(?:reader|user|post|article|facebook|fb|vk|disqus|leser|user)[-_]?)?comments?[-_]{0,2}"
    r"(?:list|area|section|thread|threads|wrapper|container|holder|block|box|stream|feed|tree|form|respond|module)(?![a-z])"
    r"|(?<![a-z-])(?:(?:reader|user|post|article|facebook|fb|vk)[-_]?)?comments(?![a-z-])|disqus|(?<![a-z])commentlist(?![a-z])"
    rf"|(?<![a-z]){TYPED_COMMENT}(?![a-z])"
    r"|(?<![a-z])(?:leser)?kommentare(?![a-z])|(?<![a-z])(?:comentarios|commentaires|commenti|komentarze|komentari|komentare"
    r"|kommentarer|yorumlar|reacties|kommentit|kommenty|comentarii|kommentaarid|komentarai|kommentarii|hozzaszolasok"
    r"|binh-luan|pinglun)(?![a-z])"
)
_COMMENT = re.compile(
    r"(?:^|\s)(?:user-?comment|(?:[up]-)?comment|comment-?item|komentarz|kommentar|comentario|commentaire)(?:\s|$)"
)


def parts_apart(
    outline: Outline, title: Element | None, scored: Scored, *, others: list[NextStory], live: bool
) -> bytearray:
    """Returns for each element, by its index, the number of `Apart` if its part is not the article's, or 0.

    `others` are further stories on the page. The entries of a live blog, which look like comments, are none.
    """
    finder = _Finder(outline, title, scored)
    for story in others:
        finder.mark(story.first, story.end, Apart.NEXT_STORY)
    finder.by_names()
    finder.by_labels()
    finder.by_fields()
    if not live:
        finder.mark_all(conversations(outline, scored, title, finder.apart), Apart.CONVERSATION)
    return finder.apart


def without_parts(scored: Scored, apart: bytearray) -> Scored:
    """Returns the blocks that stand in no part that is apart."""
    return [(fact, score) for fact, score in scored if not apart[fact.element.index]]


class _Finder:
    """Collects what is apart on one page."""

    def __init__(self, outline: Outline, title: Element | None, scored: Scored) -> None:
        self.outline, self.title, self.scored = outline, title, scored
        self.apart = bytearray(len(outline.elements))
        self.mark_all(hidden_parts(outline, title, scored), Apart.HIDDEN)
        self.start = title.index if title is not None else -1
        self.prose = [
            fact
            for fact, _ in scored
            if fact.size >= PROSE_SIZE and fact.linked < 2 and fact.element.index > self.start
        ]

    def mark_all(self, parts: list[Element], kind: Apart) -> None:
        """Note that all these elements and what is in them is apart."""
        for part in parts:
            self.mark(part.index, part.end, kind)

    def mark(self, first: int, end: int, kind: Apart) -> None:
        self.apart[first:end] = kind.over(end - first)

    def _prose(self) -> list[Fact]:
        """Returns the blocks behind the headline that read like sentences of the article."""
        apart = self.apart
        return [fact for fact in self.prose if not apart[fact.element.index]]

    def by_names(self) -> None:
        """Mark what is called comments and stands behind prose."""
        seen: set[int] = set()
        said = False
        for fact in self._prose():
            part = self._named_comments(fact.element, seen)
            if part is not None and said:
                self.mark(part.index, part.end, Apart.COMMENTS)
            elif part is None:
                said = True

    def _named_comments(self, block: Element, seen: set[int]) -> Element | None:
        around: Element | None = block
        found = None
        while around is not None and around.index not in seen and around.tag not in _OUTER_TAGS:
            seen.add(around.index)
            if around.hint and around.index > self.start:
                named = _comments_by_name(around.hint)
                if named == "section" or (named == "entry" and around.tag != "p" and self._begins_with_name(around)):
                    found = around
            around = around.parent
        return found

    def _begins_with_name(self, part: Element) -> bool:
        first = self._first_words(part)
        return bool(first) and len(first) < min(part.chars, LABEL_CHARS) and first[-1] not in ".!?…"

    def _first_words(self, part: Element) -> str:
        runs = self.outline.runs
        return next((words for at in range(part.first_run, part.last_run) if (words := runs[at].strip())), "")

    def by_labels(self) -> None:
        """Mark boxes labelled as advertisement, and what stands under a heading that announces comments."""
        prose = self._prose()
        if not prose:
            return
        whole = sum(fact.chars for fact in prose)
        first = prose[0].element.index
        start, apart, runs = self.start, self.apart, self.outline.runs
        for fact, _ in self.scored:
            block = fact.element
            if block.index <= start or (fact.chars > LABEL_CHARS and block.tag in _PROSE_TAGS) or apart[block.index]:
                continue
            words = runs[block.first_run].strip() or self._first_words(block)
            kind = kind_of_line(words) if 0 < len(words) <= LABEL_CHARS else None
            if kind == "advertisement":
                self._mark_advertisement(block, len(words), whole)
            elif kind == "comments" and block.index > first and block.tag in _HEADINGS and not fact.linked:
                self._mark_comments(block, first)

    def _mark_advertisement(self, block: Element, label: int, whole: int) -> None:
        """Mark the box that begins with a label, if it holds a link or a button and little of the page's prose."""
        box: Element | None = block
        for _ in range(LEVELS):
            if box is None or box.tag in _OUTER_TAGS or box.chars > MOST_OF_AD:
                return
            if box.chars > label:
                break
            box = box.parent
        if box is None or box.chars <= label or (self.title is not None and self.title.inside(box)):
            return
        if box.chars > AD_SHARE * (whole + box.chars) or not self._first_words(box) or box.first_run > block.first_run:
            return
        if self._first_words(box) == self._first_words(block) and self._has_link(box):
            self.mark(box.index, box.end, Apart.ADVERTISEMENT)

    def _has_link(self, box: Element) -> bool:
        return any(element.tag in {"a", "button", "iframe"} for element in self.outline.subtree(box))

    def _mark_comments(self, label: Element, first: int) -> None:
        """Mark the box that a label opens; under a heading amid the article's element, all that follows in it."""
        box = label
        while box.parent is not None and box.parent.index > first and box.parent.tag not in _OUTER_TAGS:
            box = box.parent
        opens = self._first_words(box) == self._first_words(label)
        if box is not label and box.chars > label.chars and opens:
            self.mark(box.index, box.end, Apart.COMMENTS)
        elif box is label and label.parent is not None:
            self.mark(label.index, label.parent.end, Apart.COMMENTS)

    def by_fields(self) -> None:
        """Mark small boxes with a field for an address."""
        for field in self.outline.tagged("input"):
            if field.index <= self.start or (field.attrs.get("type") or "").lower() != "email":
                continue
            box = field
            for _ in range(LEVELS):
                parent = box.parent
                if parent is None or parent.chars > MOST_OF_SIGN_UP or parent.index <= self.start:
                    break
                if parent.tag in _OUTER_TAGS or parent.tag == "article":
                    break
                box = parent
            self.mark(box.index, box.end, Apart.SIGN_UP)


@lru_cache(maxsize=16384)
def _comments_by_name(hint: str) -> str | None:
    """Returns whether a class or id names the section of comments, or one entry of it."""
    if "omment" not in hint and "disqus" not in hint and not _COMMENTS.search(hint):
        return None
    if "no-comment" in hint or "has-comment" in hint or "with-comment" in hint:
        return None
    if _COMMENTS.search(hint):
        return "section"
    return "entry" if _COMMENT.search(hint) else None
