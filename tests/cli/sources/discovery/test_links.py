"""Addresses that a site's robots.txt and menus name: sections in any script, and no stories or service pages."""

from cli.sources.discovery.links import Link, links_of, newest_first, sitemaps_named

AT = "https://news.example/"


def menu(body: str, url: str = AT) -> tuple[list[str], list[str]]:
    sections, feeds = links_of(f"<html><head></head><body>{body}</body></html>".encode(), "text/html", url)
    return [link.url for link in sections], [link.url for link in feeds]


def test_sitemaps_of_robots_txt_with_those_for_news_first() -> None:
    text = (
        b"User-agent: *\r\nsitemap: /map.xml\r\nSitemap : https://news.example/actualites.xml # new\nSITEMAP:ftp://x/\n"
    )
    assert [link.url for link in sitemaps_named(text, AT)] == [
        "https://news.example/actualites.xml",
        "https://news.example/map.xml",
    ]
    assert sitemaps_named(b"", AT) == []
    assert [link.url for link in sitemaps_named(b"Sitemap: /a.xml\rSitemap: /b.xml\r", AT)] == [
        f"{AT}a.xml",
        f"{AT}b.xml",
    ]


def test_sections_are_links_of_menus_in_any_script_and_place() -> None:
    sections, _ = menu(
        """<header><a href="/"><img src="logo.png"></a></header>
        <div class="main-menu"><a href="/राजनीति/">राजनीति</a> <a href="/خبر/">أخبار</a></div>
        <ul id="NavBar"><li><a href="https://sport.news.example/">スポーツ</a><li>
        <a href="economie.html">Économie</a></ul>
        <nav><a href="/world/europe/">Europe</a><a href="/world/europe/#top">Europe</a></nav>
        <main><a href="/elsewhere/">No menu</a></main>"""
    )
    assert sections == [
        "https://news.example/राजनीति/",
        "https://news.example/خبر/",
        "https://sport.news.example/",
        "https://news.example/economie.html",
        "https://news.example/world/europe/",
    ]


def test_stories_and_service_pages_are_no_sections() -> None:
    sections, _ = menu(
        """<nav><a href="/login">Log in</a><a href="/my/profile">Me</a><a href="/newsletter.html">Briefe</a>
        <a href="/2026/05/harbour">Harbour</a><a href="/sport/harbour-opens-after-years">Harbour opens</a>
        <a href="/article/123456.html">Read</a><a href="https://other.example/sport/">Sport</a>
        <a href="/a/b/c/d/">Deep</a>
        <a href="mailto:desk@news.example">Mail</a><a href="javascript:void(0)">More</a><a href="http://[bad/">Bad</a>
        <a href="/words/">The harbour has opened again after nine years of works</a><a href="/silent/"></a></nav>"""
    )
    assert sections == []


def test_sections_of_a_front_page_below_the_root() -> None:
    body = """<nav><a href="/zhongwen/topics/c83plve5vmjt/simp">国际</a><a href="/zhongwen/topics/a/b/simp">深</a>
        <a href="https://abo.news.example/">Abo</a><a href="/suche.bote.html">Suche</a>
        <a href="/index.rdf">RSS</a></nav>"""
    sections, _ = menu(body, "https://news.example/zhongwen/simp")
    assert sections == ["https://news.example/zhongwen/topics/c83plve5vmjt/simp"]


def test_links_to_feeds_stand_anywhere() -> None:
    _, feeds = menu(
        """<base href="https://news.example/de/"><footer><a href="alles.rss">RSS</a><a href="/feeds/sport">Sport</a>
        <a href="/feedback">Say</a><a href="https://other.example/rss">Other</a></footer>"""
    )
    assert feeds == ["https://news.example/de/alles.rss", "https://news.example/feeds/sport"]


def test_sitemaps_of_an_index_for_news_first_then_the_newest() -> None:
    named = {"/2024.xml": "2024-12-31", "/2026.xml": "2026-05-08", "/news.xml": None, "/2025.xml": "2025-12-31"}
    links = newest_first([(Link(url=f"https://m.example{path}"), at) for path, at in named.items()])
    assert [link.url.removeprefix("https://m.example") for link in links] == [
        "/news.xml",
        "/2026.xml",
        "/2025.xml",
        "/2024.xml",
    ]
