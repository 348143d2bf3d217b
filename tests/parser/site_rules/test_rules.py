"""Which rule is for a page, and what is said of a file with a mistake."""

import datetime as dt
import re
from pathlib import Path

import pytest

from services.parser.site_rules.rules import SHIPPED_RULES, SiteRules, load_site_rules, read_rules
from shared.failures import UserError

RULE = """
[[rule]]
site = "gazette.example"
seen = 2026-10-05
body = "div.txt"
"""
TODAY = dt.date(2026, 10, 20)


def rules_of(text: str, tmp_path: Path) -> SiteRules:
    path = tmp_path / "own.toml"
    path.write_text(text, "utf-8")
    return SiteRules(read_rules(path))


def mistake_in(text: str, tmp_path: Path) -> str:
    with pytest.raises(UserError) as caught:
        rules_of(text, tmp_path)
    return str(caught.value).removeprefix(str(tmp_path / "own.toml"))


def body_for(url: str | None, rules: SiteRules, on: dt.date = TODAY) -> str | None:
    rule = rules.rule_for(url, on)
    return rule.body if rule is not None else None


@pytest.mark.parametrize(
    "url",
    [
        "https://gazette.example/news/1.html",
        "http://www.gazette.example",
        "https://a.b.gazette.example:8443/?x=1",
        "https://GAZETTE.example./",
    ],
)
def test_a_rule_is_for_its_host_and_the_subdomains(url: str, tmp_path: Path) -> None:
    assert body_for(url, rules_of(RULE, tmp_path)) == "div.txt"


@pytest.mark.parametrize(
    "url", ["https://thegazette.example/", "https://example/", "gazette.example", "https://[/", "", None]
)
def test_a_rule_is_for_no_other_host(url: str | None, tmp_path: Path) -> None:
    assert body_for(url, rules_of(RULE, tmp_path)) is None


def test_the_longer_host_goes_first_and_the_shorter_one_fills_its_gaps(tmp_path: Path) -> None:
    sport = 'site = "sport.gazette.example"\nseen = 2026-10-05\npath = "/live/"\nbody = "ol.live"'
    rules = rules_of(f"{RULE}\n[[rule]]\n{sport}", tmp_path)
    assert body_for("https://sport.gazette.example/live/7", rules) == "ol.live"
    assert body_for("https://sport.gazette.example/news/7", rules) == "div.txt"


def test_the_longest_path_that_fits_decides(tmp_path: Path) -> None:
    text = RULE
    for path, body in (("/news/", "div.news"), ("/news/live/", "ol.live"), ("/*/gallery-*", "figure")):
        text += RULE.replace("div.txt", body) + f'path = "{path}"\n'
    rules = rules_of(text, tmp_path)
    assert body_for("https://gazette.example/sport/1", rules) == "div.txt"
    assert body_for("https://gazette.example/news/1", rules) == "div.news"
    assert body_for("https://gazette.example/news/live/1", rules) == "ol.live"
    assert body_for("https://gazette.example/news/gallery-1", rules) == "figure"
    assert body_for("https://gazette.example/gallery-1", rules) == "div.txt"


def test_the_day_of_the_fetch_decides_and_both_ends_count(tmp_path: Path) -> None:
    old = RULE.replace("div.txt", "div.old").replace("2026-10-05", "2025-03-01") + "valid_until = 2026-08-31\n"
    rules = rules_of(old + RULE + "valid_from = 2026-09-01\n", tmp_path)
    url = "https://gazette.example/news/1"
    assert body_for(url, rules, dt.date(2026, 8, 31)) == "div.old"
    assert body_for(url, rules, dt.date(2026, 9, 1)) == "div.txt"


def test_without_a_day_it_is_today(tmp_path: Path) -> None:
    past = rules_of(RULE.replace("2026", "2020") + "valid_until = 2020-12-31\n", tmp_path)
    assert past.rule_for("https://gazette.example/") is None
    assert rules_of(RULE.replace("2026", "2020"), tmp_path).rule_for("https://gazette.example/") is not None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ("div.txt", "div["),
            ", rule 1 (gazette.example), body: 'div[' is not a CSS selector that Lexbor understands.",
        ),
        (("body =", "bdoy ="), "unknown key; a rule may have site, seen, valid_from"),
        (("[[rule]]", "[[rules]]"), ", rules: unknown key; the file may have [[rule]] only."),
        (
            ("2026-10-05", '"5 October"'),
            ", rule 1 (gazette.example), seen: 5 October is no date; write it as 2026-10-31.",
        ),
        (("2026-10-05", "2026-13-05"), "in rule 1: seen = 2026-13-05."),
        (("seen = 2026-10-05\n", ""), ", rule 1 (gazette.example), seen: this key is missing."),
        (("gazette.example", "https://gazette.example/"), "site: write the host as addresses have it"),
        (('"div.txt"', '"div.txt"\npath = "news/"'), ", rule 1 (gazette.example), path: begin it with /"),
        (('"div.txt"', '"div.txt"\nticker_kind = "wire"'), ", rule 1 (gazette.example), ticker_kind: Input should be"),
        (('"div.txt"', '"div.txt"\nvalid_until = 2026-10-04'), "seen is outside the time"),
        (('"div.txt"', '"p"\nvalid_from = 2026-10-05\nvalid_until = 2026-10-04'), "valid_until is before valid_from"),
        (('body = "div.txt"', ""), ", rule 1 (gazette.example): there is no selector; name one of body, ticker"),
        (("[[rule]]", "[[rule"), " is not TOML: "),
    ],
)
def test_a_mistake_is_one_sentence_with_rule_and_key(change: tuple[str, str], said: str, tmp_path: Path) -> None:
    message = mistake_in(RULE.replace(*change), tmp_path)
    assert said in message
    assert "\n" not in message


def test_two_rules_for_the_same_pages_at_the_same_time_are_refused(tmp_path: Path) -> None:
    said = mistake_in(RULE + "valid_until = 2026-12-31\n" + RULE + "valid_from = 2026-10-01\n", tmp_path)
    assert said.startswith(", rule 2 (gazette.example), valid_from: rule 1 is for the same pages at the same time")


def test_rules_stand_in_the_order_of_their_sites(tmp_path: Path) -> None:
    said = mistake_in(RULE + RULE.replace("gazette", "anzeiger"), tmp_path)
    assert said == ", rule 2 (anzeiger.example), site: it belongs before gazette.example; sort the rules."


def test_a_file_that_cannot_be_read_is_a_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Cannot read the site rules"):
        read_rules(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9")
    with pytest.raises(UserError, match="not in UTF-8"):
        read_rules(tmp_path / "latin.toml")


def test_the_operators_rules_replace_the_shipped_ones_of_their_sites(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, shipped = tmp_path / "own.toml", tmp_path / "shipped.toml"
    own.write_text(RULE, "utf-8")
    shipped.write_text(
        RULE.replace("div.txt", "div.old") + 'path = "/news/"\n' + RULE.replace("gazette", "herald"), "utf-8"
    )
    monkeypatch.setattr("services.parser.site_rules.rules.SHIPPED_RULES", shipped)
    rules = load_site_rules(own)
    assert body_for("https://gazette.example/news/1", rules) == "div.txt"
    assert body_for("https://herald.example/news/1", rules) == "div.txt"
    assert body_for("https://gazette.example/news/1", load_site_rules()) == "div.old"


def test_the_shipped_file_and_the_example_in_it_are_right(tmp_path: Path) -> None:
    read_rules(SHIPPED_RULES)
    lines = SHIPPED_RULES.read_text("utf-8").splitlines()
    example = "\n".join(line.removeprefix("# ") for line in lines if re.match(r"# (\[\[rule\]\]|\w+ = )", line))
    assert body_for("https://gazette.example/news/1", rules_of(example, tmp_path)) == "div.story-text"
