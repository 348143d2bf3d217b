"""What is told from the script of a text alone."""

from itertools import pairwise

import pytest

from services.parser.language.scripts import SCRIPTS, count_letters, has_caseless, is_unspaced, languages_of_letters


@pytest.mark.parametrize("text", ["市議会が予算案を可決", "ข่าวล่าสุด", "시의회 예산안 통과", "ព័ត៌មាន", "သတင်း", "ຂ່າວ"])
def test_words_of_few_characters(text: str) -> None:
    assert is_unspaced(text)
    assert has_caseless(text)


@pytest.mark.parametrize("text", ["Le conseil vote", "Городской совет", "أخر الأخبار", "समाचार", "Aus 東京 nach Köln"])
def test_words_between_spaces(text: str) -> None:
    assert not is_unspaced(text)


def test_scripts_without_capitals() -> None:
    assert has_caseless("صحيفة")
    assert has_caseless("ଖବର")
    assert not has_caseless("Έλληνας, Иванов, Հայաստան, Müller")


def test_kana_say_more_than_han() -> None:
    assert languages_of_letters("東京の天気") == {"ja"}
    assert languages_of_letters("市议会") == {"ja", "zh"}
    assert languages_of_letters("Köln") == frozenset()


def test_latin_letters_are_of_no_script_of_the_table() -> None:
    assert count_letters("Việt Nam: Köln") == 0
    assert count_letters("ab Київ") == 4


def test_no_character_is_of_two_scripts() -> None:
    ranges = sorted(
        (script.letters[at], script.letters[at + 2])
        for script in SCRIPTS.values()
        for at in range(0, len(script.letters), 3)
    )
    assert all(last < first for (_, last), (first, _) in pairwise(ranges))
