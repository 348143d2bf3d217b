"""JSON-LD as publishers write it: nested, in graphs, broken."""

import json

import pytest

from services.parser.fields.json_ld import article_node, author_names, publisher_name, read_nodes, text_value

ARTICLE = {
    "@type": "NewsArticle",
    "headline": "The harbour grows",
    "datePublished": "2024-05-03",
    "author": {"@type": "Person", "name": "Anne Larkin"},
    "publisher": {"@type": "Organization", "name": "The Beacon"},
}


def headline_of(script: str, url: str | None = None) -> object:
    return article_node(read_nodes([script]), url).get("headline")


@pytest.mark.parametrize(
    "script",
    [
        json.dumps(ARTICLE),
        json.dumps([{"@type": "BreadcrumbList"}, ARTICLE]),
        json.dumps({"@graph": [{"@type": "WebSite", "name": "The Beacon"}, ARTICLE]}),
        json.dumps({"@type": "WebPage", "mainEntity": ARTICLE}),
        json.dumps({**ARTICLE, "@type": ["Thing", "https://schema.org/NewsArticle"]}),
        f"<!-- {json.dumps(ARTICLE)} -->",
        f"//<![CDATA[\n{json.dumps(ARTICLE)}\n//]]>",
        json.dumps(ARTICLE)[:-1] + ",}",
        json.dumps(ARTICLE) + ";",
        json.dumps(ARTICLE) + json.dumps(ARTICLE),
        json.dumps({**ARTICLE, "description": "two\nlines"}).replace("\\n", "\n"),
        json.dumps({**ARTICLE, "description": "XX"}).replace("XX", 'an "unescaped" quote'),
    ],
    ids=[
        "plain",
        "list",
        "graph",
        "nested",
        "types",
        "comment",
        "cdata",
        "comma",
        "semicolon",
        "twice",
        "breaks",
        "quote",
    ],
)
def test_the_article_is_found(script: str) -> None:
    assert headline_of(script) == "The harbour grows"


@pytest.mark.parametrize("script", ["", "null", "[]", "{", "not json", "[" * 100_000, '{"a":' * 100_000, "[[[]]]"])
def test_junk_has_no_article(script: str) -> None:
    assert article_node(read_nodes([script]), None) == {}


def test_the_pages_own_article_among_others() -> None:
    other = {**ARTICLE, "headline": "Another story", "url": "https://beacon.example/other"}
    own = {**ARTICLE, "mainEntityOfPage": {"@id": "https://www.beacon.example/harbour/"}}
    assert headline_of(json.dumps([other, own]), "https://beacon.example/harbour?x=1") == "The harbour grows"


def test_stories_of_a_list_are_not_the_article() -> None:
    rail = {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": ARTICLE}]}
    assert headline_of(json.dumps(rail)) is None


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("Anne Larkin", ["Anne Larkin"]),
        ({"name": "Anne Larkin"}, ["Anne Larkin"]),
        ([{"name": "Anne Larkin"}, {"name": "Jo Davis"}], ["Anne Larkin", "Jo Davis"]),
        ({"name": ["Anne Larkin", "Jo Davis"]}, ["Anne Larkin", "Jo Davis"]),
        ({"givenName": "Anne", "familyName": "Larkin"}, ["Anne Larkin"]),
        (
            [{"@type": "Organization", "name": "The Beacon"}, {"@type": "Person", "name": "Anne Larkin"}],
            ["Anne Larkin"],
        ),
        ({"@type": "NewsMediaOrganization", "name": "The Beacon"}, ["The Beacon"]),
        ({"@id": "#anne"}, ["Anne Larkin"]),
        ([[{"name": "Anne Larkin"}]], ["Anne Larkin"]),
        (None, []),
        (7, []),
        ({"name": None}, []),
    ],
)
def test_authors(author: object, expected: list[str]) -> None:
    people = [{"@id": "#anne", "@type": "Person", "name": "Anne Larkin"}]
    assert author_names({"author": author}, people) == expected


def test_publisher() -> None:
    assert publisher_name(ARTICLE, []) == "The Beacon"
    assert publisher_name({"publisher": {"@id": "#p"}}, [{"@id": "#p", "name": "The Beacon"}]) == "The Beacon"
    assert publisher_name({"publisher": "https://beacon.example"}, []) is None
    assert publisher_name({"publisher": [{"name": "The Beacon"}]}, []) == "The Beacon"
    assert publisher_name({"publisher": 3}, []) is None


def test_values_in_any_wrapping() -> None:
    assert text_value([{"@value": " x "}]) == "x"
    assert text_value({"name": {"name": {"name": {"name": {"name": "deep"}}}}}) is None
    assert text_value([]) is None
    assert text_value(20240503) == "20240503"
