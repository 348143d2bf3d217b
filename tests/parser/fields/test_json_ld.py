"""JSON-LD as publishers write it: nested, in graphs, broken."""

import json

import pytest

from services.parser.fields.claims import Claim, first_value, values_of
from services.parser.fields.json_ld import ArticleNode, JsonLd, LiveEntry, read_json_ld
from services.parser.fields.json_ld_nodes import text_value

ARTICLE = {
    "@type": "NewsArticle",
    "headline": "The harbour grows",
    "datePublished": "2024-05-03",
    "author": {"@type": "Person", "name": "Anne Larkin"},
    "publisher": {"@type": "Organization", "name": "The Beacon"},
}


def headline_of(script: str, url: str | None = None) -> object:
    return first_value(read_json_ld([script], url).own.headlines)


def own_article(node: object, *others: object) -> ArticleNode:
    return read_json_ld([json.dumps([node, *others])], None).own


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
    assert read_json_ld([script], None).own == ArticleNode()


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
    person = {"@id": "#anne", "@type": "Person", "name": "Anne Larkin"}
    assert values_of(own_article({"@type": "NewsArticle", "author": author}, person).authors) == expected


def test_publisher() -> None:
    def publisher(value: object, *others: object) -> str | None:
        return first_value(own_article({"@type": "NewsArticle", "publisher": value}, *others).publishers)

    assert publisher(ARTICLE["publisher"]) == "The Beacon"
    assert publisher({"@id": "#p"}, {"@id": "#p", "name": "The Beacon"}) == "The Beacon"
    assert publisher("https://beacon.example") is None
    assert publisher([{"name": "The Beacon"}]) == "The Beacon"
    assert publisher(3) is None


def test_each_claim_has_the_key_that_it_came_from_and_those_passed_over_follow() -> None:
    own = own_article({**ARTICLE, "name": "Harbour", "creator": "The desk", "sourceOrganization": "The Agency"})
    assert own.headlines == [Claim(key="headline", value="The harbour grows"), Claim(key="name", value="Harbour")]
    assert own.authors == [Claim(key="author", value="Anne Larkin")]
    assert [claim.key for claim in own.publishers] == ["publisher", "sourceOrganization"]
    assert own_article({"@type": "VideoObject", "uploadDate": "2024-05-03"}).published == [
        Claim(key="uploadDate", value="2024-05-03")
    ]


def test_all_articles_are_read_and_pages_only_where_there_are_none() -> None:
    page = {"@type": "WebPage", "name": "Harbour", "url": "https://beacon.example/other"}
    other = {"@type": "NewsArticle", "headline": "Another story"}
    found = read_json_ld([json.dumps([page, other, ARTICLE])], "https://beacon.example/other")
    assert [first_value(node.headlines) for node in found.articles] == ["Another story", "The harbour grows"]
    assert (found.own, found.types) == (found.articles[1], ["WebPage", "NewsArticle", "NewsArticle"])
    assert read_json_ld([json.dumps(page)], None).own.addresses == [Claim(key="url", value=page["url"])]
    assert read_json_ld([], None) == JsonLd()


def test_the_body_and_the_entries_of_a_live_blog() -> None:
    entries = [{"headline": "Noon", "articleBody": "Text.", "datePublished": "2024-05-03T12:00Z"}, "junk", {}]
    own = own_article({"@type": "LiveBlogPosting", "articleBody": "All of it.", "liveBlogUpdate": entries})
    assert values_of(own.bodies) == ["All of it."]
    assert own.live_entries == [
        LiveEntry(headline="Noon", body="Text.", published="2024-05-03T12:00Z"),
        LiveEntry(headline=None, body=None, published=None),
    ]


def test_values_in_any_wrapping() -> None:
    assert text_value([{"@value": " x "}]) == "x"
    assert text_value({"name": {"name": {"name": {"name": {"name": "deep"}}}}}) is None
    assert text_value([]) is None
    assert text_value(20240503) == "20240503"


def _story(headline: str, author: str, **more: object) -> dict[str, object]:
    return {"@type": "NewsArticle", "headline": headline, "author": {"@type": "Person", "name": author}, **more}


def _author_of(scripts: list[str], url: str | None = None, titles: tuple[str, ...] = ()) -> str | None:
    return first_value(read_json_ld(scripts, url, titles).own.authors)


def test_of_several_stories_the_one_with_the_page_s_title_is_its_own() -> None:
    stories = [_story("Trikk stengt i helgen", "Odd Moe"), _story("Gamle kinoen blir kj&oslash;pt", "Siv Lie")]
    title = "Gamle kinoen blir kjøpt | Fjordbladet"
    assert _author_of([json.dumps(stories)], titles=(title,)) == "Siv Lie"
    assert _author_of([*map(json.dumps, stories)], titles=(title,)) == "Siv Lie"


def test_a_story_of_a_rail_is_not_the_page_s() -> None:
    url = "https://fjordbladet.example/kino"
    rail = json.dumps(_story("旧灯台の灯が消えた", "Odd Moe", url="https://fjordbladet.example/fyr"))
    assert _author_of([rail], url, ("Gamle kinoen blir kjøpt",)) is None
    assert _author_of([rail], url, ("旧灯台の灯が五年ぶりに消えた",)) == "Odd Moe"
    assert _author_of([rail], "https://fjordbladet.example/fyr", ("Gamle kinoen blir kjøpt",)) == "Odd Moe"


@pytest.mark.parametrize(
    "script",
    [
        '/*<![CDATA[*/{"@type":"NewsArticle","author":"Siv Lie"}/*]]>*/',
        '//<![CDATA[\n[{"@type":"NewsArticle","author":"Siv Lie"}]\n//]]>',
        '<!--\n{"@type":"NewsArticle","author":"Siv Lie",}\n//-->',
        '{"@type":"WebSite","name":"Fjordbladet"}\n{"@type":"NewsArticle","author":"Siv Lie"}',
        '{"@type":"WebSite","name":"Fjordbladet"},{"@type":"NewsArticle","author":"Siv Lie"};',
        '{"@type":"NewsArticle","description":"Hun sa "ja", og "nei" etterpå","author":"Siv Lie"}',
        '{"@type":"NewsArticle","description":""Ja", sa hun: "nå"","author":["Siv Lie","Odd Moe"]}',
        "{&quot;@type&quot;:&quot;NewsArticle&quot;,&quot;author&quot;:&quot;Siv Lie&quot;}",
        '{"@type":"NewsArticle","headline":"Kino","author":{"@type":"Person","name":"Siv Lie"},"image":{"url":',
    ],
)
def test_scripts_that_are_not_quite_json(script: str) -> None:
    assert _author_of([script]) == "Siv Lie"


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ([[{"name": "Siv Lie"}, {"name": "Arne Dahl"}]], ["Siv Lie", "Arne Dahl"]),
        ({"@type": "Role", "author": {"name": "Siv Lie"}, "roleName": "reporter"}, ["Siv Lie"]),
        ("#siv", ["Siv Lie"]),
        ({"@id": "#siv"}, ["Siv Lie"]),
        ("#nobody", []),
        ({"name": ["Siv Lie", "Arne Dahl"]}, ["Siv Lie", "Arne Dahl"]),
    ],
)
def test_authors_in_lists_in_roles_and_by_reference(author: object, names: list[str]) -> None:
    own = own_article({**ARTICLE, "author": author}, {"@type": "Person", "@id": "#siv", "name": "Siv Lie"})
    assert values_of(own.authors) == names


def test_creators_that_name_the_author_and_more_are_the_authors() -> None:
    node = {**ARTICLE, "creator": ["Anne Larkin", "Jo Davis"]}
    assert values_of(own_article(node).authors) == ["Anne Larkin", "Jo Davis"]
    assert values_of(own_article({**ARTICLE, "creator": ["The Beacon"]}).authors) == ["Anne Larkin"]
