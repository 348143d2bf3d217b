"""What meta elements say, field by field."""

from services.parser.fields.claims import Claim, values_of
from services.parser.fields.meta_elements import MetaElements, read_meta_elements
from services.parser.outline.outline import outline_of


def read(html: str) -> MetaElements:
    return read_meta_elements(outline_of(html).metas)


def test_more_trusted_names_come_first_and_equals_in_the_order_of_the_page() -> None:
    found = read(
        """<meta name="dc.title" content="Third"><meta name="twitter:title" content="Second">
        <meta property="og:title" content=" First "><meta property="OG:title" content="First, again">"""
    )
    assert values_of(found.titles) == ["First", "First, again", "Second", "Third"]
    assert found.titles[-1] == Claim(key="dc.title", value="Third")


def test_names_stand_in_several_attributes_and_unknown_ones_are_passed_over() -> None:
    found = read(
        """<meta itemprop="datePublished" content="2024-05-03"><meta http-equiv="Content-Language" content="fr">
        <meta property="og:type" name="author" value="article"><meta name="viewport" content="x"><meta name="author">"""
    )
    assert found == MetaElements(
        published=[Claim(key="datepublished", value="2024-05-03")],
        languages=[Claim(key="content-language", value="fr")],
        types=[Claim(key="og:type", value="article")],
    )


def test_an_author_on_a_twitter_card_comes_after_the_others() -> None:
    card = '<meta name="twitter:label{0}" content="{1}"><meta name="twitter:data{0}" content="Anne Larkin">'
    written = card.format(2, "Written by")
    assert read(card.format(1, "Reading time") + written + '<meta name="author" content="Desk">').authors == [
        Claim(key="author", value="Desk"),
        Claim(key="twitter:data2", value="Anne Larkin"),
    ]
    assert read(card.format(1, "Reading time")) == MetaElements()
