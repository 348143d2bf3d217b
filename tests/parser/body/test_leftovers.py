"""Lines that a page says of itself amid the text, in many languages; info boxes; raised and lowered numbers."""

import pytest

from services.parser.body.labels import (
    invites_to_follow,
    invites_to_letter,
    is_ad_line,
    is_machine_text,
    is_share_line,
    is_sign_up_line,
)
from services.parser.page import parse_page

_TEXT = (
    "Vodní správa oznámila v úterý, že starý jez bude na jaře přestavěn po dvou zimách, kdy mlýn stál pod vodou.",
    "Potápěči zjistili, že dubové kůly pod stavidlem shnily, a inženýr požádal o další měsíc na plán základů.",
    "Sedlákům ze severního břehu, kteří nosí mléko po lávce, bylo řečeno, že přívoz bude jezdit až do konce prací.",
)


def _text(body: str) -> str:
    page = f"<html lang=cs><head><meta charset=utf-8><title>Jez</title></head><body><article><h1>Starý jez</h1>{body}"
    article = parse_page(
        f"{page}</article></body></html>".encode(), url="https://posta.example/2025/11/jez.html"
    ).article
    assert article is not None
    return article.text


@pytest.mark.parametrize(
    "text",
    [
        "Jaa artikkeli",
        "Sdílet",
        "Поширити в Telegram",
        "Μοιραστείτε",
        "به اشتراک بگذارید",
        "Chia sẻ: Facebook Zalo",
        "LINEで送る",
    ],
)
def test_share_lines(text: str) -> None:
    assert is_share_line(text)


@pytest.mark.parametrize(
    "text",
    [
        "Urmărește-ne și pe Google News și Telegram.",
        "Последвайте ни във Facebook",
        "Bizi Google Haberler'den takip edin: bizi takip et",
        "हमें फॉलो करें: फेसबुक, टेलीग्राम",
        "แฟนข่าวติดตามเราได้ที่ LINE",
    ],
)
def test_lines_that_invite_to_follow(text: str) -> None:
    assert invites_to_follow(text)


@pytest.mark.parametrize(
    "text", ["“Follow us on Telegram”, the rebels wrote.", "Facebook says that it will follow users less closely."]
)
def test_sentences_about_networks_invite_nobody(text: str) -> None:
    assert not invites_to_follow(text)


@pytest.mark.parametrize("text", ["Teilen ist das neue Haben", "Share prices fell on Monday", "Partager le pouvoir"])
def test_sentences_that_begin_alike_are_no_share_lines(text: str) -> None:
    assert not is_share_line(text)


@pytest.mark.parametrize(
    "text", ["Pokračování článku po reklamě", "Juttu jatkuu mainoksen jälkeen", "Реклама", "פרסומת", "โฆษณา"]
)
def test_ad_lines(text: str) -> None:
    assert is_ad_line(text)


@pytest.mark.parametrize(
    "text",
    [
        "Tilaa uutiskirje, niin saat uutiset joka aamu.",
        "Iratkozz fel hírlevelünkre!",
        "Підпишіться на нашу розсилку",
        "Đăng ký nhận bản tin của chúng tôi",
        "عضو شوید و خبرنامه ما را دریافت کنید",
    ],
)
def test_invitations_to_newsletters(text: str) -> None:
    assert invites_to_letter(text)


def test_a_sentence_about_a_newsletter_is_no_invitation() -> None:
    assert not invites_to_letter("The mayor's newsletter, which few people read, announced the end of the weir.")


@pytest.mark.parametrize(
    "text",
    [
        "Odesláním souhlasíte s podmínkami.",
        "Prijavom prihvaćate uvjete korištenja.",
        "Tellides nõustute meie tingimustega.",
        "با عضویت در خبرنامه، شرایط را می‌پذیرید.",
    ],
)
def test_terms_of_signing_up(text: str) -> None:
    assert is_sign_up_line(text)


@pytest.mark.parametrize(
    "text",
    ['{"@type":"VideoObject","name":"Jez"}', '[{"id":"a1","size":[1,2]}]', 'window.x = 1; dataLayer.push({"id":17});'],
)
def test_scripts_and_their_data(text: str) -> None:
    assert is_machine_text(text)
    assert _text(f"<p>{_TEXT[0]}</p><p>{text}</p><p>{_TEXT[1]}</p><p>{_TEXT[2]}</p>") == "\n".join(_TEXT)


def test_brackets_alone_do_not_make_a_script() -> None:
    assert not is_machine_text("[Der Text wurde (am Montag) ergänzt.]")


@pytest.mark.parametrize(
    "box",
    [
        "<div class=infobox><h3>Jak stavějí jinde</h3><h4>Harn</h4><p>{}</p><h4>Mosel</h4><p>{}</p></div>",
        "<div class=box><h3>Jak stavějí jinde</h3><dl><dt>Harn</dt><dd>{}</dd><dt>Mosel</dt><dd>{}</dd></dl></div>",
        "<section><p><b>Jak stavějí jinde</b></p><p>{}</p><p>{}</p></section>",
        "<aside class=fakta><h2>Jak stavějí jinde</h2><p>{}</p><p>{}</p></aside>",
    ],
)
def test_an_info_box_is_in_the_text_whole_or_not_at_all(box: str) -> None:
    lines = (
        "V Harnu stojí od roku 1990 jez z betonu.",
        "V Moselu byl jez stržen, a od té doby táhnou lososi zase nahoru.",
    )
    text = _text(f"<p>{_TEXT[0]}</p><p>{_TEXT[1]}</p>{box.format(*lines)}<p>{_TEXT[2]}</p>")
    assert len({part in text for part in ("Jak stavějí jinde", *lines)}) == 1
    assert all(line in text for line in _TEXT)


def test_numbers_are_raised_and_lowered_and_footnotes_are_left_out() -> None:
    first = (
        "Na 10 m<sup>2</sup> vzniká CO<sub>2</sub><a href='#note-1'><sup>1</sup></a>, podle úřadu<sup>(2)</sup> málo. "
    )
    assert _text(f"<p>{first}{_TEXT[0]}</p><p>{_TEXT[1]}</p>").startswith("Na 10 m² vzniká CO₂, podle úřadu málo.")
