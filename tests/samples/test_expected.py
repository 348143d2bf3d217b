"""The comparison finds every kind of difference, and none where there is none."""

import copy
from typing import Any

import pytest

from cli.sample_site.expected import compare

BASE = "http://127.0.0.1:8123/"

EXPECTED: dict[str, Any] = {
    "page_type": "article",
    "language": "fr",
    "article": {
        "title": "Le moulin rouvre",
        "lead": "Après dix ans, la roue tourne.",
        "authors": ["Anne Lebrac", "Yves Tourmont"],
        "publisher": "La Meule",
        "published_at": "2025-11-03T08:00:00+01:00",
        "paragraphs": ["La roue a tourné lundi.", "Le meunier a souri."],
        "subheads": ["Une farine claire"],
        "must_contain": ["La pierre chante", "Yves, meunier"],
        "must_not_contain": ["Abonnez-vous", "Le pont ferme"],
    },
    "lists": [
        {
            "kind": "ticker",
            "label": "Flash info",
            "headlines": [{"text": "Le pont ferme", "url": "/pont.html"}, {"text": "Il neige", "url": None}],
        },
        {"kind": "related", "label": "Lire aussi", "headlines": [{"text": "Le blé", "url": "/ble.html"}]},
        {"kind": "related", "label": None, "headlines": [{"text": "L'orge", "url": "/orge.html"}]},
    ],
}


def headline(kind: str, label: str | None, text: str, path: str | None) -> dict[str, Any]:
    return {"kind": kind, "label": label, "text": text, "url": path and BASE + path, "position": 1}


@pytest.fixture
def page() -> dict[str, Any]:
    """What a faultless reading of the page gives."""
    return {
        "page_type": "article",
        "language": "fr",
        "article": {
            "title": "Le moulin rouvre",
            "lead": "Après dix ans, la roue tourne.",
            "authors": ["Anne Lebrac", "Yves Tourmont"],
            "publisher": "La Meule",
            "published_at": "2025-11-03T08:00:00+01:00",
            "blocks": [
                {"type": "paragraph", "text": "La roue a tourné lundi."},
                {"type": "quote", "text": "La pierre chante Yves, meunier"},
                {"type": "heading", "text": "Une farine claire", "level": 2},
                {"type": "paragraph", "text": "Le meunier a souri."},
            ],
            "text": "Après dix ans, la roue tourne.\nLa roue a tourné lundi.\nLa pierre chante Yves, meunier\n"
            "Une farine claire\nLe meunier a souri.",
        },
        "headlines": [
            headline("ticker", "Flash info", "Le pont ferme", "pont.html"),
            headline("ticker", "Flash info", "Il neige", None),
            headline("related", "Lire aussi", "Le blé", "ble.html"),
            headline("related", "Sur le sujet", "L'orge", "orge.html"),
        ],
    }


def test_a_faultless_reading_has_no_differences(page: dict[str, Any]) -> None:
    assert compare(EXPECTED, page, BASE) == []


def test_white_space_accents_and_a_label_s_colon_do_not_count(page: dict[str, Any]) -> None:
    page["article"]["title"] = " Le\u00a0moulin\n rouvre"
    page["article"]["blocks"][0]["text"] = "La roue a tourne\u0301 lundi."
    page["headlines"][2]["label"] = "LIRE AUSSI :"
    assert compare(EXPECTED, page, BASE) == []


def test_headlines_of_kinds_that_are_not_listed_pass(page: dict[str, Any]) -> None:
    page["headlines"].append(headline("most_read", None, "Le four", "four.html"))
    assert compare(EXPECTED, page, BASE) == []


def test_lists_of_one_kind_may_change_places(page: dict[str, Any]) -> None:
    page["headlines"][2:] = page["headlines"][:1:-1]
    assert compare(EXPECTED, page, BASE) == []


def test_a_field_that_is_not_mentioned_is_not_compared(page: dict[str, Any]) -> None:
    expected = copy.deepcopy(EXPECTED)
    del expected["language"], expected["article"]["publisher"]
    page["language"], page["article"]["publisher"] = "it", "Someone"
    assert compare(expected, page, BASE) == []


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("page_type", "listing", 'The page type is "listing" instead of "article".'),
        ("language", None, 'The language is nothing instead of "fr".'),
        ("article", None, 'The article "Le moulin rouvre" was not read.'),
    ],
)
def test_differences_of_the_page(page: dict[str, Any], field: str, value: object, sentence: str) -> None:
    page[field] = value
    assert compare(EXPECTED, page, BASE) == [sentence]


def test_an_article_where_there_is_none(page: dict[str, Any]) -> None:
    expected = {**EXPECTED, "article": None}
    assert compare(expected, page, BASE) == ['An article was read where there is none: "Le moulin rouvre".']


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", "Le moulin", 'The title is "Le moulin" instead of "Le moulin rouvre".'),
        ("lead", None, 'The lead is nothing instead of "Après dix ans, la roue tourne.".'),
        ("authors", ["Anne Lebrac"], 'The authors are "Anne Lebrac" instead of "Anne Lebrac, Yves Tourmont".'),
        ("authors", None, 'The authors are "" instead of "Anne Lebrac, Yves Tourmont".'),
        ("publisher", "Le Four", 'The publisher is "Le Four" instead of "La Meule".'),
        (
            "published_at",
            "2025-11-03T08:00:00Z",
            'The published_at is "2025-11-03T08:00:00Z" instead of "2025-11-03T08:00:00+01:00".',
        ),
        ("published_at", None, 'The published_at is nothing instead of "2025-11-03T08:00:00+01:00".'),
        ("published_at", "monday", 'The published_at is "monday" instead of "2025-11-03T08:00:00+01:00".'),
    ],
)
def test_differences_of_the_article_s_fields(page: dict[str, Any], field: str, value: object, sentence: str) -> None:
    page["article"][field] = value
    assert compare(EXPECTED, page, BASE) == [sentence]


@pytest.mark.parametrize(
    ("expected_time", "found"),
    [
        ("2025-11-03T08:00:00+01:00", "2025-11-03T07:00:00Z"),
        ("2025-11-03", "2025-11-03T08:00:00+01:00"),
        ("2025-11-03T08:00", "2025-11-03T08:00:00"),
    ],
)
def test_the_same_instant_and_a_longer_time_are_equal(page: dict[str, Any], expected_time: str, found: str) -> None:
    expected = copy.deepcopy(EXPECTED)
    expected["article"]["published_at"], page["article"]["published_at"] = expected_time, found
    assert compare(expected, page, BASE) == []


def test_a_missing_paragraph(page: dict[str, Any]) -> None:
    del page["article"]["blocks"][3]
    assert compare(EXPECTED, page, BASE) == ['The paragraph "Le meunier a souri." is missing.']


def test_a_foreign_paragraph_is_quoted_in_short(page: dict[str, Any]) -> None:
    page["article"]["blocks"].append({"type": "paragraph", "text": "Suivez-nous " * 20})
    assert compare(EXPECTED, page, BASE) == [
        f'The paragraph "{"Suivez-nous " * 9}Suivez-nous…" is foreign to the article.'
    ]


def test_a_paragraph_given_twice(page: dict[str, Any]) -> None:
    page["article"]["blocks"].append({"type": "paragraph", "text": "Le meunier a souri."})
    assert compare(EXPECTED, page, BASE) == ['The paragraph "Le meunier a souri." is there twice.']


def test_paragraphs_out_of_order(page: dict[str, Any]) -> None:
    page["article"]["blocks"].reverse()
    assert compare(EXPECTED, page, BASE) == ["The paragraphs are out of order."]


def test_a_subhead_taken_for_a_paragraph(page: dict[str, Any]) -> None:
    page["article"]["blocks"][2] = {"type": "paragraph", "text": "Une farine claire"}
    assert compare(EXPECTED, page, BASE) == [
        'The paragraph "Une farine claire" is foreign to the article.',
        'The subhead "Une farine claire" is missing.',
    ]


def test_the_source_of_a_quote_may_be_a_paragraph(page: dict[str, Any]) -> None:
    page["article"]["blocks"][1]["text"] = "La pierre chante"
    page["article"]["blocks"].insert(2, {"type": "paragraph", "text": "Yves, meunier"})
    assert compare(EXPECTED, page, BASE) == []


def test_text_that_is_lacking_and_text_that_does_not_belong(page: dict[str, Any]) -> None:
    page["article"]["text"] = page["article"]["text"].replace("La pierre chante", "Abonnez-vous")
    assert compare(EXPECTED, page, BASE) == [
        'The article\'s text lacks "La pierre chante".',
        'The article\'s text contains "Abonnez-vous", which is not part of it.',
    ]


def test_a_missing_headline(page: dict[str, Any]) -> None:
    del page["headlines"][1]
    assert compare(EXPECTED, page, BASE) == ['The ticker headline "Il neige" is missing.']


def test_a_foreign_headline(page: dict[str, Any]) -> None:
    page["headlines"].append(headline("ticker", "Flash info", "Contact", "contact.html"))
    assert compare(EXPECTED, page, BASE) == ['The ticker headline "Contact" is not on the page.']


def test_a_headline_given_twice(page: dict[str, Any]) -> None:
    page["headlines"].append(page["headlines"][0])
    assert compare(EXPECTED, page, BASE) == ['The ticker headline "Le pont ferme" is there twice.']


def test_a_cut_headline_is_both_missing_and_foreign(page: dict[str, Any]) -> None:
    page["headlines"][0]["text"] = "Le pont…"
    assert compare(EXPECTED, page, BASE) == [
        'The ticker headline "Le pont…" is not on the page.',
        'The ticker headline "Le pont ferme" is missing.',
    ]


def test_a_headline_of_the_wrong_kind(page: dict[str, Any]) -> None:
    page["headlines"][1]["kind"] = "related"
    assert compare(EXPECTED, page, BASE) == [
        'The ticker headline "Il neige" is missing.',
        'The related headline "Il neige" is not on the page.',
    ]


def test_headlines_out_of_order(page: dict[str, Any]) -> None:
    page["headlines"][:2] = page["headlines"][1::-1]
    assert compare(EXPECTED, page, BASE) == ['The ticker headlines from "Le pont ferme" on are out of order.']


@pytest.mark.parametrize("url", [None, BASE + "autre.html", "/pont.html"])
def test_a_wrong_link(page: dict[str, Any], url: str | None) -> None:
    page["headlines"][0]["url"] = url
    assert compare(EXPECTED, page, BASE) == [
        f'The ticker headline "Le pont ferme" links to {url} instead of {BASE}pont.html.'
    ]


def test_a_link_where_there_is_none(page: dict[str, Any]) -> None:
    page["headlines"][1]["url"] = BASE + "neige.html"
    assert compare(EXPECTED, page, BASE) == [
        f'The ticker headline "Il neige" links to {BASE}neige.html instead of None.'
    ]


def test_a_wrong_label(page: dict[str, Any]) -> None:
    page["headlines"][2]["label"] = None
    assert compare(EXPECTED, page, BASE) == [
        'The related list labelled "Lire aussi" is given out under nothing.',
    ]
