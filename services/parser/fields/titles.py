"""What is the title of the article, without the site's name?

A page says its title up to five times: og:title and the like, JSON-LD, <title>, and headings. Each is wrong in its own
way: og:title and <title> carry the site's name, or were written for search engines; headings carry a kicker, or belong
to the logo or a box. So they are held against each other.
"""

import re
from collections.abc import Callable

import msgspec

from services.parser.fields.metadata import Metadata
from services.parser.fields.site_name import SiteName
from services.parser.fields.title_text import (
    LEAST_ALIKE,
    LEAST_TITLE,
    MOST_HEADINGS,
    alike,
    bare,
    clean_title,
    is_long_enough,
)
from services.parser.language.scripts import is_unspaced
from services.parser.outline.outline import Outline

# A heading and a claim that share this part of the shorter one's words speak of the same thing.
SHARED_WORDS = 0.3
# Letters of a kicker before the title within one heading; fewer are an article.
LEAST_KICKER = 4
# Letters of a heading that may be the title although nobody repeats it.
LEAST_SOLE = 6
LONGEST_KICKER = 60

_CUT = re.compile(r"(?:…|\.\.\.)$")
_BOXES = frozenset({"aside", "dialog", "footer", "nav"})
_YEAR = re.compile(r"(?:19|20)\d\d")
_WORDS = re.compile(r"\w+")


class _Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a page says of its title. `heading` is the first-level heading that the head confirms, "" for none."""

    outline: Outline
    site: SiteName
    claims_with_site: list[str]  # what the head says, in order of trust
    claims: list[str]  # the same without the site's name
    page_title: str  # <title> without the site's name
    headings: list[str]  # of the first level
    heading: str


class Title(msgspec.Struct, frozen=True, kw_only=True):
    """A title, and in words how it was chosen, and why not another one. `from_head`: no heading shows it as it is."""

    text: str
    why: str
    why_not: str
    from_head: bool = False


def find_title(outline: Outline, metadata: Metadata) -> Title | None:
    """The article's title: the visible heading that the head confirms, else what the head says.

    The first step that finds a title decides, and its reason goes with it.
    """
    said = _read_titles(outline, metadata)
    for step, why, why_not in _WITH_HEADING if said.heading else _WITHOUT_HEADING:
        text = step(said)
        if text:
            return Title(text=text, why=why, why_not=why_not, from_head=step in _FROM_HEAD and bool(said.claims))
    return None


def told_title(outline: Outline, metadata: Metadata) -> str | None:
    """What the head says of the title: the first claim that one of the headings repeats, else the first claim."""
    claims = [claim for claim in (metadata.headline, *metadata.titles) if claim]
    if len(claims) < 2 or len(set(claims)) < 2:
        return next(iter(claims), None)
    headings = [said for tag in ("h1", "h2") for text in _headings(outline, tag) if is_long_enough(said := bare(text))]
    told = (claim for claim in claims if any(bare(claim).startswith(said) or bare(claim) in said for said in headings))
    return next(told, claims[0])


def _read_titles(outline: Outline, metadata: Metadata) -> _Said:
    site = SiteName(outline, metadata)
    said = dict.fromkeys(filter(None, (*metadata.titles, metadata.headline)))  # most pages say the same three times
    cleaned = list(dict.fromkeys(text for claim in said if (text := clean_title(claim))))
    claims = [site.cut_from(claim) for claim in cleaned]
    headings = [text for text in _headings(outline, "h1") if not site.is_named_by(text)]
    return _Said(
        outline=outline,
        site=site,
        claims_with_site=cleaned,
        claims=claims,
        page_title=site.cut_from(clean_title(outline.title)),
        headings=headings,
        heading=_confirmed_heading(headings, claims) or "",
    )


def _headings(outline: Outline, tag: str) -> list[str]:
    texts = (clean_title(outline.text_of(element)) for element in outline.tagged(tag)[:MOST_HEADINGS] if element.chars)
    return [text for text in texts if text]


def _confirmed_heading(headings: list[str], claims: list[str]) -> str | None:
    """The heading that says what the head says: word for word, or as a part, or at least in its words."""
    if not claims:
        return next(iter(headings), None)
    said = [(bare(heading), heading) for heading in headings]
    wanted = [bare(claim) for claim in claims]
    for claim in wanted:
        for folded, heading in said:
            if folded == claim:
                return heading
    for claim in wanted:
        for folded, heading in said:
            if is_long_enough(min(folded, claim, key=len)) and (folded in claim or claim in folded):
                return heading
    return next((heading for heading in headings if _share_words(heading, claims[0])), None)


def _share_words(one: str, other: str) -> bool:
    first, second = set(_WORDS.findall(one.lower())), set(_WORDS.findall(other.lower()))
    shared = len(first & second)
    if is_unspaced(one):
        return alike(bare(one), bare(other)) >= LEAST_ALIKE
    return shared >= 2 and shared >= SHARED_WORDS * min(len(first), len(second))


def _claim_of_second_heading(said: _Said) -> str | None:
    """What a second-level heading shows readers as the title, where the first-level one is for search engines.

    It repeats a claim that the first-level heading does not make, perhaps behind a kicker. What <title> alone claims
    counts only against a heading that nobody repeats.
    """
    known = bare(said.heading)
    others = {folded: claim for claim in said.claims if is_long_enough(folded := bare(claim))}
    if known in others:
        others.pop(bare(said.page_title), None)
    others.pop(known, None)
    if not others:
        return None
    for shown in map(bare, _headings(said.outline, "h2")):
        for folded, claim in others.items():
            if shown == folded:
                return claim
            if folded not in known and shown.endswith(folded) and len(shown) - len(folded) <= LONGEST_KICKER:
                return claim
    return None


def _longer_second_heading(said: _Said) -> str | None:
    """A longer one that begins or ends a claim, where none ends with the first-level one: that may name the site."""
    first = bare(said.heading)
    if any(bare(claim).endswith(first) for claim in said.claims):
        return None
    return _second_heading_of(said, least=max(LEAST_TITLE, len(first) + 1))


def _heading_of_first_claim(said: _Said) -> str | None:
    """The heading that the most trusted claim repeats word for word."""
    is_said = bare(said.heading) in map(bare, said.claims[:1])
    return _shown_heading(said) if is_said else None


def _claim_within_heading(said: _Said) -> str | None:
    """A claim that leaves out the heading's kicker or its second line."""
    return next((claim for claim in said.claims if _is_part_of_heading(claim, said.heading, said.page_title)), None)


def _is_part_of_heading(claim: str, heading: str, page_title: str) -> bool:
    """Whether a heading says this behind a kicker, or says more behind this: `Title, with a second line`.

    A short form counts where <title> has the long one: somebody wrote it on purpose. Where <title> is short as
    well, it was cut for search engines; where a quote follows, it broke the attribute.
    """
    if len(claim) >= len(heading) or len(claim) < LEAST_TITLE or _CUT.search(claim):
        return False
    said, wanted = bare(heading), bare(claim)
    if wanted == said or 3 * len(wanted) <= len(said):
        return False
    if said.endswith(wanted):
        kicker = said[: -len(wanted)]
        return len(kicker) >= LEAST_KICKER and not kicker.isdigit()
    rest = heading[len(claim) :].lstrip()
    if rest[:1] in ("|", "｜"):
        return said.startswith(wanted)
    return said.startswith(wanted) and wanted != bare(page_title) and rest[:1] != '"'


def _shown_heading(said: _Said) -> str:
    """The heading as it is shown, but spaced like a claim of the same letters: parts of it may stand without space."""
    heading = said.site.cut_name_from(said.heading)
    folded, words = bare(heading), len(_WORDS.findall(heading))
    spaced = (c for c in said.claims if bare(c) == folded and len(_WORDS.findall(c)) > words)
    return next(spaced, heading)


def _second_heading(said: _Said) -> str | None:
    """The second-level heading that is a claim or begins or ends one; for pages whose first-level one is their name."""
    return _second_heading_of(said, least=LEAST_TITLE)


def _second_heading_of(said: _Said, least: int) -> str | None:
    """The same of at least so many letters."""
    wanted = [bare(claim) for claim in said.claims_with_site]
    for text in _headings(said.outline, "h2"):
        shown = bare(text)
        if len(shown) >= least and any(_is_end_of(shown, claim, said.heading) for claim in wanted):
            return text
    return None


def _is_end_of(shown: str, claim: str, heading: str) -> bool:
    """Whether a heading begins or ends a claim, or says more behind it where no first-level heading is confirmed."""
    if claim.startswith(shown) or claim.endswith(shown):
        return True
    more = shown.removeprefix(claim)  # a year is a date line
    return not heading and is_long_enough(claim) and more != shown and not _YEAR.search(more)


def _sole_heading(said: _Said) -> str | None:
    """The only first-level heading, although no claim confirms it, unless it is a logo or belongs to a box."""
    headings = said.headings
    if len(headings) != 1 or len(bare(headings[0])) < LEAST_SOLE:
        return None
    element = next(h1 for h1 in said.outline.tagged("h1") if clean_title(said.outline.text_of(h1)) == headings[0])
    if 2 * element.link_chars > element.chars:
        return None
    above = element.parent
    while above is not None:
        if above.tag in _BOXES or "skiptranslate" in above.hint:  # the window of a browser's translator
            return None
        above = above.parent
    return headings[0]


def _shown_claim(said: _Said) -> str | None:
    """Another claim that the page shows, where it does not show the first, and the two have nothing in common.

    Some systems have og:title name the site on every page. Where that begins with the name, <title> need not be shown.
    """
    if len(said.claims) < 2:
        return None
    first, shown = bare(said.claims[0]), bare("".join(said.outline.runs))
    names_site = said.site.begins(said.claims_with_site[0])
    for claim in said.claims[1:]:
        folded = bare(claim)
        if not is_long_enough(folded) or alike(first, folded) >= LEAST_ALIKE or said.site.is_named_by(claim):
            continue
        if (folded in shown and first not in shown) or (names_site and claim == said.page_title):
            return claim
    return None


def _first_claim(said: _Said) -> str | None:
    """What the head says, or else any heading."""
    return next(iter(said.claims or said.headings), None)


_READERS_FIRST = "the heading that readers see comes first"
# The steps where a first-level heading says what the head says, then those where none does. The words are for people:
# how the title was chosen, and why others were not.
_WITH_HEADING: tuple[tuple[Callable[[_Said], str | None], str, str], ...] = (
    (
        _claim_of_second_heading,
        "a second-level heading shows it, and the head says the same",
        "the second-level heading is the one that readers take for the title",
    ),
    (
        _longer_second_heading,
        "a second-level heading that begins or ends what the head says, and is longer than the first-level one",
        "the second-level heading says more of what the head says",
    ),
    (_heading_of_first_claim, "the page's heading, which the head says word for word", _READERS_FIRST),
    (
        _claim_within_heading,
        "what the head says; the page's heading has a kicker or a second line with it",
        "the head says which part of the heading is the title",
    ),
    (_shown_heading, "the page's heading; the head says it, a part of it, or the same in other words", _READERS_FIRST),
)
_WITHOUT_HEADING: tuple[tuple[Callable[[_Said], str | None], str, str], ...] = (
    (
        _second_heading,
        "a second-level heading that begins or ends what the head says; no first-level heading does",
        _READERS_FIRST,
    ),
    (_sole_heading, "the page's only first-level heading, although the head says nothing like it", _READERS_FIRST),
    (
        _shown_claim,
        "the head's title that the page shows; it does not show the one that usually comes first",
        "the page does not show it",
    ),
    (
        _first_claim,
        "the head's first title; no heading of the page says the same",
        "the head's first title comes first, and no heading of the page says the same as the head",
    ),
)
_FROM_HEAD = frozenset({_claim_within_heading, _shown_claim, _first_claim})
