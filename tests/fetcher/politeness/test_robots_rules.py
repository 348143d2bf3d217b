"""What a robots.txt says, by RFC 9309 and by what is found on the web."""

from collections.abc import Callable

import pytest

from services.fetcher.download.terms import product_token
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
    ],
)
def test_rules(robots_txt: str, path: str, expected: bool) -> None:
    assert allowed(robots_txt, path) is expected


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
    ],
    ids=["many agents with many rules", "one long pattern", "many patterns", "spaces", "empty lines"],
)
def test_what_is_made_to_cost_costs_little(text: Callable[[int], str]) -> None:
    def work(size: int) -> Callable[[], object]:
        body = text(size).encode()
        return lambda: RobotsRules(body, "Depeche").allows(SITE + "/" + "a" * 7_000)

    work(1000)()
    assert_linear(work, 10)
