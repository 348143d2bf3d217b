"""Languages of headlines and texts."""

import pytest

from services.parser.language.identification import detect_language, language_of_lists, normalise_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Le gouvernement annonce une baisse des impôts pour les familles", "fr"),
        ("Die Regierung kündigt niedrigere Steuern für Familien an", "de"),
        ("El Gobierno anuncia una bajada de impuestos para las familias", "es"),
        ("The government announces lower taxes for families", "en"),
        ("Hükümet aileler için vergi indirimini duyurdu", "tr"),
        ("الحكومة تعلن عن خفض الضرائب للأسر", "ar"),
        ("Правительство объявило о снижении налогов для семей", "ru"),
        ("政府は家族向けの減税を発表した", "ja"),
        ("정부가 감세를 발표했다", "ko"),
        ("Η κυβέρνηση ανακοίνωσε μείωση φόρων", "el"),
        ("הממשלה הודיעה על הפחתת מסים", "he"),
        ("รัฐบาลประกาศลดภาษี", "th"),
    ],
)
@pytest.mark.parametrize("hint", [None, "fr", "xx"])
def test_a_sentence_tells_its_language(text: str, language: str, hint: str | None) -> None:
    assert detect_language(text, hint) == language


def test_a_short_headline_follows_its_page() -> None:
    assert detect_language("Bundesliga", "de") == "de"
    assert detect_language("MOBO Awards", "fr") == "fr"
    assert detect_language("Top 10", "en-GB") == "en"


def test_twins_follow_their_page() -> None:
    assert detect_language("Regjeringen varsler lavere skatt for familier", "no") == "no"
    assert detect_language("Vlada najavila niže poreze za obitelji", "hr") == "hr"


def test_a_hint_that_the_script_forbids_is_dropped() -> None:
    assert detect_language("Правительство объявило о снижении налогов", "en") == "ru"
    assert detect_language("The government announces lower taxes", "ar") == "en"


def test_text_without_letters_has_no_language() -> None:
    assert detect_language("", None) is None
    assert detect_language("12:30", None) is None


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("fr-FR", "fr"), ("pt_BR", "pt"), ("EN", "en"), ("eng", "en"), ("iw", "he"), ("nb-NO", "no"), ("de,en", "de"),
        ("", None), (None, None), ("x-default", None), ("klingon", None),
    ],
)  # fmt: skip
def test_tags_become_two_letters(tag: str | None, code: str | None) -> None:
    assert normalise_language(tag) == code


def test_a_front_with_foreign_titles_has_the_language_that_it_declares() -> None:
    assert language_of_lists(["fr", "ar", "es", "fr", "ar", "ar"], "fr") == "fr"
    assert language_of_lists(["de"] * 19 + ["en"], "en") == "de"
    assert language_of_lists(["de", None, "de"], None) == "de"
    assert language_of_lists([None], "fr") == "fr"
