"""Galleries and their captions, whatever their markup and language; and what is no picture of the article."""

import pytest

from services.parser.body.captions import is_counter, is_credit_line
from services.parser.page import parse_page
from shared.parsed_page import Article

_TEXT = (
    "Vesilaitos kertoi tiistaina, että vanha pato rakennetaan keväällä uudelleen kahden vaikean talven jälkeen.",
    "Sukeltajat huomasivat, että portin alla olevat tammipaalut olivat lahonneet, ja insinööri pyysi lisää aikaa.",
    "Pohjoisrannan viljelijöille, jotka kantavat maitonsa lankkua pitkin, kerrottiin lautan kulkevan loppuun asti.",
)
_WHOLE = "".join(f"<p>{text}</p>" for text in _TEXT)
_CAPTIONS = ("Mylly iltavalossa.", "Haikara katselee sukeltajia venevajan katolta.")


def _article(body: str, head: str = "") -> Article:
    page = f"<html lang=fi><head><meta charset=utf-8><title>Pato uusiksi</title>{head}</head><body><main><article>"
    page += f"<h1>Pellamin pato rakennetaan uusiksi</h1>{body}</article></main></body></html>"
    article = parse_page(page.encode(), url="https://posti.example/uutiset/2025/11/pato.html").article
    assert article is not None
    return article


def _slides(form: str, count: str = "") -> str:
    numbered = enumerate(_CAPTIONS, 1)
    return "".join(form.format(n=n, caption=text, count=count.format(n)) for n, text in numbered)


@pytest.mark.parametrize(
    "gallery",
    [
        "<div class=gallery>{}</div>".format(
            _slides(
                "<figure><img src=/p{n}.jpg><figcaption><i>{count}</i> {caption} <b>Kuva: Aada Sulka</b></figcaption>"
                "</figure>",
                "{} / 2",
            )
        ),
        "<ul class=kuvagalleria>{}</ul>".format(
            _slides("<li><img src=/p{n}.jpg><span>{count}</span><p>{caption}</p><em>Kuva: Aada Sulka</em></li>", "{}/2")
        ),
        "<ol class=photos>{}</ol>".format(
            _slides(
                "<li><figure><img src=/blank.gif data-src=/p{n}.jpg><figcaption>{count} {caption} Kuva: Aada Sulka"
                "</figcaption></figure></li>",
                "Kuva {} / 2:",
            )
        ),
        "<section class=carousel><div>{}</div></section>".format(
            _slides(
                "<div class=slide><a href=/p{n}-suuri.jpg><img src=/p{n}.jpg></a><div>{count}</div><div>{caption}</div>"
                "<div class=copyright>Kuva: Aada Sulka</div></div>",
                "[{}/2]",
            )
        ),
    ],
)
@pytest.mark.parametrize("at_end", [True, False])
def test_the_slides_of_a_gallery_are_pictures_with_captions(gallery: str, *, at_end: bool) -> None:
    article = _article(_WHOLE + gallery if at_end else f"<p>{_TEXT[0]}</p>{gallery}<p>{_TEXT[1]}</p><p>{_TEXT[2]}</p>")
    assert [(image.url, image.caption, image.credit) for image in article.images] == [
        (f"https://posti.example/p{n}.jpg", caption, "Kuva: Aada Sulka") for n, caption in enumerate(_CAPTIONS, 1)
    ]
    assert article.text == "\n".join(_TEXT)


def test_cards_that_lead_to_other_stories_are_no_gallery() -> None:
    cards = "".join(
        f"<div class=card><img src=/k{n}.jpg><a href=/u/2025/11/juttu-{n}00{n}.html>Kuoro etsii tenorin {n}</a></div>"
        for n in range(3)
    )
    assert not _article(f"{_WHOLE}<div class=photos>{cards}</div>").images


def test_a_fraction_is_no_counter_unless_another_caption_counts_on() -> None:
    figure = "<figure><img src=/p{}.jpg><figcaption>{}/3 paaluista oli lahonnut.</figcaption></figure>"
    alone, both = _article(_WHOLE + figure.format(1, 2)), _article(_WHOLE + figure.format(1, 1) + figure.format(2, 2))
    assert [image.caption for image in alone.images] == ["2/3 paaluista oli lahonnut."]
    assert [image.caption for image in both.images] == ["paaluista oli lahonnut."] * 2


@pytest.mark.parametrize(
    "text",
    [
        "3 / 8",
        "Kuva 3/8",
        "Obrázek 3 z 8",
        "Εικόνα 3 από 8",
        "תמונה 3 מתוך 8",
        "٣ / ٧",
        "第3張／共8張",
        "8枚中3枚目",
        "[3/8]",
    ],
)
def test_counters(text: str) -> None:
    assert is_counter(text)


@pytest.mark.parametrize(
    "text", ["8:3", "24/7", "9 bis 17 Uhr", "3,5", "2025", "3/8 der Stimmen", "Sie siegten 3 zu 8 im Spiel"]
)
def test_what_is_no_counter(text: str) -> None:
    assert not is_counter(text)


@pytest.mark.parametrize(
    "text", ["Foto: Ada Quill", "צילום: עדה קוויל", "صورة: رويترز", "写真：共同", "© Ada Quill", "사진=연합뉴스"]
)
def test_credits(text: str) -> None:
    assert is_credit_line(text)


@pytest.mark.parametrize(
    "markup",
    [
        "<img src=/p.jpg srcset='https://kuvat.example/w_9,h_5/a.jpg 900w, /b.jpg 300w' width=300>",
        "<img class=lazy src=/placeholder.png><noscript><img src=https://kuvat.example/w_9,h_5/a.jpg></noscript>",
        "<figure><i></i><noscript><img src=https://kuvat.example/w_9,h_5/a.jpg></noscript><figcaption>Mylly.</figcaption></figure>",
    ],
)
def test_sources_of_pictures(markup: str) -> None:
    body = f"<p>{_TEXT[0]}</p>{markup}<p>{_TEXT[1]}</p><p>{_TEXT[2]}</p>"
    assert [image.url for image in _article(body).images] == ["https://kuvat.example/w_9,h_5/a.jpg"]


@pytest.mark.parametrize(
    "markup",
    [
        "<p><a href='https://sosiaalinen.example/sharer.php?u=x'><img src=/f.png></a></p>",
        "<p><a href='mailto:?body=x'><img src=/m.png></a></p>",
        "<figure><img src=https://laskuri.example/c.gif height=1></figure>",
        "<img src=https://laskuri.example/c style='display: none'>",
    ],
)
def test_buttons_and_counting_pixels_are_no_pictures(markup: str) -> None:
    assert not _article(f"<p>{_TEXT[0]}</p>{markup}<p>{_TEXT[1]}</p><p>{_TEXT[2]}</p>").images
