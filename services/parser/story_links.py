"""Which anchors of a page lead to other stories, and what is the headline in each?"""

import msgspec

from services.parser.headline_text import HEADING_TAGS, headline_of, is_title_hint, text_of_attributes
from services.parser.list_words import is_unspaced, kind_of_label, leads_to_more
from services.parser.segments import BREAK, EDGE, INLINE, Element, Outline
from services.parser.story_urls import Resolver, is_story_url, leads_elsewhere, story_key

# A headline has several words; a section's name in a menu has one to three. A link whose address looks like a story's
# may be one word shorter. A character of a script without spaces counts twice.
FEWEST_WORDS, FEWEST_CHARS = 4, 22
FEWEST_WORDS_OF_STORY_URL, FEWEST_CHARS_OF_STORY_URL = 3, 13
MOST_CHARS, MOST_ANCHOR_CHARS = 300, 1_500
# Shorter texts still count where their neighbours are headlines ("Palabras claves"), never on their own.
FEWEST_CHARS_OF_WEAK, FEWEST_UNSPACED_CHARS_OF_WEAK = 12, 6
LONGEST_TAB, LONGEST_MORE = 40, 40
# A card that an empty anchor covers: so much text, so near above it.
MOST_CARD_CHARS, CARD_LEVELS = 500, 3

# A link in running text: so much text of the block's own beside it ("Lire aussi :" and a time stay below).
MOST_PROSE_CHARS, MOST_PROSE_SHARE = 20, 0.3

_LINE_ENDS = (BREAK, EDGE)
_FORMATTING = frozenset({"b", "em", "font", "i", "strong", "u"})


class StoryLink(msgspec.Struct):
    """One anchor that leads to another story. `strong`: its text reads like a headline; `own_line`: within prose."""

    element: Element
    url: str
    key: str
    text: str = ""
    words: float = 0
    strong: bool = False
    story_url: bool = False
    own_line: bool = False


class LinkScan(msgspec.Struct):
    """The story links in document order, and what the anchors to parts of this page call those parts (tabs)."""

    links: list[StoryLink]
    tabs: dict[str, str]


def scan_links(outline: Outline, url: str | None) -> LinkScan:
    """One pass over the anchors; pictures and empty overlays are kept where another anchor tells their story."""
    unspaced = is_unspaced(outline.title)
    weak = FEWEST_UNSPACED_CHARS_OF_WEAK if unspaced else FEWEST_CHARS_OF_WEAK
    short = FEWEST_CHARS // 2 if unspaced else FEWEST_CHARS
    resolve, prose = Resolver(outline, url), _Prose(outline)
    scan = LinkScan(links=[], tabs={})
    blanks: list[StoryLink] = []
    for anchor in outline.tagged("a"):
        href = anchor.attrs.get("href")
        if not href:
            continue
        chars = anchor.chars
        if href[0] == "#" or href.startswith("javascript:"):
            if 0 < chars <= LONGEST_TAB and len(href) > 1:
                scan.tabs.setdefault(href[1:], outline.text_of(anchor))
            continue
        if 0 < chars < weak:
            continue
        if chars == 0 or chars >= short or is_story_url(href):
            absolute = resolve(href)
            if absolute is None:
                continue
            if chars == 0:
                blanks.append(StoryLink(anchor, absolute, story_key(absolute)))
            elif link := _read(prose, anchor, absolute):
                scan.links.append(link)
    _keep(outline, scan, blanks)
    return scan


def _keep(outline: Outline, scan: LinkScan, blanks: list[StoryLink]) -> None:
    """Add the anchors without text that belong to a story; drop short texts unlike their neighbours."""
    strong = {link.key for link in scan.links if link.strong}
    for link in blanks:
        if link.key not in strong and is_story_url(link.url) and not leads_elsewhere(link.url):
            link.text = text_of_attributes(outline, link.element) or _heading_beside(outline, link.element)
            link.words, link.story_url = words_of(link.text), True
            link.strong = len(link.text) <= MOST_CHARS and _is_strong(link.text, link.words, story_url=True)
    strong |= {link.key for link in blanks if link.strong}
    shapes = {shape_of(link) for link in scan.links if link.strong}
    kept = [link for link in scan.links if len(link.text) > LONGEST_MORE or not leads_to_more(link.text)]
    kept = [
        link
        for link in kept
        if link.strong or ((link.key in strong or shape_of(link) in shapes) and kind_of_label(link.text) is None)
    ]
    kept += [link for link in blanks if link.key in strong]
    kept.sort(key=lambda link: link.element.index)
    scan.links = kept


def _heading_beside(outline: Outline, anchor: Element) -> str:
    """The heading of the card over which an empty anchor is laid, if the card has no other link with text."""
    card = anchor.parent
    for _ in range(CARD_LEVELS):
        if card is None or card.link_chars or card.chars > MOST_CARD_CHARS:
            return ""
        inner = outline.elements[card.index : card.end]
        heading = next((e for e in inner if e.tag in HEADING_TAGS or (e.hint and is_title_hint(e.hint))), None)
        if heading is not None and heading.chars:
            return outline.text_of(heading)
        card = card.parent
    return ""


def is_heading(outline: Outline, link: StoryLink) -> bool:
    """Whether the link is a heading or holds one."""
    anchor = link.element
    if anchor.parent is not None and anchor.parent.tag in HEADING_TAGS:
        return True
    return any(e.tag in HEADING_TAGS for e in outline.elements[anchor.index + 1 : anchor.end])


def shape_of(link: StoryLink) -> tuple[str, str, str]:
    """What links of one list have in common."""
    parent = link.element.parent
    return (link.element.hint, parent.tag, parent.hint) if parent else (link.element.hint, "", "")


class _Prose:
    """How much text of its own a block has beside links; counted once a block."""

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.known: dict[int, int] = {}

    def holds(self, anchor: Element) -> bool:
        """Whether the link stands in running text: its block says more than the link, in words of its own."""
        block = anchor.parent
        while block is not None and block.tag in INLINE and block.chars <= anchor.chars + MOST_PROSE_CHARS:
            block = block.parent
        if block is None or block.chars <= anchor.chars + MOST_PROSE_CHARS:
            return False
        prose = self.known.get(block.index)
        if prose is None:
            prose = self.known[block.index] = self._count(block)
        return prose > MOST_PROSE_CHARS and prose > MOST_PROSE_SHARE * anchor.chars

    def _count(self, block: Element) -> int:
        prose = block.chars - block.link_chars
        if block.tag == "p":
            return prose
        return prose - sum(c.chars - c.link_chars for c in self.outline.children(block) if c.tag not in _FORMATTING)


def _read(prose: _Prose, anchor: Element, url: str) -> StoryLink | None:
    if anchor.chars > MOST_ANCHOR_CHARS:
        return None
    text = headline_of(prose.outline, anchor)
    if not FEWEST_UNSPACED_CHARS_OF_WEAK <= len(text) <= MOST_CHARS:
        return None
    words, story_url = words_of(text), is_story_url(url)
    strong = _is_strong(text, words, story_url)
    if (not strong and not story_url) or leads_elsewhere(url):
        return None
    own_line = False
    if prose.holds(anchor):
        own_line = _is_line(prose.outline, anchor)
        if not own_line:
            return None
    return StoryLink(anchor, url, story_key(url), text, words, strong, story_url, own_line)


def _is_line(outline: Outline, anchor: Element) -> bool:
    """Whether a link in a block of prose has its line between <br> for itself, but for a "Lire aussi :" before it."""
    runs, before, after = outline.runs, anchor.first_run - 1, anchor.last_run
    chars = 0
    while before >= 0 and runs[before] not in _LINE_ENDS:
        chars += len(runs[before].strip())
        if chars > MOST_PROSE_CHARS:
            return False
        before -= 1
    while after < len(runs) and runs[after].isspace() and runs[after] not in _LINE_ENDS:
        after += 1
    return after < len(runs) and runs[after] in _LINE_ENDS


def words_of(text: str) -> float:
    """How many words; in scripts without spaces between them, three characters count as one."""
    return len(text) / 3 if is_unspaced(text) else text.count(" ") + 1.0


def _is_strong(text: str, words: float, story_url: bool) -> bool:
    """Whether the text reads like a headline."""
    if words < FEWEST_WORDS_OF_STORY_URL:
        return False
    width = 2 * len(text) if is_unspaced(text) else len(text)
    if words >= FEWEST_WORDS and width >= FEWEST_CHARS:
        return True
    return story_url and width >= FEWEST_CHARS_OF_STORY_URL
