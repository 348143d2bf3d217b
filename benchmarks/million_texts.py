"""Makes the paragraphs that the articles of benchmarks/million.py consist of, with the words of real articles.

Words are drawn as often as they occur in the real texts. A corpus is small, though, and most words of a million
articles do not occur in it. The share of words that occur only once estimates how much of a language a sample has not
seen (Good and Turing); this often, an invented word is drawn, made of the halves of two real ones.

A fifth of the articles are in Chinese, in which all words are invented: mostly two of the 3,755 characters that GB 2312
counts as common, drawn by Zipf's law, and written without spaces.
"""

import random
import re
import statistics
from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate

import msgspec

from shared.failures import UserError
from shared.parsed_page import Article, ParsedPage

# Text shorter than this is not an article's; a language with fewer words than that has no frequencies to speak of.
FEWEST_WORDS, FEWEST_WORDS_OF_LANGUAGE = 50, 2_000
# What the texts are scaled down to, so that a million are written in minutes and fit on a laptop's disk.
SCALE = 0.2
# Words of a paragraph that is drawn, at the least and at the most; the corpus' own have 40 at the mean.
PARAGRAPH_WORDS = (20, 60)
INVENTED_WORDS, PARAGRAPHS = 200_000, 100_000
CHINESE, CHARACTERS_OF_WORD, WORDS_OF_CLAUSE = 0.2, (1, 2, 2, 2, 2, 3, 4), 6


class Paragraph(msgspec.Struct, frozen=True, kw_only=True):
    """One block of text, for articles in its language."""

    language: str
    number: int  # from 0 on in each language
    text: str


class Language(msgspec.Struct, frozen=True, kw_only=True):
    """A language's share of the articles, and its words."""

    code: str
    share: float
    words: list[str]
    up_to: list[int]  # occurrences of the words up to each
    unseen: float  # share of words that a corpus of this size lacks
    invented: list[str]
    spaced: bool = True


class Corpus(msgspec.Struct, frozen=True, kw_only=True):
    """What the generated articles have of the real ones."""

    articles: int
    mean_words: float
    paragraphs_of: list[int]  # of each real article, scaled
    languages: list[Language]


def learn(pages: Sequence[ParsedPage]) -> Corpus:
    """The corpus' languages, frequencies and lengths; UserError when it has too little text."""
    articles = [page.article for page in pages if page.article]
    articles = [article for article in articles if len(_words(article)) >= FEWEST_WORDS]
    of_language: dict[str, Counter[str]] = {}
    for article in articles:
        of_language.setdefault(article.language or "xx", Counter()).update(_words(article))
    known = {code: words for code, words in of_language.items() if words.total() >= FEWEST_WORDS_OF_LANGUAGE}
    if not known:
        raise UserError("The folder has too few articles to learn a language's words from.")
    total = sum(words.total() for words in known.values())
    lengths = [len(_words(article)) for article in articles]
    return Corpus(
        articles=len(articles),
        mean_words=statistics.mean(lengths),
        paragraphs_of=[max(1, round(SCALE * words / statistics.mean(PARAGRAPH_WORDS))) for words in lengths],
        languages=[*(_language(code, words, total) for code, words in sorted(known.items())), _chinese()],
    )


def _words(article: Article) -> list[str]:
    return re.findall(r"\w+", article.text.lower())


def _language(code: str, words: Counter[str], total: int) -> Language:
    chance = random.Random(code)
    stems = [word for word in words if len(word) > 4 and word.isalpha()]
    share = (1 - CHINESE) * words.total() / total
    invented = {_invented(chance, stems) for _ in range(int(INVENTED_WORDS * share))}
    return Language(
        code=code,
        share=share,
        words=list(words),
        up_to=list(accumulate(words.values())),
        unseen=sum(times == 1 for times in words.values()) / words.total(),
        invented=sorted(invented),
    )


def _chinese() -> Language:
    chance = random.Random("zh")
    common = bytes(byte for row in range(0xB0, 0xD8) for column in range(0xA1, 0xFF) for byte in (row, column))
    characters = common.decode("gb2312", errors="ignore")

    def word() -> str:
        size = chance.choice(CHARACTERS_OF_WORD)
        return "".join(characters[int(len(characters) ** chance.random()) - 1] for _ in range(size))

    invented = {word() for _ in range(int(INVENTED_WORDS * CHINESE))}
    return Language(code="zh", share=CHINESE, words=[], up_to=[], unseen=1.0, invented=sorted(invented), spaced=False)


def _invented(chance: random.Random, stems: Sequence[str]) -> str:
    head, tail = chance.choice(stems), chance.choice(stems)
    return head[: len(head) // 2 + 1] + tail[len(tail) // 2 :]


def paragraphs(corpus: Corpus, count: int) -> Iterator[Paragraph]:
    """`count` paragraphs, each language's share of them.

    A paragraph ends with an invented word, which is no stop word: so the words of several paragraphs, one after the
    other, stand where they stand in the text of all."""
    for language in corpus.languages:
        chance = random.Random(language.code)
        for number in range(max(1, int(count * language.share))):
            drawn = [_drawn(chance, language) for _ in range(chance.randint(*PARAGRAPH_WORDS) - 1)]
            text = _joined(language, [*drawn, chance.choice(language.invented)])
            yield Paragraph(language=language.code, number=number, text=text)


def _joined(language: Language, words: Sequence[str]) -> str:
    if language.spaced:
        text = " ".join(words)
        return f"{text[0].upper()}{text[1:]}."
    clauses = ("".join(words[start : start + WORDS_OF_CLAUSE]) for start in range(0, len(words), WORDS_OF_CLAUSE))
    return "，".join(clauses) + "。"


def _drawn(chance: random.Random, language: Language) -> str:
    if chance.random() < language.unseen:  # Zipf's law: a rank is the rarer the higher it is
        return language.invented[int(len(language.invented) ** chance.random()) - 1]
    return language.words[bisect(language.up_to, chance.randrange(language.up_to[-1]))]
