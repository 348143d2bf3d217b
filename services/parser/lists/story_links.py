"""Which anchors of a page lead to other stories, and what is the headline in each?"""

from operator import attrgetter

import msgspec

from services.parser.language.scripts import count_said, is_unspaced
from services.parser.lists.headline_text import HEADING_TAGS, headline_of, is_title_hint, text_of_attributes
from services.parser.lists.running_text import RunningText
from services.parser.lists.story_urls import Address, Addresses, leads_elsewhere
from services.parser.lists.words import kind_of_label, leads_to_more
from services.parser.outline.outline import Element, Outline

# A headline has several words; a section's name in a menu has one to three. A headline whose URL looks like a story's
# may be one word shorter. A character of a script without spaces counts twice.
FEWEST_WORDS, FEWEST_CHARS = 4, 22
FEWEST_WORDS_OF_STORY_URL, FEWEST_CHARS_OF_STORY_URL = 3, 13
MOST_CHARS, MOST_ANCHOR_CHARS = 300, 1_500
# Shorter texts ("Palabras claves") count only where their neighbours are headlines.
FEWEST_CHARS_OF_WEAK, FEWEST_UNSPACED_CHARS_OF_WEAK = 12, 6
LONGEST_TAB, LONGEST_MORE = 40, 40
# A heading in an anchor with so much more text is the title of a card, however short.
FEWEST_CHARS_OF_TEASER = 20
# A card that an empty anchor covers has at most so much text, and stands at most so many levels above the anchor.
MOST_CARD_CHARS, CARD_LEVELS = 500, 3


class StoryLink(msgspec.Struct):
    """One anchor that leads to another story.

    `strong`: its text reads like a headline; `own_line`: alone in a line of prose.
    """

    element: Element
    url: str
    key: str
    text: str = ""
    words: float = 0
    strong: bool = False
    story_url: bool = False
    own_line: bool = False


class LinkScan(msgspec.Struct):
    """The story links in document order, and by fragment the text of anchors that lead to parts of this page (tabs)."""

    links: list[StoryLink]
    tabs: dict[str, str]
    addresses: Addresses


def scan_links(outline: Outline, url: str | None, *, front: bool = False) -> LinkScan:
    """Read all anchors. Where texts on a front tell that its stories have addresses without words, read them again."""
    addresses = Addresses(outline, url)
    reader = _Reader(outline, addresses, front=front)
    scan, blanks = _read_all(reader)
    if front and addresses.learn(
        [link.url for link in scan.links if link.strong and not link.story_url and not _in_menu(link)]
    ):
        scan, blanks = _read_all(reader)
    _keep(reader, scan, blanks)
    return scan


def _in_menu(link: StoryLink) -> bool:
    return any(element.tag in {"nav", "footer"} for element in link.element.ancestors())


def _read_all(reader: "_Reader") -> tuple[LinkScan, list[StoryLink]]:
    """Returns the links with text, and those whose card may have it: pictures, overlays, on a front "Read on"."""
    outline, addresses, front = reader.outline, reader.addresses, reader.front
    unspaced = is_unspaced(outline.title)
    weak = FEWEST_UNSPACED_CHARS_OF_WEAK if unspaced else FEWEST_CHARS_OF_WEAK
    short = FEWEST_CHARS // 2 if unspaced else FEWEST_CHARS
    scan = LinkScan(links=[], tabs={}, addresses=addresses)
    blanks: list[StoryLink] = []
    for anchor in outline.tagged("a"):
        href = anchor.attrs.get("href")
        if not href:
            continue
        chars = anchor.chars
        if href[0] == "#":
            if 0 < chars <= LONGEST_TAB and len(href) > 1:
                scan.tabs.setdefault(href[1:], outline.text_of(anchor))
            continue
        if 0 < chars < short and not ((chars >= weak or front) and addresses.may_be_story(href)):
            continue
        address = addresses[href]
        if address is None:
            continue
        if not chars or (chars < weak and not _is_in_heading(anchor)) or (front and _is_time(outline, anchor)):
            blanks.append(StoryLink(anchor, address.url, address.key, story_url=address.is_story))
        elif link := reader.read(anchor, address):
            scan.links.append(link)
    return scan, blanks


def _keep(reader: "_Reader", scan: LinkScan, blanks: list[StoryLink]) -> None:
    """Add the anchors without text that belong to a story; drop short texts that look unlike their neighbours."""
    mores = [link for link in scan.links if _is_mere_more(reader.outline, link)]
    if mores:
        known = {id(link) for link in mores}
        scan.links = [link for link in scan.links if id(link) not in known]
        blanks += [StoryLink(link.element, link.url, link.key, story_url=link.story_url) for link in mores]
    links = scan.links
    strong = [link for link in links if link.strong]
    stories = {link.key for link in strong}
    stories |= _told_by_blanks(reader, blanks, stories)
    if not all(link.strong for link in links):
        shapes = {shape_of(link) for link in strong}
        links = [link for link in links if link.strong or _is_like_neighbours(link, stories, shapes)]
    links += [link for link in blanks if link.key in stories]
    links.sort(key=attrgetter("element.index"))
    scan.links = links


def _told_by_blanks(reader: "_Reader", blanks: list[StoryLink], known: set[str]) -> set[str]:
    """Returns the stories that only anchors without text lead to.

    Such an anchor gets the words of its attributes or card.
    """
    for link in blanks:
        if link.key not in known and link.story_url and not leads_elsewhere(link.url):
            reader.read_blank(link)
    return {link.key for link in blanks if link.strong}


def _is_mere_more(outline: Outline, link: StoryLink) -> bool:
    """Whether a short text leads to the rest of a list; a heading of several words only begins like one."""
    if len(link.text) > LONGEST_MORE or not leads_to_more(link.text):
        return False
    return link.words <= FEWEST_WORDS or not is_heading(outline, link)


def _is_like_neighbours(link: StoryLink, stories: set[str], shapes: set[tuple[str, str, str]]) -> bool:
    """Whether a short text leads to a known story or looks like the headlines, and is not a label."""
    return (link.key in stories or shape_of(link) in shapes) and kind_of_label(link.text) is None


def _heading_beside(outline: Outline, anchor: Element) -> str:
    """Returns the heading without a link of the card that an anchor covers or ends; "" if the card has more links."""
    card, href = anchor.parent, anchor.attrs.get("href")
    for _ in range(CARD_LEVELS):
        if card is None or card.link_chars > LONGEST_MORE or card.chars > MOST_CARD_CHARS:
            return ""
        inner = outline.elements[card.index : card.end]
        if any(e.tag == "a" and not e.chars and e.attrs.get("href") != href for e in inner):
            return ""  # Several stories stand here, below one label.
        heading = next((e for e in inner if e.tag in HEADING_TAGS or (e.hint and is_title_hint(e.hint))), None)
        if heading is not None and heading.chars:
            return outline.text_of(heading) if not heading.link_chars else ""
        card = card.parent
    return ""


def is_heading(outline: Outline, link: StoryLink) -> bool:
    """Whether the link is a heading or holds one."""
    return is_headed(outline, link.element)


def is_headed(outline: Outline, anchor: Element) -> bool:
    """Whether the anchor is a heading or holds one."""
    return _is_in_heading(anchor) or _has_heading(outline, anchor)


def _is_in_heading(anchor: Element) -> bool:
    return anchor.parent is not None and anchor.parent.tag in HEADING_TAGS


def _has_heading(outline: Outline, anchor: Element) -> bool:
    return any(e.tag in HEADING_TAGS for e in outline.elements[anchor.index + 1 : anchor.end])


def shape_of(link: StoryLink) -> tuple[str, str, str]:
    """Returns what links of one list have in common: the anchor's hint, and tag and hint of its parent."""
    parent = link.element.parent
    return (link.element.hint, parent.tag, parent.hint) if parent else (link.element.hint, "", "")


def _is_time(outline: Outline, anchor: Element) -> bool:
    """Whether the anchor is the text of a <time>, or holds one and nothing else."""
    if anchor.parent is not None and anchor.parent.tag == "time":
        return True
    inner = outline.elements[anchor.index + 1] if anchor.end - anchor.index > 1 else None
    return inner is not None and inner.tag == "time" and inner.chars == anchor.chars > 0


class _Reader:
    """Turns anchors into story links."""

    def __init__(self, outline: Outline, addresses: Addresses, *, front: bool) -> None:
        self.outline = outline
        self.front = front
        self.addresses = addresses
        self._text = RunningText(outline)

    def read(self, anchor: Element, address: Address) -> StoryLink | None:
        """Returns the anchor's story link; None if it leads to no story, stands in a sentence, is too short or long."""
        if anchor.chars > MOST_ANCHOR_CHARS:
            return None
        text = headline_of(self.outline, anchor)
        if not text or len(text) > MOST_CHARS:
            return None
        if len(text) < FEWEST_UNSPACED_CHARS_OF_WEAK and not (self.front and is_headed(self.outline, anchor)):
            return None
        link = StoryLink(anchor, address.url, address.key, text, story_url=address.is_story)
        _weigh(link, front=self.front)
        if not link.strong and link.story_url and anchor.chars >= len(text) + FEWEST_CHARS_OF_TEASER:
            link.strong = _has_heading(self.outline, anchor)
        if not (link.strong or link.story_url) or self.addresses.leads_elsewhere(address):
            return None
        if self._text.holds(anchor):
            link.own_line = self._text.has_line(anchor)
            return link if link.own_line else None
        return link

    def read_blank(self, link: StoryLink) -> None:
        """Give an anchor without text the words of its attributes, or of the card that it covers."""
        heading = _heading_beside(self.outline, link.element)
        link.text = heading
        if not heading and not link.element.chars:
            link.text = text_of_attributes(self.outline, link.element)
        if link.text and len(link.text) <= MOST_CHARS:
            _weigh(link, front=self.front)
            link.strong = link.strong or (bool(heading) and link.story_url)


def _weigh(link: StoryLink, *, front: bool) -> None:
    """Set the number of words, and whether they read like a headline.

    Without spaces, three characters are a word; on a front two, where a character says as much as a syllable.
    """
    text = link.text
    unspaced = is_unspaced(text)
    width = 2 * len(text) if unspaced else len(text)
    characters_a_word = 2 if front and unspaced and count_said(text) >= 2 * len(text) else 3
    words = link.words = len(text) / characters_a_word if unspaced else text.count(" ") + 1.0
    link.strong = (words >= FEWEST_WORDS and width >= FEWEST_CHARS) or (
        link.story_url and words >= FEWEST_WORDS_OF_STORY_URL and width >= FEWEST_CHARS_OF_STORY_URL
    )
