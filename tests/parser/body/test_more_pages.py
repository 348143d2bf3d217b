"""A story that is cut into pages names its next page; other links with numbers do not count."""

import pytest

from services.parser.page import parse_page

TEXT = (
    "<p>Zastupitelé Lipnice v úterý rozhodli, že obec koupí starý mlýn u potoka a zřídí v něm knihovnu pro děti.</p>"
    "<p>Přestavba má podle odhadu radnice stát asi dva miliony korun a potrvá nejméně do podzimu příštího roku.</p>"
)
OWN = "https://list.example/obec/mlyn"


def parsed(rows: str, url: str, head: str = "") -> tuple[bool, str | None, str]:
    html = f"<html lang=cs><head><title>Obec koupí mlýn</title>{head}</head><body><article><h1>Obec koupí mlýn</h1>"
    article = parse_page(f"{html}{TEXT}{rows}</article></body></html>".encode(), url=url).article
    assert article is not None
    return article.truncated, article.next_page_url, article.text


@pytest.mark.parametrize(
    ("url", "rows", "next_url"),
    [
        (OWN, '<div>Strana 1 ze 3 <a href="?strana=2">Další</a></div>', OWN + "?strana=2"),
        (OWN, '<p>1 <a href="/obec/mlyn/2/">2</a> <a href="/obec/mlyn/3/">3</a></p>', OWN + "/2/"),
        (OWN + ".html", '<p>1 <a href="mlyn-2.html">2</a> <a href="mlyn-3.html">3</a></p>', OWN + "-2.html"),
        (OWN + "/2", '<p><a href="/obec/mlyn">1</a> 2 <a href="/obec/mlyn/3">3</a></p>', OWN + "/3"),
        (OWN, '<p>1/2页 <a href="/obec/mlyn_2">下一页</a></p>', OWN + "_2"),
        (OWN, "<p>Strana 1 ze 3 <button>Další</button></p>", None),
    ],
)
def test_a_story_goes_on(url: str, rows: str, next_url: str | None) -> None:
    truncated, found, text = parsed(rows, url)
    assert (truncated, found) == (True, next_url)
    assert text.count("\n") == 1


def test_the_head_names_the_next_page() -> None:
    assert parsed("", OWN, f'<link rel="next" href="{OWN}?page=2">')[:2] == (True, OWN + "?page=2")


@pytest.mark.parametrize(
    ("url", "rows", "head"),
    [
        (OWN, '<p>Strana 3 ze 3 <a rel="prev" href="?strana=2">Zpět</a></p>', ""),
        (OWN + "?strana=3", '<p><a href="?strana=1">1</a> <a href="?strana=2">2</a> 3</p>', ""),
        (OWN, "", '<link rel="next" href="https://list.example/obec/most">'),
        ("https://list.example/12", '<a rel="next" href="/13">Další</a>', '<link rel="next" href="/13">'),
        (OWN, '<div class="comments"><p>Super!</p><a href="/obec/mlyn/comment-page-2#comments">2</a></div>', ""),
        (OWN, '<ul><li><a href="/obec/mlyn-2">Druhý mlýn čeká na kupce</a></li></ul>', ""),
        (OWN, '<div>Foto 1 z 12 <a href="?foto=2">Další</a></div>', ""),
    ],
)
def test_other_pages_do_not_count(url: str, rows: str, head: str) -> None:
    assert parsed(rows, url, head)[:2] == (False, None)
