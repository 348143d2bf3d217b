"""What is the title of the article, without the site's name?

A page says its title up to five times: og:title and the like, JSON-LD, <title>, and headings. Each is wrong in its own
way: og:title and <title> carry the site's name, or were written for search engines; headings carry a kicker, or belong
to the logo or a box. So they are held against each other.
"""

import html
import re
from functools import lru_cache
from urllib.parse import urlsplit

from services.parser.fields.metadata import Metadata
from services.parser.lists.story_urls import is_home
from services.parser.outline.outline import Element, Outline
from services.parser.outline.title_element import fold as fold_title

# A shorter title may stand inside another by chance, and a shorter rest of a title is no title.
LEAST_TITLE = 15
# A heading and a claim that share this part of the shorter one's words speak of the same thing.
SHARED_WORDS = 0.3
# More first-level headings are a list.
MOST_HEADINGS = 20
# Elements of a heading in which its link is looked for.
MOST_INSIDE = 10
# Letters of a kicker before the title within one heading; fewer are an article.
LEAST_KICKER = 4
# Letters of a heading that may be the title although nobody repeats it.
LEAST_SOLE = 6
LONGEST_KICKER = 60
# No title is longer (characters): an element that was never closed is, and looking for names at each of its edges took
# 15 s for a page of 500 KB. The longest title of the benchmarks' pages has 175 characters.
LONGEST_TITLE = 1_000

# What stands between a title and the name of its site.
_EDGE = re.compile(r"(\s+[|–—\-:•·»›«~]{1,2}\s+|\s*[｜|]\s*|\s*(?:--+|::)\s*|：)")
_MARKUP = re.compile(r"<[^>]{1,80}>")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_CUT = re.compile(r"(?:…|\.\.\.)$")
HOMES = frozenset({"", "/", "./", "index.html", "/index.html", "index.php", "/index.php"})
_BOXES = frozenset({"aside", "dialog", "footer", "nav"})
_WORDS = re.compile(r"\w+")


@lru_cache(maxsize=512)
def fold(text: str) -> str:
    """Letters and digits alone; remembered, because a page's few titles are compared over and over."""
    return fold_title(text)


def choose_title(outline: Outline, metadata: Metadata) -> str | None:
    """The article's title: the visible heading that the head confirms, else what the head says."""
    site = _SiteName(metadata, _logos(outline, metadata.url))
    said = dict.fromkeys(filter(None, (*metadata.titles, metadata.headline)))  # most pages say the same three times
    raw = list(dict.fromkeys(text for claim in said if (text := clean_title(claim))))
    claims = [site.cut_from(claim) for claim in raw]
    headings = [text for text in _headings(outline, "h1") if not site.is_named_by(text)]
    heading = _confirmed_heading(headings, claims)
    page_title = site.cut_from(clean_title(outline.title))
    if heading is None:
        return _heading_in(outline, raw) or _sole_heading(outline, headings) or next(iter(claims or headings), None)
    return (
        _lesser_heading(outline, heading, claims, page_title)
        or (not _ends_a_claim(heading, claims) and _heading_in(outline, raw, longer_than=heading))
        or (fold(heading) in map(fold, claims[:1]) and _with_spaces(site.cut_name_from(heading), claims))
        or next((claim for claim in claims if _is_part_of_heading(claim, heading, page_title)), None)
        or _with_spaces(site.cut_name_from(heading), claims)
    )


def _logos(outline: Outline, url: str | None) -> list[str]:
    """First-level headings that are the site's name, because they lead to its home page."""
    if is_home(url):
        return []
    host = urlsplit(url or "").hostname
    return [
        clean_title(outline.text_of(heading))
        for heading in outline.tagged("h1")[:MOST_HEADINGS]
        if any(_leads_home(link, host) for link in _links_around(outline, heading))
    ]


def _links_around(outline: Outline, heading: Element) -> list[Element]:
    """The links in a heading, and the one that it stands in."""
    inside = [
        element
        for element in outline.elements[heading.index + 1 : min(heading.end, heading.index + MOST_INSIDE)]
        if element.tag == "a"
    ]
    parent = heading.parent
    return [*inside, parent] if parent is not None and parent.tag == "a" else inside


def _leads_home(link: Element, host: str | None) -> bool:
    href = (link.attrs.get("href") or "").strip()
    if not href or href[0] in "#?":
        return False
    try:
        target = urlsplit(href)
    except ValueError:
        return False
    return target.hostname in (None, host) and target.path in HOMES and not target.query


def _with_spaces(heading: str, claims: list[str]) -> str:
    """The heading as the claim writes it that has the same letters in more words: its parts may stand without space."""
    said, words = fold(heading), len(_WORDS.findall(heading))
    return next((claim for claim in claims if fold(claim) == said and len(_WORDS.findall(claim)) > words), heading)


def clean_title(text: str) -> str:
    """Without markup, entities and invisible characters, on one line."""
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _MARKUP.sub("", text)
    return " ".join(_INVISIBLE.sub("", text).split())


def _headings(outline: Outline, tag: str) -> list[str]:
    texts = (clean_title(outline.text_of(element)) for element in outline.tagged(tag)[:MOST_HEADINGS] if element.chars)
    return [text for text in texts if text]


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


def _lesser_heading(outline: Outline, heading: str, claims: list[str], page_title: str) -> str | None:
    """What a second-level heading shows readers as the title, where the first-level one is for search engines.

    It repeats a claim that the first-level heading does not make, perhaps behind a kicker. What <title> alone claims
    counts only against a heading that nobody repeats.
    """
    known = fold(heading)
    made = {folded: claim for claim in claims if len(folded := fold(claim)) >= LEAST_TITLE}
    if known in made:
        made.pop(fold(page_title), None)
    made.pop(known, None)
    if not made:
        return None
    for said in map(fold, _headings(outline, "h2")):
        for folded, claim in made.items():
            if said == folded:
                return claim
            if folded not in known and said.endswith(folded) and len(said) - len(folded) <= LONGEST_KICKER:
                return claim
    return None


def _sole_heading(outline: Outline, headings: list[str]) -> str | None:
    """The only first-level heading, although no claim confirms it, unless it is a logo or belongs to a box."""
    if len(headings) != 1 or len(fold(headings[0])) < LEAST_SOLE:
        return None
    element = next(h1 for h1 in outline.tagged("h1") if clean_title(outline.text_of(h1)) == headings[0])
    if 2 * element.link_chars > element.chars:
        return None
    above = element.parent
    while above is not None:
        if above.tag in _BOXES or "skiptranslate" in above.hint:  # the window of a browser's translator
            return None
        above = above.parent
    return headings[0]


def _ends_a_claim(heading: str, claims: list[str]) -> bool:
    """Whether a claim is the heading or ends with it; a site's name rather begins one."""
    said = fold(heading)
    return any(fold(claim).endswith(said) for claim in claims)


def _heading_in(outline: Outline, raw: list[str], longer_than: str = "") -> str | None:
    """The second-level heading that is a claim or begins or ends one; for pages whose first-level one is their name."""
    wanted = [fold(claim) for claim in raw]
    least = max(LEAST_TITLE, len(fold(longer_than)) + 1)
    for text in _headings(outline, "h2"):
        said = fold(text)
        if len(said) >= least and any(claim.startswith(said) or claim.endswith(said) for claim in wanted):
            return text
    return None


def _share_words(one: str, other: str) -> bool:
    first, second = set(_WORDS.findall(one.lower())), set(_WORDS.findall(other.lower()))
    shared = len(first & second)
    return shared >= 2 and shared >= SHARED_WORDS * min(len(first), len(second))


def _is_part_of_heading(claim: str, heading: str, page_title: str) -> bool:
    """Whether a heading says this behind a kicker, or says more behind this: `Title, with a second line`.

    A short form counts where <title> has the long one: somebody wrote it on purpose. Where <title> is short as
    well, it was cut for search engines; where a quote follows, it broke the attribute.
    """
    if len(claim) >= len(heading) or len(claim) < LEAST_TITLE or _CUT.search(claim):
        return False
    said, wanted = fold(heading), fold(claim)
    if wanted == said or 3 * len(wanted) <= len(said):
        return False
    if said.endswith(wanted):
        kicker = said[: -len(wanted)]
        return len(kicker) >= LEAST_KICKER and not kicker.isdigit()
    rest = heading[len(claim) :].lstrip()
    if rest[:1] in ("|", "｜"):
        return said.startswith(wanted)
    return said.startswith(wanted) and wanted != fold(page_title) and rest[:1] != '"'


class _SiteName:
    """The names by which a site may add itself to its titles: what it calls itself, and its host."""

    def __init__(self, metadata: Metadata, logos: list[str]) -> None:
        host = (urlsplit(metadata.url or "").hostname or "").removeprefix("www.")
        labels = [label for label in host.split(".")[:-1] if len(label) > 2]
        named = [name for name in (metadata.site_name, metadata.publisher) if name]
        self._logos = {fold(logo) for logo in logos} - {""}
        self._names = {fold(name) for name in (*named, host, *labels)} | self._logos - {""}
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
        if len(title) > LONGEST_TITLE:
            return title
        parts = _EDGE.split(title)  # text, edge, text, edge, text
        for at in range(2, len(parts), 2):
            if fold("".join(parts[at:])) in self._logos:
                return "".join(parts[: at - 1]).strip()
            if fold("".join(parts[: at - 1])) in self._logos:
                return "".join(parts[at:]).strip()
        while len(parts) > 2 and len("".join(parts[:-2])) >= LEAST_TITLE and self._is_added(parts):
            parts = parts[:-2]
        if len(parts) > 2 and self.is_named_by(parts[0]):
            parts = parts[2:]
        elif len(parts) > 2 and self.is_named_by(parts[-1]):
            parts = parts[:-2]
        return "".join(parts).strip()

    def cut_name_from(self, heading: str) -> str:
        """A heading without the site's name at its end; other parts of it stay."""
        if len(heading) > LONGEST_TITLE:
            return heading
        parts = _EDGE.split(heading)
        return "".join(parts[:-2]).strip() if len(parts) > 2 and self.is_named_by(parts[-1]) else heading

    def _is_added(self, parts: list[str]) -> bool:
        """A bar always ends the title; after a dash it takes the site's name, or another claim that ends there."""
        if self.is_named_by(parts[-1]) or "|" in parts[-2] or "｜" in parts[-2]:
            return True
        return fold("".join(parts[:-2])) in self._others
