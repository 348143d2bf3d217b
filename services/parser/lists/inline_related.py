"""Which links between the paragraphs of an article lead to other stories ("Read also: …")?

Such a link stands in a block of its own amid prose. What else stands in the block is a label, if anything.
"""

import re
from collections import defaultdict

import msgspec

from services.parser.language.scripts import SENTENCE_ENDS, is_unspaced
from services.parser.lists.copies import Entry, HeadlineList
from services.parser.lists.running_text import block_of
from services.parser.lists.story_links import LinkScan, StoryLink
from services.parser.lists.words import LONGEST_LABEL, kind_of_hint, kind_of_label, leads_to_more
from services.parser.lists.zones import Page
from services.parser.outline.outline import Element

# A block of at least so many characters outside links is prose; without spaces they say as much in fewer.
PROSE_CHARS, UNSPACED_PROSE_CHARS = 80, 35
# Wrappers with the same text stand at most so many levels above a block.
LEVELS, LEVELS_OF_BOX = 4, 8
# A longer link without a label is a paragraph of the article.
LONGEST_ALONE, FEWEST_WORDS_ALONE = 120, 4
# A box between paragraphs with its label, category, byline and teaser has so much text beside its few stories.
MOST_BESIDE_IN_BOX, MOST_STORIES_IN_BOX, MOST_LINK_CHARS = 200, 3, 400

_BOXES = frozenset({"article", "aside", "div", "figure", "h2", "h3", "h4", "h5", "header", "li", "section", "ul"})
_MARKS = re.compile(r"[^\w«»\"“”„‘’'?!%€$£¿¡]+|(?:»|›)+")
_LABEL_ENDS = ":：|»>"
_LABELLED = re.compile(r"[\W_]*([^:：|»>]{3,40}?)\s*[:：|»>]+\s*")


class InlineLists(msgspec.Struct, frozen=True, kw_only=True):
    """The headlines between paragraphs, a list for each block, and the elements of the blocks."""

    lists: list[HeadlineList]
    blocks: list[Element]


def take_inline(page: Page, scan: LinkScan) -> InlineLists:
    """Returns the links to other stories that stand between paragraphs, and takes them out of the scan."""
    found = InlineLists(lists=[], blocks=[])
    if page.front or page.title is None:
        return found
    amid = _AmidProse(page)
    by_block: defaultdict[int, list[StoryLink]] = defaultdict(list)
    for link in scan.links:
        anchor = link.element
        if anchor.index in amid.reach and link.text and anchor.chars and page.site in link.url:
            by_block[block_of(anchor).index].append(link)
    taken = _take_boxes(page, amid, by_block, found)
    for index, links in by_block.items():
        block = page.outline.elements[index]
        if links[0].element.index in taken:
            continue
        label = _label_beside(page, block, links)
        if label is None or (outer := amid.outer(block)) is None:
            continue
        before = _label_before(page, outer) if not label else None
        if not label and before is None and not _label_in(links[0].text) and not amid.stands_between(outer):
            continue
        if before is not None:
            label = page.outline.text_of(before)
            found.blocks.append(before)
        entries = [_entry(link) for link in links]
        found.lists.append(HeadlineList("related", label or _label_in(links[0].text), entries, nameless=not label))
        found.blocks.append(block)
        taken.update(link.element.index for link in links)
    if taken:
        scan.links = [link for link in scan.links if link.element.index not in taken]
    return found


def _take_boxes(page: Page, amid: "_AmidProse", by_block: dict[int, list[StoryLink]], found: InlineLists) -> set[int]:
    """Add the boxes between paragraphs that hold a few stories and say so; returns the indexes of their links."""
    boxes: defaultdict[int, list[StoryLink]] = defaultdict(list)
    for index, links in by_block.items():
        if (box := amid.box_of(page.outline.elements[index])) is not None:
            boxes[box.index] += links
    taken: set[int] = set()
    for index, links in boxes.items():
        box = page.outline.elements[index]
        strong = list({link.key: link for link in links if link.strong and link.story_url}.values())
        if not 0 < len(strong) <= MOST_STORIES_IN_BOX or box.link_chars > sum(link.element.chars for link in links):
            continue
        label = _label_of_box(page, box, links[0])
        if label is not None:
            entries = [_entry(link) for link in strong]
            found.lists.append(HeadlineList("related", label or None, entries, nameless=not label))
            found.blocks.append(box)
            taken.update(link.element.index for link in links)
    return taken


def _label_of_box(page: Page, box: Element, link: StoryLink) -> str | None:
    """Returns the label of a box, "" if an <aside> or a class name stands for it; None if it is another kind of box."""
    outline = page.outline
    first = next((e for e in outline.subtree(box) if e.chars), box)
    while first.end > link.element.index and first is not link.element:
        first = next((e for e in outline.subtree(first) if e.chars), link.element)
    label = outline.text_of(first) if first is not link.element else ""
    if label and kind_of_label(label) == "related":
        return label
    kinds = {kind_of_hint(e.hint) for e in (box, *link.element.ancestors()) if e.hint and e.inside(box)}
    if kinds - {None, "related"} or (label and kind_of_label(label) is not None):
        return None
    if box.tag != "aside" and "related" not in kinds:
        return None
    return label if len(label) <= LONGEST_LABEL else ""


def _label_beside(page: Page, block: Element, links: list[StoryLink]) -> str | None:
    """Returns the label in the block beside the links, "" if there is none; None for a block that is something else."""
    outside = block.chars - block.link_chars
    if outside > LONGEST_LABEL or block.link_chars > sum(link.element.chars for link in links):
        return None
    if outside > 0:
        text = _text_outside(page, block, links)
        if text:
            sentence = page.outline.text_of(block)[-1] in SENTENCE_ENDS and text[-1] not in _LABEL_ENDS
            return text if kind_of_label(text) == "related" and not sentence else None
    link = links[0]
    if len(links) > 1 or block.tag not in {"p", "div", "li"}:
        return "" if all(_label_in(link.text) for link in links) else None
    if _label_in(link.text):
        return ""
    alone = link.story_url and link.words >= FEWEST_WORDS_ALONE and len(link.text) <= LONGEST_ALONE
    sentence = link.text[-1] in SENTENCE_ENDS or link.text[0].islower() or leads_to_more(link.text)
    return "" if alone and block.tag == "p" and not sentence else None


def _text_outside(page: Page, block: Element, links: list[StoryLink]) -> str:
    runs, at, parts = page.outline.runs, block.first_run, []
    for link in links:
        parts += runs[at : link.element.first_run]
        at = link.element.last_run
    return " ".join("".join([*parts, *runs[at : block.last_run]]).split()).strip(" -–—|•·*>»→►▶()[]")


def _label_in(text: str) -> str | None:
    """Returns the label that a link's own text begins with ("Read also: …"), else None."""
    found = _LABELLED.match(text)
    return found[1] if found and found.end() < len(text) and kind_of_label(found[1]) == "related" else None


def _entry(link: StoryLink) -> Entry:
    """Returns the entry of a link, without the label and the marks around its headline."""
    found = _LABELLED.match(link.text) if _label_in(link.text) else None
    text = link.text[found.end() :] if found else link.text
    begin = _MARKS.match(text)
    text = text[begin.end() :] if begin else text
    if text.endswith(")") and "(" not in text:
        text = text[:-1]
    return Entry(link.element.index, text.strip(), link.url, link.key)


def _label_before(page: Page, block: Element) -> Element | None:
    """Returns the block right before this one if it is a label that announces other stories."""
    before = None
    for child in page.outline.children(block.parent) if block.parent is not None else ():
        if child.index >= block.index:
            break
        before = child if child.chars else before
    if before is None or not 0 < before.chars <= LONGEST_LABEL or before.link_chars:
        return None
    return before if kind_of_label(page.outline.text_of(before)) == "related" else None


class _AmidProse:
    """Knows beside which blocks paragraphs stand."""

    def __init__(self, page: Page) -> None:
        self.page = page
        headline = page.outline.text_of(page.title) if page.title is not None else ""
        self.least = UNSPACED_PROSE_CHARS if is_unspaced(headline) else PROSE_CHARS
        start = page.title.end if page.title is not None else 0
        prose = [p for p in page.outline.tagged("p") if p.index >= start and self._is_prose(p)]
        end = prose[-1].parent.end if prose and prose[-1].parent is not None else 0
        self.reach = range(prose[0].index, end) if prose else range(start, len(page.outline.elements))
        self.known: dict[int, bool] = {}

    def outer(self, block: Element) -> Element | None:
        """Returns the outermost wrapper of a block that holds nothing else, if paragraphs stand beside it."""
        around = block
        for _ in range(LEVELS):
            parent = around.parent
            if parent is None:
                return None
            if parent.chars > block.chars:
                return around if self._holds_prose(parent) and not self.page.zone_of(block) else None
            around = parent
        return None

    def box_of(self, block: Element) -> Element | None:
        """Returns the box around a link's block that stands among paragraphs, if it is small and no paragraph."""
        around = block
        for _ in range(LEVELS_OF_BOX):
            parent = around.parent
            if parent is None or around.chars - around.link_chars > MOST_BESIDE_IN_BOX:
                return None
            if around.link_chars > MOST_LINK_CHARS * MOST_STORIES_IN_BOX or around.tag not in _BOXES:
                return None
            if self._holds_prose(parent):
                return around if not self.page.zone_of(around) else None
            around = parent
        return None

    def stands_between(self, block: Element) -> bool:
        """Whether a block, with others that are nothing but links, stands right between two paragraphs of prose."""
        children = self.page.outline.children(block.parent) if block.parent is not None else []
        beside = [child for child in children if child.chars and (child is block or child.link_chars < child.chars)]
        at = beside.index(block)
        around = beside[max(0, at - 1) : at] + beside[at + 1 : at + 2]
        return len(around) == 2 and all(map(self._is_prose, around))

    def _is_prose(self, block: Element) -> bool:
        return block.tag == "p" and block.chars - block.link_chars >= self.least

    def _holds_prose(self, box: Element) -> bool:
        if box.index not in self.known:
            children = self.page.outline.children(box)
            self.known[box.index] = any(
                child.tag in {"p", "div"} and child.chars - child.link_chars >= self.least for child in children
            )
        return self.known[box.index]
