"""Who is it, of a text that says what it is as well: `KURIER-Reporterin Jana Brandt`, `김하늘 기자`, `本报记者张三`?

What people are stands before or behind their names, in one part with them. roles.toml has the words.
"""

import re
import tomllib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from services.parser.language.folding import fold

_HERE = Path(__file__).parent
_LISTS = tomllib.loads((_HERE / "roles.toml").read_text("utf-8"))
_ROLES = frozenset(map(fold, _LISTS["roles"].split()))
_ENDINGS = tuple(_LISTS["role_endings"])
_SURNAMES = frozenset(map(fold, _LISTS["weekdays_and_surnames"]))
_BEATS = frozenset(map(fold, _LISTS["beats"].split()))
_BEAT_OPENINGS = frozenset(map(fold, _LISTS["beat_openings"].split()))
_WEEKDAYS = frozenset(
    fold(day)
    for days in tomllib.loads((_HERE / "weekdays.toml").read_text("utf-8"))["weekdays"].values()
    for day in days
    if " " not in day
)


def _either(words: list[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


_KOREAN = re.compile(
    rf"^(?:.*[\s=\])])?((?!(?:{_either(_LISTS['korean_ranks'])})\s*기자)[가-힣]{{2,4}})\s*"
    rf"(?:[가-힣]{{2,5}}[부팀]\s*)?(?:{_either(_LISTS['korean_ranks'])})?\s*"
    rf"(?:{_either(_LISTS['korean_roles'])})(?:입니다)?[\s=]*$"
)
_KOREAN_NAME = re.compile(
    rf"(?!(?:{_either(_LISTS['korean_papers'])}))[{_LISTS['korean_surnames']}][가-힣][가-힣](?<![{_LISTS['korean_endings']}])"
)
_KOREAN_ROLE = re.compile(rf"[가-힣]\s?(?:{_either(_LISTS['korean_roles'])})(?![가-힣])")
_HAN = re.compile(
    rf"^(.*?)(?:{_either(_LISTS['han_roles'])})(?!(?:{_either(_LISTS['han_compounds'])}))[:：\s●・]*(.*)$"
)
_HAN_NEXT_ROLE = re.compile(rf"(?<=[\u3400-\u9fff])\s+(?=(?:{_either(_LISTS['han_roles'])})[\s:：])")
# Two to four Han characters, a foreign name in parts, or a pen name in kana; what begins like a verb is a sentence.
_HAN_NAME = re.compile(
    r"(?![从從在了对對问問直探实實获獲])(?:[\u3400-\u9fff々]{2,4}(?: [\u3400-\u9fff々]{1,4}){0,3}|"
    r"[\u3400-\u9fff]{1,6}(?:[·・．][\u3400-\u9fff]{1,6}){1,3}|(?!.*[のはをがもに])[\u3040-\u30ff\u3400-\u9fff々・]{2,10})"
)
_HAN_OTHERS = re.compile(_either(_LISTS["han_others"]))
_HAN_REPORTS = tuple(_LISTS["han_reports"])
_HAN_OR_HANGUL = re.compile("[\u3400-\u9fff\uac00-\ud7af]")
_MARKS = " .,:;-–—()[]="
_QUOTED = re.compile(r"^[«\"“„][^»\"”]*[»\"”]\s*")


def names_beside_role(part: str, is_name: Callable[[str], bool]) -> list[str] | None:
    """The names in a part of a byline that also says a role; none where it says nothing else, None without a role."""
    if _HAN_OR_HANGUL.search(part):
        return _of_east_asia(part)
    words = part.split()
    places = [at for at, word in enumerate(words) if _is_role(word)]
    if not places:
        return None
    behind, before = words[places[-1] + 1 :], words[: places[0]]
    while before and (before[-1].islower() or fold(before[-1].strip(_MARKS)) in _BEATS):
        before.pop()
    while behind and fold(behind[0].strip(_MARKS)) in _BEATS:
        behind.pop(0)
    if behind and fold(behind[0]) in _BEAT_OPENINGS:
        behind = []
    runs = (_QUOTED.sub("", " ".join(behind)), " ".join(before))
    found = (name for run in runs if is_name(name := run.strip(_MARKS)))
    return [name for name in (next(found, None),) if name]


def divided_by_role(text: str) -> str:
    """With a comma between the people of two roles: `记者 王小明 通讯员 张三丰`."""
    return _HAN_NEXT_ROLE.sub(", ", text) if _HAN_NEXT_ROLE.search(text) else text


def without_weekday(name: str, *, dated: bool) -> str:
    """A full name without the day of the week behind it; one that is a surname as well must stand before a date."""
    words = name.split()
    while len(words) > 2 and (day := fold(words[-1].strip(_MARKS))) in _WEEKDAYS and (dated or day not in _SURNAMES):
        words.pop()
    return " ".join(words)


def says_role(text: str) -> bool:
    """Whether a short text says what somebody is."""
    return bool(_HAN.match(text) or _KOREAN_ROLE.search(text)) or any(map(_is_role, text.split()))


def is_nothing_but_role(text: str) -> bool:
    """Whether a text says what somebody is and not who: `Our Staff Reporter`, `নিজস্ব প্রতিবেদক`."""
    words = [fold(word.strip(_MARKS)) for word in text.split()]
    return len(words) > 1 and any(map(_is_role, words)) and all(word in _BEATS or _is_role(word) for word in words)


@lru_cache(maxsize=4096)
def _is_role(word: str) -> bool:
    folded = fold(word.strip(_MARKS))
    return folded in _ROLES or (folded.endswith(_ENDINGS) and folded not in _BEATS)


def _of_east_asia(part: str) -> list[str] | None:
    korean = _KOREAN.match(part)
    if korean:
        return [*_koreans_before(part[: korean.start(1)]), korean[1]]
    chinese = _HAN.match(part)
    if not chinese:
        return [] if part.endswith(_HAN_REPORTS) else None
    before, behind = (_HAN_OTHERS.sub("", text).strip(_MARKS) for text in chinese.groups())
    if "记者" in part and _HAN_NAME.fullmatch(behind):
        return behind.split()  # in the People's Republic full names are one word, and several stand in a row
    return [name for name in (behind, before) if _HAN_NAME.fullmatch(name)][:1]


def _koreans_before(text: str) -> list[str]:
    """The names right before the last one of `김하늘 이바다 기자`: of three syllables, and no desk or paper."""
    names: list[str] = []
    for word in reversed(re.split(r"[\s·,]+", text.rstrip(" ·,"))):
        if not _KOREAN_NAME.fullmatch(word):
            break
        names.insert(0, word)
    return names
