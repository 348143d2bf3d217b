"""What is told from the script of a text alone."""

from itertools import pairwise

import pytest

from services.parser.language.scripts import (
    SCRIPTS,
    count_letters,
    count_said,
    count_words,
    has_caseless,
    is_unspaced,
)


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


def test_letters_are_counted_by_script() -> None:
    assert count_letters("Việt Nam: Köln, Київ") == {"latin": 11, "cyrillic": 4}
    assert count_letters("東京の天気") == {"han": 4, "kana": 1}


def test_marks_that_scripts_share_are_letters_of_none() -> None:
    assert not count_letters("। ॥ ، ؛ ؟ ・")


def test_no_character_is_of_two_scripts() -> None:
    ranges = sorted(
        (script.letters[at], script.letters[at + 2])
        for script in SCRIPTS.values()
        for at in range(0, len(script.letters), 3)
    )
    assert all(last < first for (_, last), (first, _) in pairwise(ranges))


@pytest.mark.parametrize(
    "text",
    [
        "The town council voted on Tuesday to keep the old lighthouse.",
        "市议会星期二投票决定保留这座老灯塔。",
        "시의회는 화요일 투표로 옛 등대를 남겨 두기로 결정했다.",
        "町議会は火曜日、古い灯台を残すことを決めました。",
        "Городской совет во вторник решил сохранить старый маяк.",
    ],
)
def test_one_sentence_says_as_much_in_every_script(text: str) -> None:
    assert 40 <= count_said(text) <= 70
    assert 7 <= count_words(text) <= 13


def test_what_is_counted_in_letters() -> None:
    assert count_said("") == count_words("") == 0
    assert count_said("Żółw – “tak”") == 12
    assert count_words("最新消息") <= 3
