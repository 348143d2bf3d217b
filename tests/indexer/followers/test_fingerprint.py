"""What a text is recognised by."""

import pytest

from services.indexer.followers.fingerprint import KEYS, MOST_WORDS, fingerprint_of

TEXT = " ".join(f"word{number} and{number}" for number in range(100))


@pytest.mark.parametrize("same", [TEXT.upper(), TEXT.replace(" ", "\n"), TEXT.replace("word5 ", "«word5», – ")])
def test_case_spaces_and_punctuation_make_no_difference(same: str) -> None:
    assert fingerprint_of(same) == fingerprint_of(TEXT)


def test_the_keys_are_the_same_for_ever() -> None:
    """Stored keys must meet those of later versions: whoever changes this has to compute all of them anew."""
    assert fingerprint_of(TEXT).keys[:3] == [9848749, 14883559, 53132174]
    assert len(fingerprint_of(TEXT).keys) == KEYS


def test_a_cut_text_shares_its_part_of_the_keys() -> None:
    words = TEXT.split()
    half = fingerprint_of(" ".join(words[: len(words) // 2]))
    whole = fingerprint_of(TEXT)
    assert half.shingles < whole.shingles
    assert len(set(half.keys) & set(whole.keys)) >= KEYS / 4


def test_one_word_changes_no_more_than_the_runs_that_it_stands_in() -> None:
    changed = fingerprint_of(TEXT.replace("word50 ", "other "))
    assert len(fingerprint_of(TEXT).shingles - changed.shingles) == 5


def test_scripts_without_spaces_have_shingles() -> None:
    text = "東京で地震がありました。津波の心配はありません。"
    assert len(fingerprint_of(text).shingles) == len(text.replace("。", "")) - 11


@pytest.mark.parametrize("text", ["", "one", "one two three four", "…", "\ud800 \ud800 \ud800 \ud800 \ud800"])
def test_a_text_that_is_too_short_has_none(text: str) -> None:
    assert fingerprint_of(text).shingles == frozenset()


def test_of_a_very_long_text_the_beginning_counts() -> None:
    assert len(fingerprint_of(" ".join(map(str, range(2_000_000)))).shingles) == MOST_WORDS - 4
