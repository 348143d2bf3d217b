"""What does a short line announce? The words stand in apart.toml and page_lines.toml."""

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Literal

from services.parser.language.folding import fold
from services.parser.language.scripts import SENTENCE_ENDS, has_caseless, is_unspaced

Kind = Literal["comments", "advertisement", "related", "tools", "tags", "views", "source"]

# What a reader agrees to is said in at most so many characters, and so are other lines that a page says of itself.
LABEL_CHARS = 60
TERMS_CHARS, BREAK_CHARS, SHARE_CHARS, LETTER_CHARS, FOLLOW_CHARS = 240, 90, 60, 200, 120
# A line that invites to a newsletter says so within so many first characters; where the verb stands last, anywhere.
INVITING_CHARS = 45
# A label before a colon has at most so many characters; behind one that points to other pages, or gives subjects, a
# line has at most so many.
MOST_LABEL, POINTER_CHARS, TAGS_CHARS, VIEWS_CHARS = 40, 160, 500, 60

_ABOUT_PAGE = frozenset(["tools", "tags", "related"])
_COLONS, _SPACES = re.compile("[:：]"), re.compile(r"[\s|【】()（）]+")
_BARS = re.compile(r"[|【】]")
_NOT_LETTERS = re.compile(r"[\d_.,:;!?…()（）【】：\[\]{}<>«»\"“”„|/+*#·•–—-]+")


def _key(text: str) -> str:
    return " ".join(_NOT_LETTERS.sub(" ", fold(text)).split())


_WORDS = tomllib.loads((Path(__file__).parent / "apart.toml").read_text("utf-8"))
_KINDS: dict[str, Kind] = {
    **{_key(word): "comments" for words in _WORDS["comments"].values() for word in words},
    **{_key(word): "advertisement" for words in _WORDS["advertisement"].values() for word in words},
}
_LINES = tomllib.loads((Path(__file__).parent / "page_lines.toml").read_text("utf-8"))
_LINE_KINDS: tuple[Kind, ...] = ("source", "views", "tags", "tools", "related")
for _kind in _LINE_KINDS:
    _KINDS = {**{_key(word): _kind for words in _LINES[_kind].values() for word in words}, **_KINDS}
_CLOSING = tuple(_LINES["closing"]["all"])
_SIGN_UP = tuple(beginning for words in _WORDS["sign_up"].values() for beginning in words)
_SIGN_UP_STARTS = frozenset(beginning[:2] for beginning in _SIGN_UP)
_TERMS = tuple(_WORDS["terms"]["all"])
_AD_BREAK = tuple(_WORDS["ad_break"]["all"])
_LETTERS, _SUBSCRIBING = tuple(_WORDS["letters"]["all"]), tuple(_WORDS["subscribing"]["all"])
_CHANNELS, _FOLLOWING = tuple(_WORDS["channels"]["all"]), tuple(_WORDS["following"]["all"])
_LETTERS_ASCII = tuple(filter(str.isascii, _LETTERS))


def _known(*names: str) -> re.Pattern[str]:
    """Returns a pattern for the folded words of these rows: whole words, where the script has spaces between them."""
    words = {fold(word) for name in names for word in _WORDS[name]["all"]}
    whole = sorted((word for word in words if not is_unspaced(word)), key=len, reverse=True)
    glued = sorted((word for word in words if is_unspaced(word)), key=len, reverse=True)
    letter = r"[^\W぀-鿿가-힣]"
    return re.compile(
        rf"(?<!{letter})(?:{'|'.join(map(re.escape, whole))})(?!{letter})|{'|'.join(map(re.escape, glued))}"
    )


_SHARE, _NETWORKS, _FILLERS = _known("share"), _known("networks"), _known("fillers")
_MACHINE_TEXT = re.compile(
    r"\bfunction\s*\(|\bwindow\.\w+|\bdocument\.\w+|googletag|dataLayer|\.push\(|=>\s*\{|\bvar \w+\s*=|\.cmd\b|==="
)
_QUOTED = re.compile('["“”„«»「」『』]')
_JSON_KEY = re.compile(r"[\"']?\w+[\"']\s*:\s*[\"'\[{\dtfn]")


@lru_cache(maxsize=16384)
def kind_of_line(text: str) -> Kind | None:
    """Returns what a label says that it stands on or above; None for any other line."""
    return _KINDS.get(_key(text))


def is_page_line(text: str) -> bool:
    """Whether a line offers a tool of the page, gives its subjects or number of readers, or points elsewhere."""
    size = len(text)
    if size <= LABEL_CHARS:
        if kind_of_line(text) in _ABOUT_PAGE:
            return True
        if ("【" in text or "|" in text) and all(kind_of_line(part) == "tools" for part in _parts(text)):
            return True
    at = text.find(":", 0, MOST_LABEL)
    at = at if at >= 0 else text.find("：", 0, MOST_LABEL)
    if at <= 0:
        return False
    kind = kind_of_line(text[:at])
    if kind == "views":
        return size <= VIEWS_CHARS and text[at + 1 :].lstrip()[:1].isdigit()
    return (kind == "related" and size <= POINTER_CHARS) or (kind == "tags" and size <= TAGS_CHARS)


def _parts(text: str) -> list[str]:
    return [part for part in _BARS.split(text) if not part.isspace() and part]


def labels_source(text: str) -> bool:
    """Whether one of the labels before a colon in a line says that publisher, writer or moment follow."""
    parts = _COLONS.split(text)[:-1]
    return any(kind_of_line(words[-1]) == "source" for part in parts if (words := _SPACES.split(part)) and words[-1])


def tells_of_page(lowered: str) -> bool:
    """Whether a line below a text speaks of mistakes in it, of replies to it, or of who may use it."""
    return has_any(lowered, _CLOSING)


def is_sign_up_line(text: str) -> bool:
    """Whether a line says what readers agree to by signing up."""
    if len(text) > TERMS_CHARS:
        return False
    lowered = text.lower().lstrip("* ")
    return lowered[:2] in _SIGN_UP_STARTS and lowered.startswith(_SIGN_UP) and has_any(lowered, _TERMS)


def is_ad_line(text: str) -> bool:
    """Whether a line labels an advertisement, or says that the text goes on behind one."""
    if len(text) > BREAK_CHARS:
        return False
    return (len(text) <= LABEL_CHARS and kind_of_line(text) == "advertisement") or has_any(text.lower(), _AD_BREAK)


def has_any(text: str, words: tuple[str, ...]) -> bool:
    """Whether one of the words stands in a text. A plain loop takes a third of a generator's time; lines are many."""
    for word in words:  # noqa: SIM110
        if word in text:
            return True
    return False


def is_share_line(text: str) -> bool:
    """Whether a line offers to share the page, and says nothing else: "Share on Facebook"."""
    if len(text) > SHARE_CHARS or text[-1] in SENTENCE_ENDS:
        return False
    folded = fold(text)
    rest = _NETWORKS.sub(" ", _SHARE.sub(" ", folded))
    return rest != folded and not any(map(str.isalnum, _FILLERS.sub(" ", rest)))


def invites_to_follow(text: str) -> bool:
    """Whether a line asks readers to follow the paper elsewhere, and no one is quoted: "Follow us on Facebook"."""
    if len(text) > FOLLOW_CHARS or not has_any(text, _CHANNELS):
        return False
    return has_any(text.lower(), _FOLLOWING) and not _QUOTED.search(text)


def invites_to_letter(text: str) -> bool:
    """Whether a line asks readers to subscribe to a newsletter."""
    if len(text) > LETTER_CHARS:
        return False
    lowered = text.lower()
    if not has_any(lowered, _LETTERS_ASCII if text.isascii() else _LETTERS):
        return False
    start = lowered if has_caseless(text) or lowered.startswith("bülten") else lowered[:INVITING_CHARS]
    return has_any(start, _SUBSCRIBING)


def is_machine_text(text: str) -> bool:
    """Whether a paragraph is JSON, or a script, that was to be run and not to be read."""
    if text[0] in "{[" and text[-1] in "}]":
        return len(_JSON_KEY.findall(text)) > 1 or text[:2] in {'{"', "[{"}
    return text[-1] in ";})" and ("(" in text or "=" in text) and len(set(_MACHINE_TEXT.findall(text))) > 1
