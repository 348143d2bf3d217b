"""Lines that a page says about itself: told from sentences that speak of the same things."""

import pytest

from services.parser.body.notices import (
    closes_text,
    is_caption,
    is_notice,
    names_authors,
    tells_of_author,
    tells_of_somebody,
)

AUTHORS = ["Ada Quill", "Jonas Fährmann"]


@pytest.mark.parametrize(
    "line",
    [
        "Photo: Ada Quill",
        "Bildquelle: Hafenamt",
        "Foto: Ada Quill / Harbour Press",
        "© Harbour Press",
        "Photo by Ada Quill on a free site",
        "The ferry in the storm on Monday (Foto: Quill)",
        "The old pier, seen from the island. Photo: Ada Quill/Getty",
        "Abbildung 4: Wellen am Pier",
        "Last updated March 3, 2025",
        "Dieser Beitrag wurde am 3. März 2025 veröffentlicht",
        "Written by Ada Quill",
        "You must be logged in to post a comment",
        "Table of contents",
        "Noticia relacionada",
        "{{banner-ferries}}",
        "ads-itb-3cb9615",
        "This post contains affiliate links, which cost you nothing.",
        "If you buy through our links, we may earn a small commission.",
        "Dieser Beitrag enthält Affiliate-Links.",
        "Follow us on Facebook and Instagram",
        "来源：石桥日报",
        "責任編輯：林小河",
        "資料圖片",
        "Джерело: Вісник долини",
        "You may also like: how the pier was built",
        "Passer la publicité",
        "Die Redaktion hat diese Meldung redaktionell nicht bearbeitet.",
    ],
)
def test_notices(line: str) -> None:
    assert is_notice(line)


@pytest.mark.parametrize(
    "line",
    [
        "Photographs of the storm show how high the waves were.",
        "The source of the leak: a valve that nobody had closed. The harbour office said so on Monday.",
        "Figure 1 shows how the wind turned.",
        "Travel agents like insurance, because they get a commission when you buy it.",
        "The captain shares his cabin. Contents were lost.",
        "The author of the report declined to comment.",
        "well-known-harbour-2018",
        "The company updated its prices (see the table) on Monday.",
        "Update on the storm",
    ],
)
def test_sentences_that_are_none(line: str) -> None:
    assert not is_notice(line)


def test_a_long_paragraph_that_ends_in_a_credit_is_no_caption_to_drop() -> None:
    assert not is_notice("The ferry lay in the harbour all day and nobody came. " * 6 + "(Photo: Quill)")
    assert is_caption("The ferry lay in the harbour all day. (Photo: Quill)")


@pytest.mark.parametrize(
    "line",
    [
        "Reporting by Ada Quill; Editing by Jonas Fährmann",
        "Jonas Fährmann in Hamburg contributed to this report.",
        "Mit Material von dpa",
        "Übersetzung: Ada Quill, Redaktion: Jonas Fährmann",
        "This article was originally published in the Harbour Gazette.",
        "Like this article? Subscribe to our blog.",
        "Get the best of the harbour in your inbox.",
        "Hat Ihnen dieser Artikel gefallen? Dann spenden Sie.",
        "This page is for informational purposes only.",
    ],
)
def test_lines_that_close_a_text(line: str) -> None:
    assert closes_text(line)


@pytest.mark.parametrize(
    "line",
    [
        "The storm contributed to the delays, the harbour office said.",
        "Reporting on storms is dangerous.",
        "Hat der Hafen genug Schlepper? Das fragt sich die Stadt.",
    ],
)
def test_last_sentences_that_stay(line: str) -> None:
    assert not closes_text(line)


def test_somebody_who_is_introduced_by_profession() -> None:
    assert tells_of_somebody("Ada Quill is adjunct professor of hydrology in Hamburg.")
    assert not tells_of_somebody("Ada Quill is late.")
    assert not tells_of_somebody("Why is the director of the harbour silent?")


def test_an_authors_life() -> None:
    assert tells_of_author("Ada Quill is a reporter in Hamburg.", AUTHORS)
    assert tells_of_author("Jonas Fährmann, Reporter, schreibt über Häfen.", AUTHORS)
    assert tells_of_author("Ada Quill", AUTHORS)
    assert not tells_of_author("Ada Quill's ferry has sunk.", AUTHORS)
    assert not tells_of_author("Berta Lotse is a pilot.", AUTHORS)


def test_a_line_of_authors_names() -> None:
    assert names_authors("JONAS FÄHRMANN", AUTHORS)
    assert names_authors("Ada Quill / Jonas Fährmann", AUTHORS)
    assert names_authors("Ada Quill und Jonas Fährmann", AUTHORS)
    assert not names_authors("Ada Quill und Berta Lotse", AUTHORS)
    assert not names_authors("Ada Quill", [])


@pytest.mark.parametrize(
    "line",
    [
        "To contact the editor responsible for this story: Ada Quill at ada@beacon.example",
        "免责声明：本文仅代表作者本人观点，与本网无关。",
        "本報內容非經允許，不得轉載。",
        "凡注明来源为“石桥日报”的文字，版权均属本报。",
        "記事・写真の無断転載を禁じます。",
        "저작권자 ⓒ 돌다리신문, 무단전재 및 재배포 금지",
        "© 2024 Dolina. Wszelkie prawa zastrzeżone.",
        "Vadi Postası, tüm hakları saklıdır.",
    ],
)
def test_rights_reserved_close_a_text(line: str) -> None:
    assert closes_text(line)


@pytest.mark.parametrize(
    "line",
    [
        "公司发表声明，否认了这一说法。",
        "编辑部星期一搬进了新楼。",
        "신문사는 무단으로 사진을 쓴 사람을 찾고 있다.",
        "The rights of the fishermen were reserved for another meeting.",
    ],
)
def test_sentences_that_speak_of_rights_are_text(line: str) -> None:
    assert not closes_text(line)
    assert not is_notice(line)
