"""Does the page only bar the way? Checks of who is asking, refusals for a region, log-ins, consent, missing pages.

Such pages come with the status 200 and have text, but no story. No word decides alone: a story about captchas, about
the GDPR or about JavaScript says the same words. What speaks for a wall is added up: words that belong together, a
title of such words, hardly any text beside them, a site that speaks of itself, no headline, no links to stories.
"""

import re
import tomllib
from functools import lru_cache
from itertools import islice
from pathlib import Path

from services.parser.body.article import Body
from services.parser.fields.claims import first_value
from services.parser.fields.metadata import Metadata
from services.parser.language.folding import bare, fold
from services.parser.language.scripts import count_said, count_words, has_caseless
from services.parser.outline.outline import Element, Outline
from shared.parsed_page import Wall

# All that a text says is measured in letters of an alphabet (scripts.py). A page that says more is no wall; one that
# asks for consent may say so much. A text is short up to `DENSE`, and a page's title up to `TITLE` characters.
MOST_SAID, MOST_OF_CONSENT, DENSE, TITLE = 1500, 5000, 450, 90
# So many links are few; a headline has more words than `WORDS_OF_NAME`, and that of a wall at most `WORDS_OF_WALL`.
FEW_LINKS, WORDS_OF_NAME, WORDS_OF_WALL = 12, 3, 5
# What speaks for a wall weighs so much, and so much makes one.
WORDS, TITLED, SIGN, WHOLE_SITE, STORY, ENOUGH = 2, 2, 1, -2, -5, 5

# So many letters of a word are looked at first.
GRAM = 2

_DATA = tomllib.loads((Path(__file__).parent / "walls.toml").read_text("utf-8"))
_NO_WORD = re.compile(r"[^\w']+")
_TITLE_PARTS = re.compile(r"\s[|–—·-]\s|[|｜·]|\.\.\.|…")
_MARKUP = re.compile(
    r"challenge|captcha|cf-(?:error|wrapper|browser|turnstile)|turnstile|incapsula|px-|datadome|ray-?id|ddg-|perimeterx"
    r"|geo-?block|not-?available|unavailable|error-?(?:404|page)|page-?404|not-?found|no-?js|login-?(?:form|wall)|consent|cmp-"
)
# What must be said together, for each kind of wall; the first that fits counts.
_RULES: tuple[tuple[Wall, tuple[str, ...]], ...] = (
    ("challenge", ("human", "verify")),
    ("javascript", ("javascript", "enable")),
    ("javascript", ("browser", "enable", "own")),
    ("region", ("unavailable", "region")),
    ("consent", ("consent", "accept")),
    ("login", ("login", "needed")),
    ("missing", ("missing", "page")),
)
# So many different words of a notion are needed, of others one.
_MORE_WORDS = {"consent": 2}


def _key(text: str) -> str:
    return f" {_NO_WORD.sub(' ', fold(text.replace('’', chr(39)))).strip()} "


def _stem(word: str) -> str:
    """A word as it is looked for: at the beginning of words, unless its script joins other words to it."""
    key = _key(word).rstrip() + (" " if word.endswith(" ") else "")
    return key.lstrip() if has_caseless(word) else key


_NOTIONS = {
    notion: tuple(dict.fromkeys(_stem(word) for words in rows.values() for word in words))
    for notion, rows in _DATA.items()
    if notion != "titles"
}
# The words by how they begin, so that most need not be looked for.
_INDEX: dict[str, dict[str, list[str]]] = {}
for _notion, _stems in _NOTIONS.items():
    for _one in _stems:
        _INDEX.setdefault(_notion, {}).setdefault(_one[:GRAM], []).append(_one)
_TITLES: dict[str, Wall] = {
    bare(fold(title)): kind for kind in ("challenge", "missing") for title in _DATA["titles"][kind]
}


def wall_on(outline: Outline, metadata: Metadata, found: Body | None, *, lists: int) -> Wall | None:
    """Returns what bars the way; None for any other page. `lists` is the number of headlines that the page lists."""
    if _tells_story(metadata) or not outline.elements:
        return None
    most = MOST_OF_CONSENT if _is_bare(outline) else MOST_SAID
    if found is not None and len(found.text) > most:
        return None
    text = found.text if found is not None else _text_of(outline)
    said = count_said(text)
    headings = [e for e in islice((*outline.tagged("h1"), *outline.tagged("h2")), 2) if 0 < e.chars <= TITLE]
    titles = [outline.title, *map(outline.text_of, headings)]
    signs = _signs(outline, said, headings, lists)
    kind, weight = _titled(titles)
    if signs + weight + WORDS + SIGN < ENOUGH or said > MOST_OF_CONSENT:
        return None
    buttons = (outline.text_of(e) for e in islice(outline.tagged("button"), FEW_LINKS) if e.chars <= TITLE)
    key = _key(" ".join([*titles, text, *buttons]))
    worded = _kind_of(key)
    kind = worded if worded is not None and kind is None else kind
    if kind is None or (said > MOST_SAID and kind != "consent"):
        return None
    weight += signs + (WORDS if worded is not None else 0) + SIGN * _says(key, "own")
    return kind if weight >= ENOUGH else None


def _tells_story(metadata: Metadata) -> bool:
    """Whether the page's data tell of a story, whatever its text is."""
    own = metadata.json_ld.own
    return bool(
        metadata.meta_published
        or (first_value(own.headlines) and (own.published or own.bodies or own.authors))
        or metadata.article_body
    )


def _text_of(outline: Outline) -> str:
    """Returns the text of a page without an article, if it is short; else that of its main part, or none."""
    main = next((e for e in outline.tagged("main") if e.chars), outline.elements[0])
    if not main.chars:
        return " ".join(node.text_lexbor() for node in outline.elements[0].node.css("noscript"))
    return outline.text_of(main) if main.chars - main.link_chars <= MOST_SAID else ""


def _signs(outline: Outline, said: int, headings: list[Element], lists: int) -> int:
    """Returns what the page's look weighs, whatever it says."""
    title = bare(outline.title)
    named = any(
        count_words(text) > WORDS_OF_NAME and bare(text) in title for text in map(outline.text_of, headings) if title
    )
    few = _is_bare(outline) and not lists
    signs = SIGN * (said <= DENSE) + SIGN * (not named) + (SIGN if few else WHOLE_SITE)
    signs += SIGN * any(_is_unlisted(meta) for meta in outline.metas)
    if len(outline.elements) <= 200:
        signs += SIGN * any(_MARKUP.search(e.hint) for e in outline.elements if e.hint)
    if outline.tagged("time") or any("byline" in e.hint or "author" in e.hint for e in outline.elements):
        signs += STORY
    return signs


def _is_bare(outline: Outline) -> bool:
    return len(outline.tagged("a")) <= FEW_LINKS


def _is_unlisted(meta: dict[str, str | None]) -> bool:
    content = (meta.get("content") or "").lower()
    return (meta.get("name") or "").lower() == "robots" and "noindex" in content


def _titled(titles: list[str]) -> tuple[Wall | None, int]:
    """Returns the wall that title and headings name, and what they weigh together."""
    kinds: dict[str, Wall] = {}
    for title in titles:
        whole = _TITLES.get(bare(fold(title)))
        part = whole or next((k for p in _TITLE_PARTS.split(title) if (k := _TITLES.get(bare(fold(p))))), None)
        kind = part or _kind_of_title(title)
        if kind is not None:
            kinds.setdefault(title, kind)
    return next(iter(kinds.values()), None), TITLED * min(2, len(kinds) if len(titles) > 1 else 1)


def _kind_of_title(title: str) -> Wall | None:
    part = max(_TITLE_PARTS.split(title), key=len)
    return _kind_of(_key(part)) if len(part) <= TITLE and count_words(part) <= WORDS_OF_WALL else None


def _kind_of(key: str) -> Wall | None:
    """Returns the wall whose words the text has together."""
    for kind, notions in _RULES:
        if all(_says(key, notion, _MORE_WORDS.get(notion, 1)) for notion in notions):
            return kind
    return None


def _says(key: str, notion: str, times: int = 1) -> bool:
    """Whether the text has so many words of a notion."""
    begun = _INDEX[notion].keys() & _grams(key)
    return sum(stem in key for gram in begun for stem in _INDEX[notion][gram]) >= times


@lru_cache(maxsize=4)
def _grams(key: str) -> frozenset[str]:
    return frozenset([key[at : at + GRAM] for at in range(len(key))]) | frozenset(key)
