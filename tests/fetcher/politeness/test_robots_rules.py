"""What a robots.txt says, by RFC 9309 and by what is found on the web."""

from collections.abc import Callable

import pytest

from services.fetcher.download.terms import product_token
from services.fetcher.politeness.robots_groups import FIRST_BYTES, lines_of, sitemaps_in
from services.fetcher.politeness.robots_rules import LONGEST_CRAWL_DELAY_S, RobotsRules
from tests.support.steps import assert_linear

SITE = "https://news.example"


def allowed(robots_txt: str, path: str, token: str = "Depeche") -> bool:
    return RobotsRules(robots_txt.encode(), token).allows(SITE + path)


@pytest.mark.parametrize(
    ("user_agent", "token"),
    [
        ("Depeche/0.1", "Depeche"),
        ("Depeche/0.1 (+https://desk.example/bot)", "Depeche"),
        ("Mozilla/5.0 (compatible; DeskBot/2.1; +https://desk.example)", "DeskBot"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "Mozilla"),
        ("news-bot_2", "news-bot_2"),
        ("(nothing)", "*"),
    ],
)
def test_the_name_under_which_we_are_spoken_to(user_agent: str, token: str) -> None:
    assert product_token(user_agent) == token


@pytest.mark.parametrize(
    ("robots_txt", "path", "expected"),
    [
        ("", "/a", True),
        ("<!doctype html><title>Not found</title>", "/a", True),
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /private/", "/private/x", False),
        ("User-agent: *\nDisallow: /private/", "/public", True),
        # The longest rule counts, whatever the order; on a draw, Allow.
        ("User-agent: *\nAllow: /p/open\nDisallow: /p/", "/p/open/1", True),
        ("User-agent: *\nDisallow: /p/\nAllow: /p/open", "/p/open/1", True),
        ("User-agent: *\nDisallow: /p\nAllow: /p", "/p", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf?x", True),
        ("User-agent: *\nDisallow: /*?print=", "/a?print=1", False),
        ("User-agent: *\nDisallow: /caf%C3%A9", "/caf\u00e9", False),
        # A group of our own counts alone; groups of one name are one.
        ("User-agent: *\nDisallow: /\n\nUser-agent: Depeche\nDisallow: /x", "/a", True),
        ("User-agent: depeche\nDisallow: /x\n\nUser-agent: DEPECHE/9\nDisallow: /a", "/a", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Depeche\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Depeche\n", "/a", True),
        ("User-agent: Other\nUser-agent: Depeche\nDisallow: /a", "/a", False),
        ("User-agent: Depeche\nUser-agent: Other\nDisallow: /a", "/a", False),
        ("User-agent: Other\nDisallow: /a", "/a", True),
        # Names are compared as a whole.
        ("User-agent: Dep\nDisallow: /", "/a", True),
        ("User-agent: DepecheNews\nDisallow: /", "/a", True),
        # As found on the web: marks, line ends, comments, a sitemap between agent and rules, loose spelling.
        ("\ufeffUser-agent: *\r\nDisallow: /a # all of it\r\n", "/a", False),
        ("User-agent: *\rDisallow: /a\r", "/a", False),
        ("User-agent: *\nSitemap: https://news.example/s.xml\nDisallow: /a", "/a", False),
        ("USERAGENT : *\n disallow : /a", "/a", False),
        ("Disallow: /a\nUser-agent: *\nDisallow: /b", "/a", True),
        ("User-agent: *\nDisallow: /\n", "/robots.txt", True),
        ("\x00\xff garbage \x00\nUser-agent: *\nDisallow: /a", "/a", False),
        # Only a rule ends the list of a group's agents (RFC 9309, 2.2.4).
        ("User-agent: Depeche\nNoindex: /b\nUser-agent: Other\nDisallow: /a", "/a", False),
        ("User-agent: Depeche\nCrawl-delay: 4\nUser-agent: Other\nDisallow: /a", "/a", False),
        ("User-agent: Depeche\nContent-Signal: search=yes\nUser-agent: Other\nDisallow: /a", "/a", False),
        ("User-agent: Depeche\n\nAnything at all\n<br>\nUser-agent: Other\nDisallow: /a", "/a", False),
        ("User-agent: Depeche\nHost: news.example\nUser-agent: *\nDisallow: /a", "/a", False),
        ("User-agent: Depeche\nLicense: https://news.example/l.xml\nUser-agent: *\nDisallow: /a", "/a", False),
        ("User-agent: Depeche\nDisallow: /b\nUser-agent: Other\nDisallow: /a", "/a", True),
        ("User-agent: Depeche\nAllow:\nUser-agent: Other\nDisallow: /a", "/a", True),
        ("User-agent: Depeche\nDisallow: /b\nNoindex: /c\nDisallow: /a", "/a", False),
        # Line ends are those of the RFC alone; other white space stands around names and values.
        ("User-agent: *\rDisallow: /b\r\rUser-agent: Depeche\rDisallow: /a\r", "/a", False),
        ("User-agent:\u00a0*\nDisallow:\u00a0/a\u00a0", "/a", False),
        ("User-agent: *\nDisallow: \f/a", "/a", False),
        ("User-agent: *\n\u3000Disallow\u2003: /a", "/a", False),
        ("User-agent: *\nDisallow: /a\u2028b", "/a", True),
        ("User-agent: *\n\ufeffUser-agent: Depeche\nDisallow: /a", "/a", False),
        ("User-agent: D\x00epeche\nDis\x00allow: /a", "/a", False),
        # The group for all is for those that no group names.
        ("User-agent: *\nDisallow: /a\n\nUser-agent: *\nDisallow: /b", "/b", False),
        ("User-agent: Depeche\nAllow: /b\n\nUser-agent: *\nDisallow: /", "/a", True),
        ("User-agent: Depeche *\nDisallow: /a", "/a", False),
        # Escapes and characters are compared as octets; the case of a path counts.
        ("User-agent: *\nDisallow: /%7Earchiv/", "/~archiv/1", False),
        ("User-agent: *\nDisallow: /~archiv/", "/%7earchiv/1", False),
        (
            "User-agent: *\nDisallow: /\u043d\u043e\u0432\u043e\u0441\u0442\u0438",
            "/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8",
            False,
        ),
        ("User-agent: *\nDisallow: /a%2Fb", "/a/b", True),
        ("User-agent: *\nDisallow: /A", "/a", True),
        ("User-agent: *\nDisallow: /a%2A", "/ab", True),
        ("User-agent: *\nDisallow: /a%2A", "/a*", False),
        ("User-agent: *\nDisallow: /a%24", "/a$b", False),
        # The most octets count, not the order; `*` counts as any other.
        ("User-agent: *\nAllow: /*\nDisallow: /a", "/a", True),
        ("User-agent: *\nAllow: /$\nDisallow: /", "/", True),
        ("User-agent: *\nAllow: /$\nDisallow: /", "/a", False),
    ],
)
def test_rules(robots_txt: str, path: str, expected: bool) -> None:
    assert allowed(robots_txt, path) is expected


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_other_encodings(encoding: str) -> None:
    text = "User-agent: *\r\nDisallow: /a\r\n"
    assert not RobotsRules(text.encode(encoding), "Depeche").allows(SITE + "/a")
    assert not RobotsRules(b"\xfe\xff" + text.encode("utf-16-be"), "Depeche").allows(SITE + "/a")


def test_the_line_at_which_a_long_file_was_cut_is_no_rule() -> None:
    text = b"User-agent: *\n" + b"Disallow: /archive/\n" * (FIRST_BYTES // 20)
    cut = text[: FIRST_BYTES - 11] + b"\nDisallow: /archive/"
    rules = RobotsRules(cut[:FIRST_BYTES], "Depeche")
    assert rules.allows(SITE + "/a")
    assert not rules.allows(SITE + "/archive/1")


def test_sitemaps_belong_to_no_group() -> None:
    text = (
        "Sitemap: https://news.example/1.xml\nUser-agent: Other\nsitemap:https://news.example/2.xml\nDisallow: /\n"
        "SITEMAP : https://news.example/3.xml # the news\rSitemap: /4.xml\nSitemap: https://news.example/1.xml"
    )
    expected = (*(f"https://news.example/{number}.xml" for number in (1, 2, 3)), "/4.xml")
    assert sitemaps_in(lines_of(text.encode())) == expected


@pytest.mark.parametrize(
    ("robots_txt", "delay", "signals"),
    [
        ("User-agent: Other\nCrawl-delay: 9\nUser-agent: Depeche\nDisallow: /a", 0.0, 0),
        ("User-agent: Other\nContent-Signal: search=no\nUser-agent: Depeche\nDisallow: /a", 0.0, 0),
        ("User-agent: Other\nUser-agent: Depeche\nNoindex: /b\nCrawl-delay: 9\nContent-Signal: search=no", 9.0, 1),
        ("User-agent: Depeche\nCrawl-delay: 9\nUser-agent: Other\nContent-Signal: search=no", 9.0, 0),
    ],
)
def test_what_is_no_rule_is_for_the_agents_right_above(robots_txt: str, delay: float, signals: int) -> None:
    rules = RobotsRules(robots_txt.encode(), "Depeche")
    assert rules.crawl_delay == delay
    assert len(rules.says(SITE + "/a").content_signal) == signals


def test_bytes_that_are_no_text_do_not_hide_the_rules() -> None:
    assert not RobotsRules(b"# caf\xe9\nUser-agent: *\nDisallow: /a", "Depeche").allows(SITE + "/a")


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("Crawl-delay: 10", 10.0),
        ("crawl-delay:0.5", 0.5),
        ("Crawl-delay: soon", 0.0),
        ("Crawl-delay: -3", 0.0),
        ("Crawl-delay: inf", 0.0),
        ("Crawl-delay: nan", 0.0),
        ("Crawl-delay: 99999999", LONGEST_CRAWL_DELAY_S),
        ("", 0.0),
    ],
)
def test_crawl_delay(line: str, seconds: float) -> None:
    text = f"User-agent: Other\nCrawl-delay: 77\n\nUser-agent: *\n{line}\nDisallow: /x\n"
    assert RobotsRules(text.encode(), "Depeche").crawl_delay == seconds


@pytest.mark.parametrize(
    "text",
    [
        lambda n: "".join(f"User-agent: a{k}\n" for k in range(14 * n)) + "User-agent: *\n" + "Disallow: /x\n" * 20 * n,
        lambda n: "User-agent: *\nDisallow: /" + "*a" * 250 * n,
        lambda n: "User-agent: *\n" + "".join(f"Disallow: /*{k}*a$\n" for k in range(24 * n)),
        lambda n: "user-agent" + " " * 500 * n,
        lambda n: "\n" * 500 * n,
        lambda n: "disallow" + "\u00a0" * 200 * n,
        lambda n: "sitemap" + " " * 500 * n + "x",
    ],
    ids=[
        "many agents with many rules",
        "one long pattern",
        "many patterns",
        "spaces",
        "empty lines",
        "wide",
        "sitemap",
    ],
)
def test_what_is_made_to_cost_costs_little(text: Callable[[int], str]) -> None:
    def work(size: int) -> Callable[[], object]:
        body = text(size).encode()
        return lambda: RobotsRules(body, "Depeche").allows(SITE + "/" + "a" * 7_000)

    work(1000)()
    assert_linear(work, 10)
