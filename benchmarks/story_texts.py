"""Makes a labelled set for the grouping of stories.

The set holds articles, rewrites of them as syndication makes them, and texts that look alike but are not rewrites. A
seeded script makes it from a corpus' article texts, so that none of its texts has to be stored.
"""

import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.story_templates import TEMPLATES, filled

SETS = ("publishers", "publishers-older", "paragraphs-en", "web-en")
FEWEST_WORDS, MOST_WORDS = 80, 1_500
# Texts of which rewrites are made, for each set, so that the English web does not outweigh the press of all languages.
MOST_OF_A_SET = 150
REWRITES_OF_ONE = 3
SITES_OF_ONE_PUBLISHER, TEXTS_OF_ONE_SITE = 2, 12
ARTICLES_OF_A_DIGEST = 6


class LabelledText(msgspec.Struct, frozen=True, kw_only=True):
    """A text, where it stands, the story that it truly belongs to, and how it was made."""

    story: str
    how: str
    url: str
    title: str
    language: str
    text: str


def labelled_texts(corpus: Path, half: int) -> list[LabelledText]:
    """One half of the set, 0 to choose thresholds on and 1 to measure; no article is in both."""
    originals = _originals(corpus, half)
    chance = random.Random(half)
    by_language: dict[str, list[LabelledText]] = defaultdict(list)
    for original in originals:
        by_language[original.language].append(original)
    with_others = [original for original in originals if len(by_language[original.language]) > 1]
    texts = list(originals)
    for original in with_others:
        others = [text for text in by_language[original.language] if text is not original]
        texts += _rewrites(original, others, chance)
        texts += _look_alikes(original, others, chance)
    texts += _one_site(by_language, chance) + _digests(by_language) + _templates(chance)
    chance.shuffle(texts)
    return texts


def _originals(corpus: Path, half: int) -> list[LabelledText]:
    found: dict[str, LabelledText] = {}
    for name in SETS:
        gold: dict[str, dict[str, Any]] = json.loads((corpus / "articles" / name / "gold.json").read_text("utf-8"))
        usable = [(key, entry) for key, entry in sorted(gold.items()) if _is_usable(entry)][half::2]
        for key, entry in usable[: MOST_OF_A_SET // 2]:
            text = entry["text"]
            found.setdefault(
                entry["url"],
                LabelledText(
                    story=f"{name}/{key}",
                    how="original",
                    url=entry["url"],
                    title=entry.get("title") or key,
                    language=entry.get("lang") or "en",
                    text=text,
                ),
            )
    return list(found.values())


def _is_usable(entry: dict[str, Any]) -> bool:
    return bool(entry.get("url")) and FEWEST_WORDS <= len((entry.get("text") or "").split()) <= MOST_WORDS


# --- Rewrites: the same story ---

Rewrite = Callable[[list[str], list[str], random.Random], list[str]]


def _sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?。؟।])\s+|\n+|(?<=。)", text) if part.strip()]


def _nobodys(text: str, chance: random.Random) -> list[str]:
    """Sentences of the text's language and length that stand in no other text: its words in another order."""
    mixed = []
    for sentence in _sentences(text):
        words = sentence.split(" ")
        chance.shuffle(words)
        mixed.append(" ".join(words))
    return mixed


def _other_lead(own: list[str], foreign: list[str], _chance: random.Random) -> list[str]:
    return foreign[:2] + own[min(2, len(own) // 4) :]


def _cut(own: list[str], _foreign: list[str], chance: random.Random) -> list[str]:
    return own[: max(3, round(len(own) * chance.uniform(0.35, 0.8)))]


def _inserted(own: list[str], foreign: list[str], chance: random.Random) -> list[str]:
    """Up to two fifths of the result are another's."""
    text = list(own)
    for sentence in foreign[: round(len(own) * chance.uniform(0.1, 0.6))]:
        text.insert(chance.randrange(len(text) + 1), sentence)
    return text


def _credited(own: list[str], _foreign: list[str], chance: random.Random) -> list[str]:
    agency = chance.choice(("AFP", "Reuters", "dpa", "EFE", "ANSA", "TAP"))
    place = chance.choice(("PARIS", "Tunis", "Berlin", "Madrid"))
    return [f"{place} ({agency}) —", *own, f"© {agency} 2025. ({agency}/xy)"]


def _edited(own: list[str], foreign: list[str], chance: random.Random) -> list[str]:
    """Every twentieth word is another one."""
    words = " ".join(own).split(" ")
    others = " ".join(foreign).split(" ")
    return [" ".join(chance.choice(others) if chance.random() < 0.05 else word for word in words)]


def _all_at_once(own: list[str], foreign: list[str], chance: random.Random) -> list[str]:
    kept = own[: max(4, round(len(own) * 0.7))]
    return _credited(_edited(_other_lead(kept, foreign, chance), foreign, chance), foreign, chance)


REWRITES: dict[str, Rewrite] = {
    "other lead": _other_lead,
    "cut at the end": _cut,
    "paragraphs inserted": _inserted,
    "agency's credits": _credited,
    "5 % of words edited": _edited,
    "other lead, cut, edited, credits": _all_at_once,
}


def _rewrites(original: LabelledText, others: Sequence[LabelledText], chance: random.Random) -> list[LabelledText]:
    made = []
    for how in chance.sample(sorted(REWRITES), REWRITES_OF_ONE):
        foreign = chance.choice(others)
        sentences = REWRITES[how](_sentences(original.text), _nobodys(foreign.text, chance), chance)
        made.append(_elsewhere(original, story=original.story, how=how, sentences=sentences, title=foreign.title))
    return made


# --- Texts that share much, and are other stories ---


def _look_alikes(original: LabelledText, others: Sequence[LabelledText], chance: random.Random) -> list[LabelledText]:
    """Another report of the event: a fifth of it, its quotes, word for word, the rest in other words."""
    own, others_words = _sentences(original.text), _nobodys(chance.choice(others).text, chance)
    quotes = chance.sample(own, len(own) // 5)
    mixed = [*others_words[: len(own) - len(quotes)], *quotes]
    chance.shuffle(mixed)
    story = f"{original.story}, reported by others"
    return [_elsewhere(original, story=story, how="same event, a fifth word for word", sentences=mixed)]


def _one_site(by_language: dict[str, list[LabelledText]], chance: random.Random) -> list[LabelledText]:
    """Short texts of sites that end with the same words of the house: 60 words of their own before 60 of these."""
    made = []
    for language, texts in sorted(by_language.items()):
        if len(texts) < 3:
            continue
        house = " ".join(" ".join(_nobodys(texts[0].text, chance)).split()[:60])
        for number, text in enumerate(texts[1 : 1 + TEXTS_OF_ONE_SITE]):
            site = f"https://house{number % SITES_OF_ONE_PUBLISHER}-{language}.example/{number}"
            teaser = " ".join(" ".join(_nobodys(text.text, chance)).split()[:60])
            made.append(
                LabelledText(
                    story=f"teaser of {text.story}",
                    how="other words above the same of the house",
                    url=site,
                    title=text.title,
                    language=language,
                    text=f"{teaser}\n{house}",
                )
            )
    return made


def _digests(by_language: dict[str, list[LabelledText]]) -> list[LabelledText]:
    """Pages with several whole articles below each other, which are no copy of any of them."""
    return [
        _elsewhere(
            texts[start],
            story=f"digest from {texts[start].story} on",
            how="six articles on one page",
            sentences=[text.text for text in texts[start : start + ARTICLES_OF_A_DIGEST]],
        )
        for texts in by_language.values()
        for start in range(0, len(texts) - ARTICLES_OF_A_DIGEST + 1, ARTICLES_OF_A_DIGEST)
    ]


def _templates(chance: random.Random) -> list[LabelledText]:
    return [
        LabelledText(
            story=f"{template.name} {number}",
            how=f"template: {template.name}",
            url=f"https://{template.name}.example/{number}",
            title=f"{template.name} {number}",
            language=template.language,
            text=filled(template, chance),
        )
        for template in TEMPLATES
        for number in range(TEXTS_OF_ONE_SITE)
    ]


_numbers = iter(range(1, 10**9))


def _elsewhere(
    original: LabelledText, *, story: str, how: str, sentences: list[str], title: str | None = None
) -> LabelledText:
    number = next(_numbers)
    return msgspec.structs.replace(
        original,
        story=story,
        how=how,
        url=f"https://site{number}.example/{number}",
        title=title or original.title,
        text="\n".join(sentences),
    )
