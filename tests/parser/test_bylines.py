"""Names of people out of author fields and bylines."""

import pytest

from services.parser.bylines import byline_people, people, signature


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("By ANNA LARKIN, JO DAVIS and PAT REED", ["ANNA LARKIN", "JO DAVIS", "PAT REED"]),
        ("Von Änne Bornholt und Miriam Hofer", ["Änne Bornholt", "Miriam Hofer"]),
        ("Par Anne Lartigue et Jean d'Orval", ["Anne Lartigue", "Jean d'Orval"]),
        ("Por María R. Saavedra y José de la Vega", ["María R. Saavedra", "José de la Vega"]),
        ("Door Jan Vermeer en Piet de Groot", ["Jan Vermeer", "Piet de Groot"]),
        ("Di Viviana Mazzi, inviata", ["Viviana Mazzi"]),
        ("Av Per-Erik Ofsted og Kari Moe", ["Per-Erik Ofsted", "Kari Moe"]),
        ("От Иван Петров", ["Иван Петров"]),
        ("بقلم: محمد العربي", ["محمد العربي"]),
        ("Mike Carson | mcarson@paper.example", ["Mike Carson"]),
        ("Jane Doe, Senior Reporter", ["Jane Doe"]),
        ("Jane Doe (Reuters)", ["Jane Doe"]),
        ("(By Jane Doe)", ["Jane Doe"]),
        ("(责编：王小明、李四)", ["王小明", "李四"]),
        ("Jane Doe, Washington", ["Jane Doe"]),
        ("Hans von Stauff", ["Hans von Stauff"]),
        ("<a href='/x'>Jane&nbsp;Doe</a>", ["Jane Doe"]),
        ("Kristin", ["Kristin"]),
        ("https://social.example/paper", []),
        ("", []),
    ],
)
def test_author_fields(value: str, expected: list[str]) -> None:
    assert people([value]) == expected


def test_agencies_and_the_paper_stand_back_behind_people() -> None:
    assert people(["Paula Stein", "SDA"]) == ["Paula Stein"]
    assert people(["Der Bote", "Paula Stein"], "Der Bote") == ["Paula Stein"]
    assert people(["Jean Dupont et l'AFP"]) == ["Jean Dupont"]


def test_organisations_sign_where_nobody_else_does() -> None:
    assert people(["AFP"]) == ["AFP"]
    assert people(["Redaktion bote.de"]) == ["Redaktion bote.de"]


def test_names_come_once() -> None:
    assert people(["Jane Doe", "By Jane Doe", "JANE DOE"]) == ["Jane Doe"]


@pytest.mark.parametrize(
    "text", ["Updated yesterday", "Follow us on Twitter", "May 3, 2024", "5 min read", "Staff", "x" * 300]
)
def test_what_stands_in_a_byline_box_and_is_no_name(text: str) -> None:
    assert byline_people(text) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Mehdi Larbi / Les Nouvelles ECO", ["Mehdi Larbi"]),
        ("Par Anne Lartigue", ["Anne Lartigue"]),
        ("بقلم: محمد العربي", ["محمد العربي"]),
        ("محمد العربي / الفنار", ["محمد العربي"]),
        ("Un ancrage régional", []),
        ("ميناء المدينة يتوسع", []),
        ("Le Matin", []),
        ("He said that By Jane Doe was a song.", []),
        ("", []),
    ],
)
def test_lines_that_are_nothing_but_a_byline(line: str, expected: list[str]) -> None:
    assert signature(line, "Les ECO") == expected
