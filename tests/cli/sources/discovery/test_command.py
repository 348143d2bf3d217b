"""`depeche sources discover` against a real site: what it finds, asks, writes, and says when it finds nothing."""

import json
import tomllib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.support.running import Ran
from tests.support.site import Answer, Site, dead_port

XML = {"Content-Type": "application/xml"}
TEXT = {"Content-Type": "text/plain"}
PLACES = ("Hafen", "Fähre", "Stadtrat", "Schule", "Museum", "Straßenbahn", "Sturm", "Brücke", "Markt", "Bücherei")
VERBS = (
    "öffnet nach neun Jahren Bauzeit wieder",
    "bleibt auch im Winter am Sonntag offen",
    "stimmt gegen die neue Linie",
)


def title(n: int) -> str:
    return f"{PLACES[n % 10]} {VERBS[n // 10 % 3]}, Teil {n}"


def path(n: int) -> str:
    return f"/{('politik', 'sport')[n % 2]}/2026/bericht-aus-der-stadt-{n}"


def feed(site: Site, numbers: range, *, cut: bool = False) -> Answer:
    """Story n is n hours old."""
    items = "".join(
        f"<item><title>{title(n)}</title><link>{site.url(path(n))}</link>"
        f"<pubDate>{format_datetime(datetime.now(UTC) - timedelta(hours=n))}</pubDate></item>"
        for n in numbers
    )
    end = "" if cut else "</channel></rss>"
    return Answer(f'<rss version="2.0"><channel><title>Alles</title>{items}{end}'.encode(), headers=XML)


def page(numbers: range, head: str = "") -> Answer:
    menu = "".join(f'<a href="{at}">{text}</a>' for at, text in
                   {"/": "Start", "/politik/": "Politik", "/sport/": "Sport", "/verein": "Verein",
                    "/geheim/": "Geheim", "/login": "Anmelden"}.items())  # fmt: skip
    lines = "".join(f'<article><h2><a href="{path(n)}">{title(n)}</a></h2></article>' for n in numbers)
    body = f"<body><nav>{menu}</nav><h1>Bote</h1><main>{lines}</main></body>"
    html = f"<html><head><title>Bote</title>{head}</head>{body}</html>"
    return Answer(html.encode(), headers={"Content-Type": "text/html; charset=utf-8"})


def sitemap(*entries: tuple[str, datetime]) -> Answer:
    urls = "".join(f"<url><loc>{url}</loc><lastmod>{at.isoformat()}</lastmod></url>" for url, at in entries)
    return Answer(f"<urlset>{urls}</urlset>".encode(), headers=XML)


@pytest.fixture
def paper(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("DEPECHE_ALLOW_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("DEPECHE_HOST_DELAY", "0")
    robots = f"User-agent: *\nDisallow: /geheim\nSitemap: {site.url('/map.xml')}\n"
    site.serve("/robots.txt", Answer(robots.encode(), headers=TEXT))
    site.serve("/", page(range(20), '<link rel="alternate" type="application/rss+xml" title="Kopf" href="/kopf.xml">'))
    site.serve("/kopf.xml", feed(site, range(15)))
    site.serve("/politik/", page(range(0, 60, 2)))
    site.serve("/sport/", page(range(1, 60, 2)))
    site.serve("/verein", page(range(0)))
    maps = "".join(f"<sitemap><loc>{site.url(at)}</loc></sitemap>" for at in ("/alt-1.xml", "/news-map.xml"))
    site.serve("/map.xml", Answer(f"<sitemapindex>{maps}</sitemapindex>".encode(), headers=XML))
    now = datetime.now(UTC)
    site.serve("/alt-1.xml", sitemap((site.url("/alt"), now - timedelta(days=2000))))
    site.serve("/news-map.xml", sitemap(*((site.url(path(n)), now - timedelta(hours=n)) for n in range(47))))
    return site


def found(ran: Ran, site: Site) -> dict[str, dict[str, Any]]:
    return {row["url"].removeprefix(site.url("")): row for row in map(json.loads, ran.out.splitlines())}


def test_all_that_a_site_has_is_found_and_judged(run: Run, paper: Site) -> None:
    ran = run("sources", "discover", paper.url("/"), "--json")
    assert ran.status == 0, ran.err
    rows = found(ran, paper)
    assert {at: (row["kind"], row["found"], row["stories"]) for at, row in rows.items() if row["stories"]} == {
        "/": ("page", "given", 20),
        "/kopf.xml": ("feed", "declared", 15),
        "/news-map.xml": ("sitemap", "index", 47),
        "/politik/": ("page", "menu", 30),
        "/sport/": ("page", "menu", 30),
    }
    assert [at for at, row in rows.items() if row["recommended"]] == ["/", "/news-map.xml"]
    news = rows["/news-map.xml"]
    assert (news["in_front"], news["in_other"]) == (pytest.approx(20 / 47), pytest.approx(24 / 47))
    assert news["last_day"] in (24, 25)
    assert rows["/map.xml"]["reach"] == 47
    assert rows["/geheim/"]["reason"] == "robots_disallowed"
    assert rows["/verein"]["reason"] in ("no_section", "nothing_to_follow")
    assert (paper.asked("/geheim/"), paper.asked("/login"), paper.asked("/robots.txt")) == (0, 0, 1)
    assert all(paper.asked(at) == 1 for at in rows if at != "/geheim/")


def test_the_table_for_people(run: Run, paper: Site) -> None:
    paper.serve("/kopf.xml", feed(paper, range(15), cut=True))
    ran = run("sources", "discover", paper.url("/"))
    assert ran.status == 0
    for shown in ("Name it", "/news-map.xml", "In front", "43%", "the page itself", "breaks off"):
        assert shown in ran.out
    assert f"tried in vain, robots_disallowed: {paper.url('/geheim/')}" in ran.err
    assert "2 are worth naming; --write sources.toml writes them" in ran.err


def test_blocks_are_written_once_and_the_rest_stands_in_comments(run: Run, paper: Site, tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(f'[[source]]\nname = "mine"\nurl = "{paper.url("/kopf.xml")}"\n')
    ran = run("sources", "discover", paper.url("/"), "--write", "sources.toml")
    assert ran.status == 0
    assert "2 added to sources.toml, 3 more in comments, 1 there already" in ran.err
    text = path.read_text("utf-8")
    assert [
        (s["name"], s["url"].removeprefix(paper.url("")), s.get("kind")) for s in tomllib.loads(text)["source"]
    ] == [
        ("mine", "/kopf.xml", None),
        ("127-0-0-1", "/", "page"),
        ("127-0-0-1-news-map-sitemap", "/news-map.xml", "sitemap"),
    ]
    assert '# name = "127-0-0-1-sport"\n' in text
    assert "# Sport: 30 stories, " in text
    assert "# Not needed: a sitemap that is named has what is new" in text
    again = run("sources", "discover", paper.url("/"), "--write", "sources.toml")
    assert "0 added to sources.toml, 0 more in comments, 6 there already" in again.err
    assert path.read_text("utf-8") == text
    assert run("sources", "check", "sources.toml").status == 0
    uncommented = "".join(line[2:] if line.startswith("# ") and ("[[" in line or " = " in line) else line
                          for line in text.splitlines(keepends=True))  # fmt: skip
    assert len(tomllib.loads(uncommented)["source"]) == 6


def test_blocks_are_printed(run: Run, paper: Site) -> None:
    ran = run("sources", "discover", paper.url("/"), "--write", "-")
    assert [s["kind"] for s in tomllib.loads(ran.out)["source"]] == ["page", "sitemap"]
    assert "2 printed, 4 more in comments" in ran.err


def test_usual_places_are_tried_where_nothing_is_named_and_only_until_one_works(
    run: Run, site: Site, paper: Site
) -> None:
    paper.serve("/robots.txt", Answer(b"", 404))
    paper.serve("/", page(range(20)))
    paper.serve("/feed/", feed(site, range(30)))
    rows = found(run("sources", "discover", paper.url("/"), "--json"), paper)
    assert (rows["/feed/"]["found"], rows["/feed/"]["recommended"]) == ("guessed", True)
    assert rows["/rss.xml"]["reason"] == "http_404"
    assert "/feed.xml" not in rows
    assert paper.asked("/sitemap.xml") == 1


def test_a_feed_as_the_address_leads_to_the_front_page(run: Run, paper: Site) -> None:
    rows = found(run("sources", "discover", paper.url("/kopf.xml"), "--json"), paper)
    assert (rows["/kopf.xml"]["found"], rows["/"]["found"]) == ("given", "home")
    assert [at for at, row in rows.items() if row["recommended"]] == ["/", "/news-map.xml"]


def test_what_robots_txt_names_is_found_even_where_it_is_not_obeyed(
    run: Run, paper: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPECHE_OBEY_ROBOTS", "false")
    robots = f"\ufeffUser-agent: *\rSitemap: {paper.url('/map.xml')}\r"
    paper.serve("/robots.txt", Answer(robots.encode("utf-16"), headers=TEXT))
    rows = found(run("sources", "discover", paper.url("/"), "--json"), paper)
    assert (rows["/news-map.xml"]["found"], rows["/news-map.xml"]["recommended"]) == ("index", True)


def test_feeds_on_another_host_lead_back_to_the_site(run: Run, site: Site, paper: Site) -> None:
    elsewhere = site.url("/kopf.xml").replace("127.0.0.1", "localhost")
    paper.serve("/robots.txt", Answer(b"", 404))
    head = f'<link rel="alternate" type="application/rss+xml" href="{elsewhere}">'
    paper.serve("/", page(range(20), head))
    paper.serve("/kopf.xml", feed(site, range(15, 60)))
    ran = run("sources", "discover", paper.url("/"), "--write", "-", "--limit", "2")
    assert [(s["url"], s.get("same_site")) for s in tomllib.loads(ran.out)["source"]] == [
        (paper.url("/"), None),
        (elsewhere, False),
    ]


def test_the_limit_ends_the_search(run: Run, paper: Site) -> None:
    ran = run("sources", "discover", paper.url("/"), "--json", "--limit", "3")
    assert (ran.status, len(found(ran, paper))) == (0, 3)
    assert "the search ended early: 3 addresses were tried; --limit tries more" in ran.err


def test_a_host_that_asks_for_less_is_left_alone(run: Run, paper: Site) -> None:
    paper.serve("/map.xml", Answer(b"slow down", 429, {"Retry-After": "3600"}))
    ran = run("sources", "discover", paper.url("/"), "--json")
    assert ran.status == 0
    assert "the search ended early: the host asks for less" in ran.err
    assert paper.asked("/sport/") == 0


def test_nothing_is_found_or_may_be_asked(run: Run, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPECHE_HOST_DELAY", "0")
    denied = run("sources", "discover", site.url("/"))
    assert (denied.status, "DEPECHE_ALLOW_NETWORKS" in denied.err) == (1, True)
    monkeypatch.setenv("DEPECHE_ALLOW_NETWORKS", "127.0.0.0/8")
    dead = f"http://127.0.0.1:{dead_port()}/"
    ran = run("sources", "discover", dead)
    assert ran.status == 1
    assert f"{dead} cannot be asked" in ran.err
    assert f"tried in vain, robots_unreachable: {dead}" in ran.err
    site.serve("/robots.txt", Answer(b"User-agent: *\nDisallow: /", headers=TEXT))
    ran = run("sources", "discover", site.url("/"), "--write", "sources.toml")
    assert ran.status == 1
    assert "tried in vain, robots_disallowed: " in ran.err
    assert f"nothing was found that would bring stories of {site.url('/')}" in ran.err
    assert site.asked("/") == 0
    assert not Path("sources.toml").exists()


@pytest.mark.parametrize("url", ["", "a b", "ftp://news.example/", "/path"])
def test_what_is_no_address(run: Run, url: str) -> None:
    ran = run("sources", "discover", url)
    assert (ran.status, "is no web address" in ran.err) == (2, True)


def test_an_article_leads_to_its_site(run: Run, paper: Site) -> None:
    at = paper.serve("/politik/2026/bericht", b"<html><body><article><h1>Ein Bericht</h1></article></body></html>")
    rows = found(run("sources", "discover", at, "--json"), paper)
    assert (rows["/"]["found"], rows["/"]["recommended"], rows["/"]["stories"]) == ("home", True, 20)
    assert (rows["/politik/2026/bericht"]["reason"], rows["/news-map.xml"]["stories"]) == ("nothing_to_follow", 47)


def test_stories_that_robots_txt_forbids_do_not_count(run: Run, paper: Site) -> None:
    robots = f"User-agent: *\nDisallow: /sport/2026\nSitemap: {paper.url('/map.xml')}\n"
    paper.serve("/robots.txt", Answer(robots.encode(), headers=TEXT))
    rows = found(run("sources", "discover", paper.url("/"), "--json"), paper)
    assert (rows["/"]["stories"], rows["/kopf.xml"]["stories"], rows["/news-map.xml"]["stories"]) == (10, 8, 24)
    assert (rows["/sport/"]["reason"], rows["/sport/"]["recommended"]) == ("robots_disallowed", False)
    assert "forbids all stories" in rows["/sport/"]["problem"]
