"""What is left of a byline when its introduction, the work of others, brackets, dates and places are taken away?"""

import html
import re
import tomllib
from pathlib import Path
from typing import Final

from services.parser.fields.date_tokens import word_key
from services.parser.fields.date_words import lexicon_of, month_named
from services.parser.fields.roles import without_weekday

_LISTS: Final = tomllib.loads((Path(__file__).parent / "byline_words.toml").read_text("utf-8"))


def _either(name: str) -> str:
    return "|".join(_LISTS[name].split("\n")).strip("|")


# Marks behind a label: also those of Armenian and Ethiopic, and what East Asian papers use.
_MARK: Final = r"[:：／/・=＝●՝፦፡]"
_AND: Final = r"\s?(?:[&+/、・,]|und|and|y|et|e|i|och|og|en|ja|ve|và|و|и|та)\s?"
_LABELS, _OTHERS_LABELS, _BY = _either("labels"), f"{_either('others')}|{_either('editors')}", _LISTS["by"]
# "Text und Fotos:", "Story and photos by": one person did both.
_BOTH: Final = (
    rf"(?:(?:{_LABELS}){_AND}(?:{_OTHERS_LABELS})|(?:{_OTHERS_LABELS}){_AND}(?:{_LABELS}))(?:\s*{_MARK}|\s+(?:{_BY})\s)"
)
# Two ways to introduce a name. Only a text with one of the signs can have the second, which is slow to look for.
_INTRODUCTION = re.compile(rf"\W*(?:{_either('introductions')})\s*[:：]?\s+", re.I)
_LABEL = re.compile(rf"\W*(?:{_BOTH}|(?:{_LABELS})\s*{_MARK})\s*", re.I)
_LABEL_SIGNS = re.compile(rf"{_MARK}|\s(?:{_BY})\s", re.I)
# "Na Juma Hassan", "Ni Juan Cruz", "Του Νίκου Παππά": short words that begin names as well.
_SHORT_INTRODUCTION = re.compile(r"^(?:Na|Ni|Του|Της|Των)\s+(?=[^\W\d_a-z]\S+\s+[^\W\d_a-z])")
_ETHIOPIC_BY = re.compile(r"^በ\s(?=[\u1200-\u137f])")
_KOREAN_TEXT = re.compile(r"^글\s+(?=[가-힣]{2,4}(?:\s|$))")
_BY_GLUED = re.compile(r"^(?:By|BY|Von|Par|Por)(?=[A-Z][a-z])")
_OTHERS = re.compile(
    rf"(?:^|(?<=[\s|,，、;；/／.()（·•]))(?:(?P<ours>{_BOTH}|(?:{_LABELS})\s*{_MARK})|"
    rf"(?:{_OTHERS_LABELS})\s*{_MARK}|(?:{_either('others_by')})\s+(?:{_BY})\s|사진\s(?=[가-힣]))",
    re.I,
)
_EDITORS = re.compile(rf"^\W*(?:{_either('editors')})\s*{_MARK}", re.I)
_OTHERS_IN_BRACKETS = re.compile(rf"[^,;|/／()（&]{{0,80}}[(（](?:{_OTHERS_LABELS}|{_either('others_by')})[)）]", re.I)
# Only a text with one of these can say what others did.
_OTHERS_SIGNS = re.compile(rf"{_MARK}|[(（]|사진")
_BY_WORD = re.compile(rf"\b(?:{_BY})\b", re.I)
_OTHERS_BY = re.compile(rf"\b(?:{_either('others_by')}|(?:{_OTHERS_LABELS}))\s+(?:{_BY})\s", re.I)
# How publishing systems introduce an author.
_WRITTEN_BY = (
    "written by", "verfasst von", "geschrieben von", "écrit par", "rédigé par", "escrito por", "scritto da",
    "geschreven door", "skrevet av", "skrevet af", "skrivet av", "napisane przez", "posted by", "published by",
    "gespeichert von", "artikel von", "author:", "autor:", "autorin:", "autoren:", "auteur :",
)  # fmt: skip
_OPENING, _CLOSING = ("(", "[", "（", "【", "［"), (")", "]", "）", "】", "］")
_EMAIL = re.compile(r"\S+@\S+\.\S+|(?<!\w)@\w+")
_TAG = re.compile(r"<[^>]*>")
_BRACKETS = re.compile(r"\s*[(\[{（【<].*?(?:[)\]}）】>]|$)")
_TRAILING = re.compile(
    r"\s+(?:on behalf of|(?:last )?(?:updated|reviewed)|last|is|was|has|published|posted|reports?|writes|for|from|in|"
    r"at|@|hat|ist|am|war|pour|para|per|voor|für|via|contributed|follow)\s.*$|"
    r"\s+(?:(?:on|am|le|el)\s+)?\d.*$|(?<!\d)\d{4}[-/.年].*$",
    re.I,
)
_DANGLING = re.compile(r"\s(?:on|at|le|el|am|den|il|em)[\s.,:|–-]*$")
_MONTH_AND_DAY = re.compile(r"\s([^\W\d_]{3,10})\.?\s+\d")


def bare(text: str) -> str:
    """Without markup, addresses, the work of others and what stands in brackets."""
    if "<" in text or "&" in text:
        text = _TAG.sub(" ", html.unescape(text))
    if text[:1] in _OPENING and text[-1:] in _CLOSING:
        text = text[1:-1]
    if "@" in text:
        text = _EMAIL.sub("", text)
    text = without_others_work(" ".join(text.split()))
    if any(bracket in text for bracket in "([{（【<"):
        text = _BRACKETS.sub("", text)
    return text.strip(" |,;-–—•·")


def without_others_work(text: str) -> str:
    """Without photographers, translators and editors; an editor whom nobody else stands beside does sign."""
    if not _OTHERS_SIGNS.search(text) and not (_BY_WORD.search(text) and _OTHERS_BY.search(text)):
        return text
    if "(" in text or "（" in text:
        text = _OTHERS_IN_BRACKETS.sub("", text)
    kept, start, is_ours = "", 0, True
    for found in _OTHERS.finditer(text):
        if is_ours:
            kept += text[start : found.start()]
        is_ours, start = bool(found["ours"]), found.start()
    kept += text[start:] if is_ours else ""
    kept = kept.strip(" |,，、;；/／·•")
    return text if not kept and _EDITORS.match(text) else kept


def without_introduction(text: str) -> str:
    """Without `By`, `Von`, `Автор:`, `文／`."""
    return without_prefix(_BY_GLUED.sub("", text))


def without_prefix(text: str) -> str:
    """As without_introduction, where words do not run into each other."""
    introduction = _introduction_of(text)
    if introduction is not None:
        return text[introduction.end() :]
    for form in (_SHORT_INTRODUCTION, _ETHIOPIC_BY, _KOREAN_TEXT):
        rest = form.sub("", text)
        if rest != text:
            return rest
    return text


def is_only_introduction(text: str) -> bool:
    """Whether nothing follows `By`."""
    line = f"{text} "
    return bool(_INTRODUCTION.fullmatch(line) or (_LABEL_SIGNS.search(line) and _LABEL.fullmatch(line)))


def without_trailing(part: str) -> str:
    """Without what follows a name in the same breath: a date, a place, what was done."""
    date = _MONTH_AND_DAY.search(part)
    if date and _is_month(date[1]):
        part = part[: date.start()]
    rest = _TRAILING.sub("", part)
    return _DANGLING.sub("", without_weekday(rest, dated=bool(date) or rest != part))


def _is_month(word: str) -> bool:
    month = month_named(word_key(word), lexicon_of(None))
    return month is not None and month.calendar is None


def is_written_by(text: str) -> bool:
    """Whether a text begins with "Written by", in the languages of the web's publishing systems."""
    return text[:40].lstrip().lower().startswith(_WRITTEN_BY)


def says_written_by(text: str) -> bool:
    """Whether "Written by" stands anywhere in a text."""
    lowered = text.lower()
    return any(phrase in lowered for phrase in _WRITTEN_BY)


def is_announced(text: str) -> bool:
    """Whether a line begins like a byline: "By", "Von", "Par", "بقلم"."""
    return bool(_introduction_of(text) or _ETHIOPIC_BY.match(text))


def _introduction_of(text: str) -> re.Match[str] | None:
    return _INTRODUCTION.match(text) or (_LABEL.match(text) if _LABEL_SIGNS.search(text) else None)
