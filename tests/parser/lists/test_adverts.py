"""A box with one story that is called a service or an advertisement gives no headline; a story's own box does."""

import pytest

from services.parser.lists.class_zones import is_of_others
from tests.parser.lists.headline_pages import FRONT, items, read, texts

OFFER = '<a href="/conto/metade-do-preco-por-um-ano_4820199.html"><h3>Metade do preço durante um ano inteiro</h3></a>'


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("services", "Courrier Memória"),
        ("bloco", "Palavras cruzadas"),
        ("bloco", "Conteúdo patrocinado"),
        ("bloco", "Nos services"),
        ("ad-box", "Um ano de leitura"),
    ],
)
def test_a_box_of_others_gives_no_headline(name: str, heading: str) -> None:
    others = f'<section class="{name}"><h2>{heading}</h2><div>{OFFER}</div></section>' * 2
    found = read(f"<main><ul>{items()}</ul>{others}</main>", FRONT).headlines
    assert len(found) == 4
    assert "Metade do preço durante um ano inteiro" not in texts(found)


@pytest.mark.parametrize("heading", ["Cultura", "Lá fora", ""])
def test_a_story_in_a_box_of_its_own_is_one(heading: str) -> None:
    story = OFFER.replace("/conto/", "/cultura/")
    found = read(f"<main><ul>{items()}</ul><section class='bloco'><h2>{heading}</h2>{story}</section></main>", FRONT)
    assert "Metade do preço durante um ano inteiro" in texts(found.headlines)


def test_which_names_say_so() -> None:
    assert all(map(is_of_others, ("services", "col services", "ad-box", "classifieds", "ads")))
    assert not any(map(is_of_others, ("", "box", "has-ad", "customer-services-news", "adventure", "col-4")))


STRANGE = '<div class="oferta"><a href="https://moveis.example/promo/1"{rel}>{text}</a></div>'
SOFAS = "Sofás pela metade do preço só até domingo à noite"


@pytest.mark.parametrize("rel", ["", ' rel="sponsored"', ' rel="nofollow sponsored"'])
def test_a_link_to_another_site_unlike_the_stories_around_it_is_none(rel: str) -> None:
    rows = "".join(
        f"<div class='linha'><a href='/cidade/porto-{at}-48213{at}'>O porto número {at} reabre hoje</a></div>"
        for at in range(5)
    )
    found = read(f"<main>{rows}{STRANGE.format(rel=rel, text=SOFAS)}{rows}</main>", FRONT).headlines
    assert SOFAS not in texts(found)
    assert len(set(texts(found))) == 5


def test_a_sister_paper_s_story_among_the_stories_is_one_unless_it_is_paid_for() -> None:
    own = "".join(
        f"<li><a href='/cidade/porto-{at}-48213{at}'>O porto número {at} reabre hoje</a></li>" for at in range(4)
    )
    other = (
        "<li><a href='https://irmao.example/cidade/ponte-fecha-77120'{rel}>A ponte velha fecha por dez noites</a></li>"
    )
    assert len(texts(read(f"<ul>{own}{other.format(rel='')}</ul>", FRONT).headlines)) == 5
    assert len(texts(read(f"<ul>{own}{other.format(rel=' rel=sponsored')}</ul>", FRONT).headlines)) == 4
