"""A range of days says when something happens, not when it was published."""

import pytest

from services.parser.fields.dates import habits_of, stamps_in


def found(language: str, text: str) -> list[str]:
    return [stamp.value for stamp in stamps_in(text, habits_of(language, language, "example.org"))]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("da", "Fra 12. til 14. februar 2026"),
        ("nl", "12 t/m 14 februari 2026"),
        ("pt", "De 12 a 14 de fevereiro de 2026".replace(" a ", " até ")),
        ("sv", "12–14 februari 2026"),
        ("uk", "З 12 до 14 лютого 2026 року"),
        ("ca", "12 de febrer al 14 de març de 2026"),
        ("en", "12 February – 14 March 2026"),
        ("de", "12.02.2026 bis 14.02.2026"),
        ("ja", "2026年2月12日（木）〜14日（土）"),
        ("zh", "2026年2月12日至3月3日"),
        ("ko", "2026년 2월 12일~14일"),
    ],
)
def test_ranges_are_no_dates(language: str, text: str) -> None:
    assert found(language, text) == []


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("en", "14:05 - 15 February 2026", "2026-02-15T14:05:00"),
        ("en", "12 February 2026 - 14:05", "2026-02-12T14:05:00"),
        ("en", "12-Feb-26", "2026-02-12"),
        ("fi", "Juttu 12. helmikuuta 2026", "2026-02-12"),
        ("sr", "12. фебруара 2026. у 14:05", "2026-02-12T14:05:00"),
        ("vi", "12 Tháng Mười Hai, 2025", "2025-12-12"),
        ("km", "ថ្ងៃទី១២ ខែកុម្ភៈ ឆ្នាំ២០២៦", "2026-02-12"),
        ("ky", "2026-жылдын 12-февралы", "2026-02-12"),
        ("th", "12 กุมภา 69", "2026-02-12"),
    ],
)
def test_what_looks_like_a_range_and_is_a_date(language: str, text: str, value: str) -> None:
    assert found(language, text) == [value]
