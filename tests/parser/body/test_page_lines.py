"""Lines that a page says around its article, and the same words in sentences of an article."""

import pytest

from services.parser.body.boilerplate import is_head_line, is_tail_heading, is_unwanted_line
from services.parser.body.notices import closes_text, is_caption
from services.parser.page import parse_page


@pytest.mark.parametrize(
    "line",
    [
        "Preberite še: Nova luka odpira v nedeljo",
        "Ilgili Haberler",
        "Pročitajte još:",
        "관련기사",
        "Etiketler: liman, müze, tekne",
        "Мітки: порт, музей",
        "Переглядів: 318",
        "조회수: 1204",
        "Stampa",
        "Роздрукувати",
        "【字號 大 中 小】 【列印】",
    ],
)
def test_lines_about_the_page(line: str) -> None:
    assert is_unwanted_line(line)


@pytest.mark.parametrize(
    "line",
    [
        "Views: they are what the tower is known for, and the reason why people climb it.",
        "The related stories that the islanders tell are older than the harbour.",
        "La stampa locale ne parla da settimane.",
        "Порт: что будет дальше",
        "人气：这座小城近年来吸引了许多游客。",
    ],
)
def test_sentences_with_the_same_words(line: str) -> None:
    assert not is_unwanted_line(line)


@pytest.mark.parametrize(
    "line",
    [
        "Главная / Общество",
        "Početna > Vijesti > Luka",
        "首頁 >> 社會",
        "2024-05-03 14:05 來源：石橋日報 記者：林海",
        "Yayınlanma: 03.05.2024 14:05",
        "http://www.harbour.example 2024-05-03 14:05",
    ],
)
def test_lines_between_headline_and_text(line: str) -> None:
    assert is_head_line(line)


@pytest.mark.parametrize(
    "line",
    [
        "The ferry left on 03.05.2024 at 14:05, and nobody has seen it since then in any harbour of the coast",
        "«Порт» и «Музей» — две новые станции",
        "Он пришёл 03.05.2024 в 14:05.",
    ],
)
def test_first_lines_of_a_text(line: str) -> None:
    assert not is_head_line(line)


@pytest.mark.parametrize("line", ["Схожі новини", "延伸閱讀", "Коментари"])
def test_headings_of_what_follows(line: str) -> None:
    assert is_tail_heading(line)


@pytest.mark.parametrize("line", ["港口博物館開幕（資料圖片）", "漁民在碼頭修網 (林海攝)", "Nowy port (fot. Jan Rejs)"])
def test_ends_of_captions(line: str) -> None:
    assert is_caption(line)


@pytest.mark.parametrize("line", ["他在碼頭拍攝", "照片是他父親留下的。", "漁民說，海上的照片他都留著。"])
def test_sentences_about_pictures(line: str) -> None:
    assert not is_caption(line)


@pytest.mark.parametrize(
    "line",
    [
        "Помітили помилку? Виділіть її та натисніть Ctrl+Enter.",
        "This entry was posted on Friday. You can follow any responses to it through the feed.",
        "本報內容轉載請註明出處。",
    ],
)
def test_lines_below_a_text(line: str) -> None:
    assert closes_text(line)


SENTENCE = "Мешканці містечка чотири роки перебудовували старий порт на музей і відкрили його двері в суботу."
PAGE = """<html><head><title>Старий порт став музеєм</title></head><body><h1>Старий порт став музеєм</h1>
<div class="text"><p>{0}</p><p>{0} {0}</p><p>{0} Про це сказав голова громади.</p>{1}</div></body></html>"""


def _text(behind: str) -> str:
    page = parse_page(PAGE.format(SENTENCE, behind).encode(), url="https://harbour.example/story")
    assert page.article is not None
    return page.article.text


def test_links_below_a_heading_of_pointers_are_left_out() -> None:
    text = _text(
        '<p>Читайте також:<br><br><b><a href="/a">Нова лінія порома</a></b></p><p>Квитки продають від неділі.</p>'
    )
    assert "пором" not in text
    assert "Читайте" not in text


def test_a_calendar_is_left_out_and_a_ranking_is_not() -> None:
    weeks = [range(1, 8), range(8, 15), range(15, 22), range(22, 29)]
    calendar = "".join("<tr>" + "".join(f"<td>{day}</td>" for day in week) + "</tr>" for week in weeks)
    ranking = "".join(f"<tr><td>{n}</td><td>Порт {n}</td><td>{n * 37} суден</td></tr>" for n in range(1, 31))
    close = "<p>Квитки до музею продають від неділі біля старої каси на пристані.</p>"
    assert "15" not in _text(f"<table>{calendar}</table>{close}")
    assert "Порт 15" in _text(f"<table><tr><th>№</th><th>Порт</th><th>Суден</th></tr>{ranking}</table>{close}")


def test_a_text_in_one_block_outweighs_the_comments_below() -> None:
    told = "<br><br>".join([SENTENCE] * 12)
    answers = "".join(f'<div class="zz{n}"><p>{SENTENCE[n:]} Так!</p></div>' for n in range(6))
    page = parse_page(
        f"<title>Старий порт</title><h1>Старий порт став музеєм</h1><div class='t'>{told}</div>"
        f"<h3>Думки</h3>{answers}</body></html>".encode(),
        url="https://harbour.example/story",
    )
    assert page.article is not None
    assert page.article.text.count("Мешканці") >= 12


def test_a_text_in_a_link_that_was_never_closed_is_read() -> None:
    page = parse_page(
        "<html><head><title>Старий порт став музеєм</title></head><body><h1>Старий порт став музеєм</h1>"
        f"<a href='#top'><div class='story'>{'<br><br>'.join([SENTENCE] * 9)}</div></body></html>".encode(),
        url="https://harbour.example/story",
    )
    assert page.article is not None
    assert page.article.text.count("Мешканці") == 9
