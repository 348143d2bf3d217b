"""`depeche rules check`: rules against the saved pages that prove them."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from services.parser.site_rules.rules import SELECTOR_KEYS
from tests.cli.conftest import Run

FOLDER = Path(__file__).parents[1] / "parser" / "rules"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """The rules of the tests and their pages, to be changed."""
    shutil.copytree(FOLDER, tmp_path / "rules")
    return tmp_path / "rules" / "site_rules.toml"


def change(rules: Path, old: str, new: str) -> None:
    text = rules.read_text("utf-8")
    assert old in text
    rules.write_text(text.replace(old, new), "utf-8")


def findings(out: str) -> dict[str, dict[str, Any]]:
    return {found["rule"]: found for found in map(json.loads, out.splitlines())}


def test_rules_that_fit_their_pages(run: Run, rules: Path) -> None:
    ran = run("rules", "check", str(rules), "--json")
    found = findings(ran.out)
    assert ran.status == 0
    assert list(found) == ["gazette.example/news/", "lacigogne.example"]
    assert all(each["ok"] and each["stale"] == [] and each["error"] is None for each in found.values())
    gazette = found["gazette.example/news/"]
    title = gazette["different"]["title"]
    assert title["rule"] == "Night ferry to keep its Sunday crossing" != title["general"]
    assert "date" not in gazette["different"]
    assert gazette["empty"] == []


def test_a_table_for_people(run: Run, rules: Path) -> None:
    ran = run("rules", "check", str(rules))
    assert ran.status == 0
    assert "gazette.example/news/" in ran.out
    assert "title" in ran.out


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('"div.txt"', '"div.text"', "body"),
        ('"div.hl"', '"h1"', "title"),
        ('"div.by b"', '"div.by i"', "author"),
        ('"div.when"', '"div.hl"', "date"),
        ('"#wire div.w"', '"#wires div.w"', "ticker"),
        ('".poll, .poll-result"', '".vote"', "drop"),
    ],
)
def test_a_selector_that_no_longer_selects_anything_fails_its_rule_alone(
    old: str, new: str, key: str, run: Run, rules: Path
) -> None:
    change(rules, old, new)
    ran = run("rules", "check", str(rules), "--json")
    found = findings(ran.out)
    assert ran.status == 1
    assert [found["gazette.example/news/"][name] for name in ("stale", "ok")] == [[key], False]
    assert found["lacigogne.example"]["ok"]


def test_a_saved_page_without_markup_proves_nothing(run: Run, rules: Path) -> None:
    rules.with_name("gazette.example.html").write_text("Night ferry to keep its Sunday crossing\n\nBy Orla Penhallow\n")
    ran = run("rules", "check", str(rules), "--json")
    assert ran.status == 1
    assert set(findings(ran.out)["gazette.example/news/"]["stale"]) == set(SELECTOR_KEYS)


def test_a_field_that_nothing_gives_is_told(run: Run, rules: Path) -> None:
    change(rules, 'ticker = "p.depeches"\n', "")
    found = findings(run("rules", "check", str(rules), "--json").out)["lacigogne.example"]
    assert found["empty"] == ["ticker"]
    assert found["ok"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('test_page = "gazette.example.html"', "", "there is no test_page that proves it"),
        ("gazette.example.html", "lost.html", "No such file or directory"),
        ("gazette.example.html", "empty.html", "no content"),
        ('"/news/"', '"/sport/"', "https://www.gazette.example/news/ferry-timetable-changes-2210.html"),
    ],
)
def test_a_rule_without_proof_fails(old: str, new: str, said: str, run: Run, rules: Path) -> None:
    rules.with_name("empty.html").write_bytes(b"")
    change(rules, old, new)
    ran = run("rules", "check", str(rules), "--json")
    found = json.loads(ran.out.splitlines()[0])
    assert ran.status == 1
    assert not found["ok"]
    assert said in found["error"]


def test_the_pages_may_be_elsewhere(run: Run, rules: Path, tmp_path: Path) -> None:
    shutil.move(rules, tmp_path / "alone.toml")
    assert run("rules", "check", "alone.toml", "--json").status == 1
    assert run("rules", "check", "alone.toml", "--pages", "rules", "--json").status == 0


def test_without_a_file_the_shipped_rules_and_the_operators_own(
    run: Run, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = run("rules", "check", "--json")
    monkeypatch.setenv("DEPECHE_SITE_RULES", str(rules))
    ran = run("rules", "check", "--json")
    assert (shipped.status, ran.status) == (0, 0)
    assert list(findings(ran.out)) == [*findings(shipped.out), "gazette.example/news/", "lacigogne.example"]


def test_a_mistake_in_the_file_is_one_sentence(run: Run, rules: Path) -> None:
    change(rules, '"div.txt"', '"div["')
    ran = run("rules", "check", str(rules))
    assert ran.status == 2
    assert "rule 1 (gazette.example), body: 'div[' is not a CSS selector that Lexbor understands." in ran.err


def test_parse_goes_by_the_operators_rules(run: Run, rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page, url = str(rules.with_name("gazette.example.html")), "https://gazette.example/news/1"
    rules.with_name("pages.jsonl").write_text(json.dumps({"id": 1, "file": page, "url": url}))
    monkeypatch.setenv("DEPECHE_SITE_RULES", str(rules))
    for arguments in (("--url", url, page), ("--manifest", str(rules.with_name("pages.jsonl")))):
        article = json.loads(run("parse", *arguments).out)["article"]
        assert article["title"] == "Night ferry to keep its Sunday crossing"
    assert json.loads(run("parse", page).out)["article"]["title"] != "Night ferry to keep its Sunday crossing"
