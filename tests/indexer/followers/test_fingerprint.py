"""What a text is recognised by."""

from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.indexer.followers.fingerprint import (
    CHARACTERS_A_SHINGLE,
    KEYS,
    MOST_WORDS,
    WORD,
    WORDS_A_SHINGLE,
    fingerprint_of,
)

TEXT = " ".join(f"word{number} and{number}" for number in range(100))


@pytest.mark.parametrize("same", [TEXT.upper(), TEXT.replace(" ", "\n"), TEXT.replace("word5 ", "«word5», – ")])
def test_case_spaces_and_punctuation_make_no_difference(same: str) -> None:
    assert fingerprint_of(same).runs.tolist() == fingerprint_of(TEXT).runs.tolist()


def test_the_keys_are_the_same_for_ever() -> None:
    """Stored keys must meet those of later versions: whoever changes this has to compute all of them anew."""
    assert fingerprint_of(TEXT).keys[:3] == [9848749, 14883559, 53132174]
    assert len(fingerprint_of(TEXT).keys) == KEYS


def test_a_cut_text_shares_its_part_of_the_keys() -> None:
    words = TEXT.split()
    half = fingerprint_of(" ".join(words[: len(words) // 2]))
    whole = fingerprint_of(TEXT)
    assert set(half.runs) < set(whole.runs)
    assert len(set(half.keys) & set(whole.keys)) >= KEYS / 4


def test_one_word_changes_no_more_than_the_runs_that_it_stands_in() -> None:
    changed = fingerprint_of(TEXT.replace("word50 ", "other "))
    assert len(set(fingerprint_of(TEXT).runs) - set(changed.runs)) == 5


def test_scripts_without_spaces_have_shingles() -> None:
    text = "東京で地震がありました。津波の心配はありません。"
    assert len(fingerprint_of(text).shingles) == len(text.replace("。", "")) - 11


@pytest.mark.parametrize("text", ["", "one", "one two three four", "…", "\ud800 \ud800 \ud800 \ud800 \ud800"])
def test_a_text_that_is_too_short_has_none(text: str) -> None:
    assert fingerprint_of(text).shingles.tolist() == fingerprint_of(text).keys == []


def test_of_a_very_long_text_the_beginning_counts() -> None:
    assert len(fingerprint_of(" ".join(map(str, range(2_000_000)))).shingles) == MOST_WORDS - 4


def word_by_word(text: str) -> list[int]:
    """The hashes of a text as they are defined."""
    words = WORD.findall(text.casefold()[: MOST_WORDS * 10])[:MOST_WORDS]
    of_characters = sum(len(word) == 1 and word >= "\u0e00" for word in words) > len(words) / 2
    size = CHARACTERS_A_SHINGLE if of_characters else WORDS_A_SHINGLE
    return [crc32(" ".join(words[at : at + size]).encode()) for at in range(len(words) - size + 1)]


LETTERS = st.sampled_from(
    "ab  _,.’–\u00e9\u00df\ufb01\u0130\u0301\u0434\u0905\u0940\u10d0\uac00\u6f22\u304b\u0e01"
    "\U0001d400\U0001f600\ud800\x00"
)


@given(text=st.one_of(st.text(LETTERS, max_size=400), st.text(max_size=100)))
def test_all_words_at_once_have_the_hashes_of_each_run_by_itself(text: str) -> None:
    runs = word_by_word(text)
    fingerprint = fingerprint_of(text)
    assert fingerprint.runs.tolist() == runs
    assert fingerprint.shingles.tolist() == sorted(set(runs))
    assert fingerprint.keys == sorted(set(runs))[:KEYS]


@pytest.mark.parametrize("size", [1, 255, 256, 257, 600, 49_000])
def test_words_of_any_length_have_the_hashes_of_each_run_by_itself(size: int) -> None:
    text = f"one two {'é' * size} three four {'x' * size} five six seven eight nine ten"
    assert fingerprint_of(text).runs.tolist() == word_by_word(text)


def test_a_text_that_folding_makes_longer_is_cut_where_it_was() -> None:
    text = " ".join(["\u0130\ufb03"] * 9_000)
    assert fingerprint_of(text).runs.tolist() == word_by_word(text)
