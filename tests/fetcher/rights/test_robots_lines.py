"""Content-Signal and License lines of robots.txt."""

from services.fetcher.politeness.robots_rules import RobotsRules
from shared.rights import Rights, Statement

ROBOTS = b"""License: https://lisens.example/rsl.xml   # RSL
Content-Signal: search=yes
User-agent: *
Content-Signal: ai-train=no, ai-input=yes
Content-Signal: /arkiv/ ai-train=no, search=no
Disallow: /intern/
User-agent: OtherBot
content-signal: ai-train=yes
"""


def says(path: str, robots_txt: bytes = ROBOTS, token: str = "Depeche") -> Rights:
    return RobotsRules(robots_txt, token).says(f"https://avisen.example{path}")


def signal(said: str, path: str | None = None, to: str | None = "*") -> Statement:
    return Statement(said=said, where="robots.txt", path=path, to=to)


LICENSE = (Statement(said="https://lisens.example/rsl.xml", where="robots.txt"),)


def test_the_lines_of_our_group_and_those_for_all_count() -> None:
    general = (signal("ai-train=no, ai-input=yes"), signal("search=yes", to=None))
    assert says("/sport/1") == Rights(content_signal=general, license=LICENSE)
    archive = signal("ai-train=no, search=no", path="/arkiv/")
    assert says("/arkiv/1") == Rights(content_signal=(archive, *general), license=LICENSE), "the longest path is first"


def test_a_group_of_ones_own_takes_the_place_of_that_for_all() -> None:
    assert says("/", token="OtherBot").content_signal == (
        signal("ai-train=yes", to="OtherBot"),
        signal("search=yes", to=None),
    )


def test_a_license_does_not_end_the_head_of_a_group() -> None:
    rules = RobotsRules(b"User-agent: Depeche\nLicense: https://a.example/l\nUser-agent: B\nDisallow: /\n", "Depeche")
    assert not rules.allows("https://avisen.example/x")


def test_most_files_say_nothing() -> None:
    assert says("/", b"User-agent: *\nDisallow: /intern/\nSitemap: https://avisen.example/s.xml\n") == Rights()
    assert says("/", b"# Content-Signal: ai-train=no\nUser-agent: *\nContent-Signal:\nLicense:\n") == Rights()
