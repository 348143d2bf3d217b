"""What labels and class names are taken to announce, in many languages."""

import tomllib
from importlib.resources import files

import pytest

from services.parser.language.folding import fold
from services.parser.lists.words import kind_of_hint, kind_of_label, leads_to_more


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Les + lus", "most_read"),
        ("LES PLUS LUS", "most_read"),
        ("L’info en continu", "latest"),
        ("Lo más leído de Deportes", "most_read"),
        ("Últimas Notícias", "latest"),
        ("أخر الأخبار", "latest"),
        ("اخر اﻷخبار", "latest"),
        ("الأكثر قراءة", "most_read"),
        ("عاجل", "breaking"),
        ("Meistgelesen", "most_read"),
        ("Das könnte Sie auch interessieren", "related"),
        ("Leggi anche", "related"),
        ("Самое читаемое", "most_read"),
        ("Net binnen", "latest"),
        ("Çok Okunanlar", "most_read"),
        ("速報・新着", "latest"),
        ("Trending on the Courier", "trending"),
        ("Anzeige", "notice"),
        ("Stellenmarkt der Region", "unwanted"),
        ("Horoszkóp", "unwanted"),
        ("Guías de compra", "unwanted"),
        ("Новости партнёров", "unwanted"),
        ("Jocuri", "service"),
        ("Olimpijske igre", None),
        ("Politique", None),
        ("Le maire promet que les travaux les plus lus seront finis avant la fin de cette année", None),
    ],
)
def test_labels(label: str, kind: str | None) -> None:
    assert kind_of_label(label) == kind


@pytest.mark.parametrize(
    ("hint", "kind"),
    [
        ("newsticker", "ticker"),
        ("td_block_trending_now", "ticker"),
        ("simple-marquee-container", "ticker"),
        ("widget latest-news breaking-bar", "ticker"),
        ("theme-sticker", None),
        ("liveticker", None),
        ("widget_recent_entries", "latest"),
        ("c-most-viewed", "most_read"),
        ("wpp-list", "most_read"),
        ("list-widget-trending", "trending"),
        ("related-posts", "related"),
        ("content col-8", None),
    ],
)
def test_class_names(hint: str, kind: str | None) -> None:
    assert kind_of_hint(hint) == kind


def test_folding_makes_spellings_meet() -> None:
    assert fold("L'ÉTÉ") == fold("l'ete")
    assert fold("أخـــبار") == fold("اخبار")
    assert fold("ılık") == fold("ilik")


def test_links_to_the_rest_of_a_list() -> None:
    assert leads_to_more("Voir tous les articles")
    assert leads_to_more("المزيد")
    assert leads_to_more("Tümünü gör")
    assert leads_to_more("Continue to Business Leaders")
    assert leads_to_more("Vezi toate știrile")
    assert leads_to_more("Xem tất cả tin")
    assert leads_to_more("もっと見る")
    assert not leads_to_more("Más de cien heridos en el puerto")
    assert not leads_to_more("Daha fazla zam geliyor")
    assert not leads_to_more("Voir la mer avant l'hiver")
    assert not leads_to_more("See the first snow of the year")


def test_the_words_are_sorted_and_said_once() -> None:
    data = tomllib.loads(files("services.parser.lists").joinpath("words.toml").read_text("utf-8"))
    for kind, languages in data["labels"].items():
        assert list(languages) == sorted(languages), kind
        for language, phrases in languages.items():
            assert phrases == sorted(set(phrases)), (kind, language)
    for language, phrases in data["more"].items():
        assert phrases == sorted(set(phrases)), language
