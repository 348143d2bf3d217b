"""What is the title of the article, without the site's name?

A page says its title up to five times: og:title and the like, JSON-LD, <title>, and headings. Each is wrong in its own
way: og:title and <title> carry the site's name, or were written for search engines; headings carry a kicker, or belong
to the logo or a box. So they are held against each other.
"""

import html
import re
from urllib.parse import urlsplit

from services.parser.metadata import Metadata
from services.parser.segments import Outline
from services.parser.title_element import fold

# A shorter title may stand inside another by chance, and a shorter rest of a title is no title.
LEAST_TITLE = 15
# A heading and a claim that share this part of the shorter one's words speak of the same thing.
SHARED_WORDS = 0.3
# More first-level headings are a list.
MOST_HEADINGS = 20

# What stands between a title and the name of its site.
_EDGE = re.compile(r"(\s+[|–—\-:•·»›«~]{1,2}\s+|\s*[｜|]\s*|\s*(?:--+|::)\s*|：)")
_MARKUP = re.compile(r"<[^>]{1,80}>")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_CUT = re.compile(r"(?:…|\.\.\.)$")
_WORDS = re.compile(r"\w+")


def choose_title(outline: Outline, metadata: Metadata) -> str | None:
    """The article's title: the visible heading that the head confirms, else what the head says."""
    site = _SiteName(metadata)
    raw = [text for claim in (*metadata.titles, metadata.headline) if claim and (text := clean_title(claim))]
    claims = [site.cut_from(claim) for claim in raw]
    headings = [text for text in _headings(outline) if not site.is_named_by(text)]
    heading = _confirmed_heading(headings, claims)
    if heading is None:
        return claims[0] if claims else next(iter(headings), None)
    return next((claim for claim in claims if _is_heading_without_kicker(claim, heading)), heading)


def clean_title(text: str) -> str:
    """Without markup, entities and invisible characters, on one line."""
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _MARKUP.sub("", text)
    return " ".join(_INVISIBLE.sub("", text).split())


def _headings(outline: Outline) -> list[str]:
    headings = (clean_title(outline.text_of(h1)) for h1 in outline.tagged("h1")[:MOST_HEADINGS] if h1.chars)
    return [heading for heading in headings if heading]


def _confirmed_heading(headings: list[str], claims: list[str]) -> str | None:
    """The heading that says what the head says: word for word, or as a part, or at least in its words."""
    if not claims:
        return next(iter(headings), None)
    said = [(fold(heading), heading) for heading in headings]
    wanted = [fold(claim) for claim in claims]
    for claim in wanted:
        for folded, heading in said:
            if folded == claim:
                return heading
    for claim in wanted:
        for folded, heading in said:
            if min(len(folded), len(claim)) >= LEAST_TITLE and (folded in claim or claim in folded):
                return heading
    return next((heading for heading in headings if _share_words(heading, claims[0])), None)


def _share_words(one: str, other: str) -> bool:
    first, second = set(_WORDS.findall(one.lower())), set(_WORDS.findall(other.lower()))
    shared = len(first & second)
    return shared >= 2 and shared >= SHARED_WORDS * min(len(first), len(second))


def _is_heading_without_kicker(claim: str, heading: str) -> bool:
    """Whether a heading says this and more before or after: `Basketball: Title`, `Title, with a second line`."""
    if len(claim) >= len(heading) or len(claim) < LEAST_TITLE or _CUT.search(claim):
        return False
    said, wanted = fold(heading), fold(claim)
    return wanted != said and (said.endswith(wanted) or said.startswith(wanted)) and 3 * len(wanted) > len(said)


class _SiteName:
    """The names by which a site may add itself to its titles: what it calls itself, and its host."""

    def __init__(self, metadata: Metadata) -> None:
        host = (urlsplit(metadata.url or "").hostname or "").removeprefix("www.")
        labels = [label for label in host.split(".")[:-1] if len(label) > 2]
        named = [name for name in (metadata.site_name, metadata.publisher) if name]
        self._names = {fold(name) for name in (*named, host, *labels)} - {""}
        self._others = {fold(clean_title(title)) for title in metadata.titles}

    def is_named_by(self, text: str) -> bool:
        """Whether the text is the site's name, perhaps with a word or a domain added."""
        folded = fold(text)
        if folded in self._names:
            return True
        return len(folded) > 3 and any(
            len(name) > 3
            and (folded.startswith(name) or name.startswith(folded))
            and abs(len(name) - len(folded)) <= 12
            for name in self._names
        )

    def cut_from(self, title: str) -> str:
        """The title without the site's name at its end or start."""
        parts = _EDGE.split(title)  # text, edge, text, edge, text
        while len(parts) > 2 and len("".join(parts[:-2])) >= LEAST_TITLE and self._is_added(parts):
            parts = parts[:-2]
        if len(parts) > 2 and self.is_named_by(parts[0]):
            parts = parts[2:]
        elif len(parts) > 2 and self.is_named_by(parts[-1]):
            parts = parts[:-2]
        return "".join(parts).strip()

    def _is_added(self, parts: list[str]) -> bool:
        """A bar always ends the title; after a dash it takes the site's name, or another claim that ends there."""
        if self.is_named_by(parts[-1]) or "|" in parts[-2] or "｜" in parts[-2]:
            return True
        return fold("".join(parts[:-2])) in self._others
