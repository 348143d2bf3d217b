"""Which pictures of a page stand together as a gallery, each with its caption?

The slides of a gallery are alike: each holds one picture and at most a caption, and leads to no other page. They may be
figures, the items of a list, or any boxes.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from functools import lru_cache

import msgspec

from services.parser.body.images import CAPTION_CHARS, image_of, picture_of
from services.parser.body.pieces import Piece
from services.parser.body.stretch import Scored
from services.parser.outline.outline import Element, Outline
from shared.parsed_page import Block

# A gallery has so many slides, and so much text beside them (its name, a label).
FEWEST_SLIDES, MOST_BESIDE = 2, 80
# Between the text and the pictures behind it stands at most the pictures' heading.
MOST_BETWEEN = 60
# They are looked for among so many elements.
FARTHEST = 200
# The name of a gallery stands at most so many levels above its slides.
NAME_LEVELS = 3

# A longer text in a slide that is no figure is a part of the story.
LONGEST_CAPTION = 300

_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6", "table", "form"])
_OUTER = frozenset(["html", "body", "main", "article"])
_GALLERY = re.compile(
    r"gall?er|slide|swiper|carousel|karussell|photo|foto|bilder|images|pictures|diapor|album|strecke|lightbox|фото|slick"
)
_PICTURE_ADDRESS = re.compile(r"\.(?:jpe?g|png|webp|avif|gif)(?:$|[?#])", re.I)


class Gallery(msgspec.Struct, frozen=True, kw_only=True):
    """The element that holds the slides, and their pictures by the index of each slide's element."""

    box: Element
    slides: dict[int, Block]


def galleries_in(outline: Outline, start: int) -> list[Gallery]:
    """Returns the galleries behind the element with this index, in document order."""
    pictures = [e.index for tag in ("img", "amp-img") for e in outline.tagged(tag) if e.index > start]
    if len(pictures) < FEWEST_SLIDES:
        return []
    pictures.sort()
    slides: defaultdict[int, list[Element]] = defaultdict(list)
    for number, index in enumerate(pictures):
        before = pictures[number - 1] if number else start
        slide = outline.elements[index]
        while (parent := slide.parent) is not None and parent.tag not in _OUTER and parent.index > before:
            if bisect_left(pictures, parent.end) > number + 1:
                break
            slide = parent
        if slide.parent is not None:
            slides[slide.parent.index].append(slide)
    several = [(index, group) for index, group in slides.items() if len(group) >= FEWEST_SLIDES]
    return [found for index, group in several if (found := _gallery(outline, outline.elements[index], group))]


def _gallery(outline: Outline, box: Element, slides: list[Element]) -> Gallery | None:
    if box.tag in _OUTER:
        return None
    if box.chars > sum(slide.chars for slide in slides) + MOST_BESIDE:
        return None
    figures = all(slide.tag == "figure" or _has_figure(outline, slide) for slide in slides)
    if not figures and (not _is_named(box, slides[0]) or any(_tells(outline, slide) for slide in slides)):
        return None
    if not all(slide.chars <= CAPTION_CHARS and _leads_nowhere(outline, slide) for slide in slides):
        return None
    found = {slide.index: block for slide in slides if (block := picture_of(outline, slide))}
    return Gallery(box=box, slides=found) if len(found) >= FEWEST_SLIDES else None


def _has_figure(outline: Outline, slide: Element) -> bool:
    """Whether a slide is a figure with hardly any text beside it."""
    return any(e.tag == "figure" and e.chars >= slide.chars - MOST_BESIDE for e in outline.subtree(slide))


def _tells(outline: Outline, slide: Element) -> bool:
    """Whether the text beside a picture is a part of the story: it is long, or has a heading of its own."""
    if slide.chars > LONGEST_CAPTION:
        return True
    return any(e.tag in _HEADINGS or (e.tag == "button" and e.chars) for e in outline.subtree(slide))


def _is_named(box: Element, slide: Element) -> bool:
    if is_gallery_name(slide.hint):
        return True
    around: Element | None = box
    for _ in range(NAME_LEVELS):
        if around is None or around.tag in _OUTER:
            return False
        if is_gallery_name(around.hint):
            return True
        around = around.parent
    return False


@lru_cache(maxsize=8192)
def is_gallery_name(hint: str) -> bool:
    """Whether a class or id names a gallery, or a slide of one."""
    return bool(hint) and _GALLERY.search(hint) is not None


def _leads_nowhere(outline: Outline, slide: Element) -> bool:
    """Whether no link of a slide leads to another page."""
    for element in (slide, *outline.subtree(slide)):
        if element.tag == "a":
            href = element.attrs.get("href") or "#"
            if href[0] != "#" and not href.startswith("javascript:") and not _PICTURE_ADDRESS.search(href):
                return False
    return True


class Galleries:
    """The galleries of a page: their slides, and which pictures stand right behind or before the article's text."""

    def __init__(self, outline: Outline, title: Element | None) -> None:
        self.outline = outline
        self.found = galleries_in(outline, title.end - 1 if title is not None else 0)
        self.slides = {index: block for gallery in self.found for index, block in gallery.slides.items()}
        self._boxes = {index: gallery.box for gallery in self.found for index in gallery.slides}

    def without_captions(self, scored: Scored) -> Scored:
        """Returns the blocks that stand in no gallery."""
        spans = [(gallery.box.index, gallery.box.end) for gallery in self.found]
        if not spans:
            return scored
        return [one for one in scored if not any(first <= one[0].element.index < end for first, end in spans)]

    def place_of(self, slide: Element) -> Element:
        """Returns the element that holds the gallery of a slide, beyond those that are called a gallery as well."""
        place = around = self._boxes[slide.index]
        for _ in range(NAME_LEVELS):
            if around.parent is None:
                break
            around, named = around.parent, is_gallery_name(around.hint)
            place = around if named else place
        return place

    def behind(self, last: Element, within: Element) -> list[Piece]:
        """Returns the pictures right behind the text's last element: figures and galleries, up to the next text."""
        pieces: list[Piece] = []
        at, position = last.end, last.last_run
        while at < min(within.end, last.end + FARTHEST):
            element = self.outline.elements[at]
            block = self.slides.get(at)
            if block is None and element.tag == "figure" and _leads_nowhere(self.outline, element):
                block = image_of(self.outline, element)
            if block is None:
                at += 1
                continue
            if len(" ".join("".join(self.outline.runs[position : element.first_run]).split())) > MOST_BETWEEN:
                break
            pieces.append(Piece("block", "", element, block=block))
            at, position = element.end, element.last_run
        return pieces
