"""Which spellings meet."""

import pytest

from services.parser.language.folding import bare, fold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("L'ÉTÉ", "l'ete"),
        ("أخـــبار", "اخبار"),
        ("ılık", "ilik"),
        ("یکی", "يكى"),
        ("तारीख़", "तारीख"),
        ("ガ", "カ"),
    ],
)
def test_folding_makes_spellings_meet(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_syllables_stay_whole() -> None:
    assert fold("뉴스") == "뉴스"


def test_letters_and_digits_alone() -> None:
    assert bare("«The River – a Life», 2nd part") == "theriveralife2ndpart"
    assert bare("L’Été…") == "lété"
    assert bare("\ud800!") == ""
