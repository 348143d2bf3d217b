"""What does an address say of its page: which words, numbers and language? canonical.toml has the lists of words."""

import re
import tomllib
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from services.parser.language.folding import fold

LISTS = {name: frozenset(words.split()) for name, words in tomllib.loads(
    (Path(__file__).parent / "canonical.toml").read_text("utf-8")
).items()}  # fmt: skip

# A slug of so many words is that of a story; sections have fewer.
WORDS_OF_STORY = 3
# Two addresses are of one story if so much of the shorter slug stands in the other.
SHARED_OF_SLUG = 0.5
# Numbers of fewer digits count pages and parts.
DIGITS_OF_ID = 4

_EXTENSION = re.compile(r"\.(?:html?|shtml|php\d?|aspx?|jsp|jsf|cfm|cms|do|amp|ece|ssf|xhtml|story|article)$")
_LOCALE = re.compile(r"([a-z]{2,3})[-_](?:[a-z]{2,4}|\d{3})$")
_NUMBER = re.compile(r"\d+")
_DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])$")
_YEAR = re.compile(r"(?:19|20)\d\d$")
_CODE = re.compile(r"(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{8,}$")
_WORD = re.compile(r"[^\W_]+")
# Scripts without spaces between words: pairs of characters stand for words there.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


class AddressWords(msgspec.Struct, frozen=True, kw_only=True):
    """An address taken apart. `steps` are those of the path without index file, extension, and marks of twins."""

    steps: tuple[str, ...]
    query: dict[str, str]  # without parameters that say how a page is shown
    slug: frozenset[str]
    ids: frozenset[str]
    numbers: frozenset[str]  # those of the path that are no days and years
    day: tuple[str, ...]  # year, month and day, where the path has steps for them
    language: str | None  # that a step, the host, the file's name or a parameter stands for

    @property
    def is_front(self) -> bool:
        """Whether it is the front of a site, or of the site in one language."""
        return not self.query and all(is_front_step(step) for step in self.steps)

    @property
    def is_list(self) -> bool:
        """Whether a step says that a section, topic, author, search or another page of a list follows."""
        return not LISTS["lists"].isdisjoint(self.steps) or any(
            step in LISTS["pages"] and number.isdecimal() for step, number in pairwise(self.steps)
        )

    @property
    def is_story(self) -> bool:
        """Whether it is plainly the address of one story: by number, by a slug of several words, or below a date."""
        return not self.is_list and (bool(self.ids) or len(self.slug) >= WORDS_OF_STORY or self._is_dated)

    @property
    def _is_dated(self) -> bool:
        years = [place for place, step in enumerate(self.steps) if _YEAR.match(step)]
        return bool(years) and not all(step.isdecimal() for step in self.steps[years[0] :])


def is_front_step(step: str) -> bool:
    """Whether a step stands for a language or a country, or for the front itself."""
    return (
        (len(step) <= 3 and step.isalpha() and step.isascii()) or step in LISTS["fronts"] or bool(_LOCALE.match(step))
    )


@lru_cache(maxsize=256)
def words_of(address: str) -> AddressWords:
    """Returns the address taken apart."""
    parts = urlsplit(address)
    said = [step for step in fold(unquote(parts.path)).split("/") if step and step != "."]
    language = _language_of(said, parts.hostname or "", parts.query)
    if said:
        said[-1] = _EXTENSION.sub("", _EXTENSION.sub("", said[-1]))
        said[-1] = re.sub(r"\.([a-z]{2})$", "", said[-1])
        if said[-1] in LISTS["indexes"] or not said[-1]:
            said.pop()
    steps = tuple(step for step in said if step not in LISTS["twins"])
    query = _naming(parts.query)
    return AddressWords(
        steps=steps or tuple(said),
        query=query,
        slug=_slug(steps),
        ids=_ids(steps, query),
        numbers=frozenset(n for n in _NUMBER.findall("/".join(steps)) if len(n) > 2 and not _YEAR.match(n)),
        day=_day(steps),
        language=language,
    )


def _language_of(steps: list[str], host: str, query: str) -> str | None:
    codes = LISTS["languages"]
    for step in steps[:1]:
        locale = _LOCALE.match(step)
        if step in codes or (locale and locale[1] in codes):
            return step[:2]
    in_name = re.search(r"\.([a-z]{2})\.(?:html?|php|aspx?)$", steps[-1]) if steps else None
    if in_name and in_name[1] in codes:
        return in_name[1]
    label, _, rest = host.partition(".")
    if label in codes and "." in rest:
        return label
    named = (value[:2].lower() for name, value in parse_qsl(query) if name.lower() in LISTS["language_parameters"])
    return next((value for value in named if value in codes), None)


def _day(steps: tuple[str, ...]) -> tuple[str, ...]:
    start = next((place for place, step in enumerate(steps) if _YEAR.match(step)), len(steps))
    day = steps[start : start + 3]
    return day if len(day) == 3 and all(step.isdecimal() and len(step) <= 4 for step in day) else ()


def _naming(query: str) -> dict[str, str]:
    """The parameters that may name the page."""
    return {
        name.lower(): value.lower()
        for name, value in parse_qsl(query)
        if name.lower() not in LISTS["twin_parameters"] | LISTS["language_parameters"]
        and not name.lower().startswith(("utm_", "at_", "ns_", "mtm_"))
    }


def _slug(steps: tuple[str, ...]) -> frozenset[str]:
    """The words of the steps of several words; of the last step with a word, where there is none of several."""
    of_steps = [words for step in steps if (words := words_in(step))]
    several = [words for words in of_steps if len(words) > 1]
    return frozenset().union(*(several or of_steps[-1:]))


def words_in(text: str) -> frozenset[str]:
    """The words of a folded text, without numbers and codes."""
    found: set[str] = set()
    for word in _WORD.findall(text):
        if _UNSPACED.search(word):
            found.update(word[start : start + 2] for start in range(len(word) - 1))
        elif len(word) > 2 and not any(map(str.isdecimal, word)):
            found.add(word)
    return frozenset(found)


def _ids(steps: tuple[str, ...], query: dict[str, str]) -> frozenset[str]:
    """Numbers and codes that name a story: no dates, and no numbers of pages."""
    found = {value for name, value in query.items() if any(map(str.isdecimal, value)) and len(value) <= 64}
    for step in steps:
        numbers = [n for n in _NUMBER.findall(step) if len(n) >= DIGITS_OF_ID and not (_YEAR.match(n) or _DAY.match(n))]
        found.update(numbers)
        found.update(word for word in _WORD.findall(step) if _CODE.match(word) and not numbers)
    if steps and steps[-1].isdecimal() and not any(_YEAR.match(step) for step in steps):
        found.add(steps[-1])
    return frozenset(found)


def share_words(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether half of the shorter of two slugs stands in the other."""
    least = min(len(one), len(other))
    return least > 0 and len(one & other) >= max(1, SHARED_OF_SLUG * least)
