"""Which addresses are believed to be the page's own, and why the others are not."""

import pytest

from services.parser.fields.canonical import (
    FRONT,
    NO_ADDRESS,
    OTHER_LANGUAGE,
    OTHER_SITE,
    OTHER_STORY,
    PLACEHOLDER,
    SECTION,
    UNREACHABLE,
)
from services.parser.fields.metadata import Metadata, read_metadata
from services.parser.outline.outline import outline_of

SITE = "https://www.beacon.example"


def read(url: str, head: str, *, title: str = "", language: str = "") -> Metadata:
    html = f"<html lang='{language}'><head><title>{title}</title>{head}</head><body><p>x</p></body></html>"
    return read_metadata(outline_of(html.encode()), url)


def link(address: str) -> str:
    return f'<link rel="canonical" href="{address}">'


def whole(address: str) -> str:
    return SITE + address if address.startswith("/") else address


SAME_PAGE = [
    # twins and copies
    ("/2025/05/08/le-port-s-agrandit.html?utm_source=x", "/2025/05/08/le-port-s-agrandit.html"),
    ("/2025/05/08/le-port-s-agrandit/amp/", "/2025/05/08/le-port-s-agrandit/"),
    ("/amp/politik/hafen-waechst-12345.html", "/politik/hafen-waechst-12345.html"),
    ("/drucken/hafen.html", "/hafen.html"),
    ("/print/123456", "/wirtschaft/hafen-waechst-123456"),
    ("/imprimir/el-puerto-crece-hoy", "/economia/el-puerto-crece-hoy"),
    ("https://m.beacon.example/artikel/4711", "https://www.beacon.example/artikel/4711"),
    ("http://beacon.example/lamp-stays-alight", "https://www.beacon.example/lamp-stays-alight/"),
    ("/story.php?id=77&from=rss", "/story.php?id=77"),
    ("/story.php?PHPSESSID=1f3870be274f6c49b3e31a0c6728957f&id=77", "/story.php?id=77"),
    ("/lamp-stays-alight?page=2", "/lamp-stays-alight"),
    ("/lamp-stays-alight/2", "/lamp-stays-alight"),
    ("/lamp-stays-alight-12345/kommentare", "/lamp-stays-alight-12345"),
    ("/2025/lamp/index.html", "/2025/lamp/"),
    # other sections, other slugs, short links
    ("/news/2025/lamp-stays-alight", "/culture/2025/lamp-stays-alight"),
    ("/lokales/alter-titel-der-geschichte-9812345", "/lokales/ganz-neue-worte-hier-9812345"),
    ("/?p=4711", "/2025/lamp-stays-alight"),
    ("/a/98765", "/2025/lamp-stays-alight"),
    ("/lamp-stays-alight-for-years", "/a/98765"),
    ("/новости/порт-вырос-снова", "/novosti/port-vyros-snova"),
    ("/%E6%B8%AF%E5%8F%A3%E6%89%A9%E5%BB%BA%E5%B7%A5%E7%A8%8B", "/新闻/港口扩建工程"),
    ("/lamp", "/culture/lamp"),
    ("/print.php?id=123", "/2025/lamp-stays-alight-123.html"),
    ("/print.php?id=123", "/2025/lamp-stays-alight.html"),
    ("/news/view.asp?no=123", "/2025/lamp-stays-alight"),
    ("/2025/11/24/lamp-stays-alight", "/2025/11/25/lamp-stays-alight"),
    # the front is its own page
    ("/", "/index.html"),
    ("/en/front/index.html", "/front"),
    ("/de/", "/de"),
    ("/category/sport/page/2", "/category/sport"),
    ("/category/sport", "/tag/sport"),
]  # fmt: skip


@pytest.mark.parametrize(("own", "said"), SAME_PAGE)
def test_an_address_that_may_be_of_the_same_page_is_believed(own: str, said: str) -> None:
    found = read(whole(own), link(said))
    assert (found.canonical_url, found.canonical.passed_over) == (whole(said), [])


OTHERS = [
    ("/", FRONT),
    ("/index.html", FRONT),
    ("/index.php", FRONT),
    ("/de", FRONT),
    ("/en/", FRONT),
    ("/pt-br/", FRONT),
    ("/sr-Latn/", FRONT),
    ("/eng/index.aspx", FRONT),
    ("/startseite", FRONT),
    ("/accueil.html", FRONT),
    ("/главная", FRONT),
    ("/?lang=en", FRONT),
    ("/news/", SECTION),
    ("/news/index.html", SECTION),
    ("/politique/", SECTION),
    ("/2025/", SECTION),
    ("/2025/11/", SECTION),
    ("/2025/11/24/", SECTION),
    ("/category/lamp", SECTION),
    ("/kategorie/leuchtturm-und-hafen-am-meer", SECTION),
    ("/tag/lamp-of-hallow-skerry", SECTION),
    ("/рубрика/маяки", SECTION),
    ("/分类/港口", SECTION),
    ("/theme/economie-et-finance", SECTION),
    ("/actualites/page/3", SECTION),
    ("/search?q=lamp", SECTION),
    ("/2025/11/25/council-votes-on-bridge", OTHER_STORY),
    ("/2024/02/03/fischmarkt-bleibt-sonntags-offen.html", OTHER_STORY),
    ("https://staging.beacon.example/2025/11/24/lamp-stays-alight", UNREACHABLE),
    ("https://www-dev.beacon.example/2025/11/24/lamp-stays-alight", UNREACHABLE),
    ("http://localhost:3000/2025/11/24/lamp-stays-alight", UNREACHABLE),
    ("http://10.0.0.7/2025/11/24/lamp-stays-alight", UNREACHABLE),
    ("http://web01/2025/11/24/lamp-stays-alight", UNREACHABLE),
    ("https://www.beacon.example:8080/2025/11/24/lamp-stays-alight", UNREACHABLE),
    ("{{ page.url }}", PLACEHOLDER),
    ("/undefined", PLACEHOLDER),
    ("https://www.yourdomain.com/2025/11/24/lamp-stays-alight", PLACEHOLDER),
    ("/%7B%7Bslug%7D%7D", PLACEHOLDER),
    ("http://[bad", NO_ADDRESS),
    ("javascript:void(0)", NO_ADDRESS),
    ("https://courier.example/", FRONT),
    ("https://courier.example/2025/other-matter-altogether", OTHER_SITE),
]  # fmt: skip


@pytest.mark.parametrize(("said", "why"), OTHERS)
def test_an_address_of_another_page_is_passed_over_with_a_reason(said: str, why: str) -> None:
    own = f"{SITE}/2025/11/24/lamp-stays-alight"
    found = read(own, link(said), title="The lighthouse keeps its lamp | Beacon")
    assert found.canonical_url is None
    assert [(claim.value, claim.why) for claim in found.canonical.passed_over] == [(said, why)]
    assert read(own, f'{link(said)}<meta property="og:url" content="{own}">').canonical_url == own


@pytest.mark.parametrize(
    ("own", "said", "why"),
    [
        ("/article/123456/", "/article/987654/", OTHER_STORY),
        ("/2025/11/24/storm-hits-harbour-town", "/2025/11/23/storm-nears-harbour-town", OTHER_STORY),
        ("/2025/11/24/story", "/2025/11/24/", SECTION),
        ("/story.php?id=77", "/story.php?id=78", OTHER_STORY),
        ("/story.php?id=77", "/story.php", SECTION),
        ("/news/?id=77", "/news/", SECTION),
        ("/sport/football/lamp-stays-alight-123456", "/sport/football", SECTION),
        ("/news/lamp", "/lamp-shop-opens/today-and-tomorrow-4711", None),
        ("/", "/2025/council-votes-on-bridge", OTHER_STORY),
        ("/sport/", "/2025/council-votes-on-bridge", OTHER_STORY),
        ("/新闻/港口扩建工程正式开工", "/新闻/市长宣布辞职消息", OTHER_STORY),
        ("/акции-завода-снова-выросли", "/мэр-города-ушёл-в-отставку", OTHER_STORY),
        ("/lamp-stays-alight", "/?p=4711", None),
        ("/12", "/?p=3", OTHER_STORY),
    ],
)
def test_what_is_compared_is_what_the_addresses_say(own: str, said: str, why: str | None) -> None:
    found = read(whole(own), link(said)).canonical
    assert (found.passed_over[0].why if found.passed_over else None) == why


def test_a_slug_that_was_rewritten_is_known_by_the_title() -> None:
    own, said = f"{SITE}/2025/lamp-stays-alight", "/2025/lighthouse-saved-by-signatures"
    assert read(own, link(said), title="Lighthouse saved by 11,000 signatures").canonical_url == SITE + said
    assert read(own, link(said), title="Lamp of Hallow Skerry stays alight").canonical_url is None


LANGUAGES = (
    '<link rel="alternate" hreflang="de" href="/de/1234-hafen">'
    '<link rel="alternate" hreflang="it" href="/it/1234-hafen">'
    '<link rel="alternate" hreflang="x-default" href="/de/1234-hafen">'
)


@pytest.mark.parametrize(
    ("own", "said", "head", "language", "is_believed"),
    [
        ("/it/1234-hafen", "/de/1234-hafen", LANGUAGES, "it", False),
        ("/it/1234-hafen/amp", "/it/1234-hafen", LANGUAGES, "it", True),
        ("/druck/1234-hafen", "/de/1234-hafen", LANGUAGES, "it", False),
        ("/druck/1234-hafen", "/de/1234-hafen", LANGUAGES, "de", True),
        ("/sv/1234-hamnen", "/fi/1234-satama", "", "sv", False),
        ("/1234-hamnen.sv.html", "/1234-satama.fi.html", "", "", False),
        ("/story.php?id=1234&lang=ar", "/story.php?id=1234&lang=fr", "", "ar", False),
        ("https://fr.beacon.example/port-s-agrandit-12", "https://nl.beacon.example/port-s-agrandit-12", "", "", False),
        ("/uk/print/1234-port", "/uk/1234-port", "", "uk", True),
    ],
)
def test_the_page_in_another_language_is_another_page(
    own: str, said: str, head: str, language: str, is_believed: bool
) -> None:
    found = read(whole(own), link(said) + head, language=language)
    assert (found.canonical_url == whole(said)) is is_believed
    if not is_believed:
        assert [claim.why for claim in found.canonical.passed_over] == [OTHER_LANGUAGE]


def test_a_story_of_another_site_is_where_the_article_comes_from() -> None:
    own, theirs = f"{SITE}/2025/lamp-stays-alight", "https://courier.example/culture/lamp-stays-alight-4711"
    found = read(own, link(theirs))
    assert (found.canonical_url, found.original_url) == (theirs, theirs)
    theirs = "https://courier.example/748f8eb6520f3f32aeb8411de8c59d37"
    found = read(own, link(theirs))
    assert (found.canonical_url, found.original_url) == (None, theirs)
    assert read(own, link("https://courier.example/")).original_url is None


def test_without_the_page_s_address_only_what_cannot_be_one_is_passed_over() -> None:
    found = read_metadata(outline_of(f"<html><head>{link(SITE + '/')}</head></html>".encode()), None)
    assert found.canonical_url == f"{SITE}/"
    found = read_metadata(outline_of(f"<html><head>{link('/lamp')}</head></html>".encode()), None)
    assert (found.canonical_url, found.canonical.passed_over[0].why) == (None, NO_ADDRESS)
