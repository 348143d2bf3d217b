"""Fronts of different build, each a folder: source.html, expected.json.

expected.json has the page's address and its lists: kind, label, the texts in order. Nothing else is a headline.
"""

import json
from pathlib import Path

import pytest

from services.parser.lists.headlines import find_headlines
from services.parser.outline.outline import outline_of
from shared.parsed_page import Headline

FRONTS = sorted(path for path in (Path(__file__).parent / "fronts").iterdir() if path.is_dir())


def lists_of(headlines: list[Headline]) -> list[dict[str, object]]:
    lists: list[tuple[str, str | None, list[str]]] = []
    for headline in headlines:
        if headline.position == 1:
            lists.append((headline.kind, headline.label, []))
        lists[-1][2].append(headline.text)
    return [{"kind": kind, "label": label, "texts": texts} for kind, label, texts in lists]


@pytest.mark.parametrize("folder", FRONTS, ids=lambda path: path.name)
def test_front(folder: Path) -> None:
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    outline = outline_of((folder / "source.html").read_text("utf-8"))
    assert lists_of(find_headlines(outline, expected["url"]).headlines) == expected["lists"]


@pytest.mark.parametrize("folder", FRONTS, ids=lambda path: path.name)
def test_every_headline_has_the_address_of_its_story(folder: Path) -> None:
    url = json.loads((folder / "expected.json").read_text("utf-8"))["url"]
    found = find_headlines(outline_of((folder / "source.html").read_text("utf-8")), url).headlines
    home = "/".join(url.split("/")[:3])
    assert all(
        h.url and h.url.startswith(home) and (any(c.isdigit() for c in h.url) or h.url.count("/") > 3) for h in found
    )


def test_many_teasers_make_no_article_of_a_front() -> None:
    teaser = "Une phrase qui en dit plus que le titre, et une autre encore, pour que la carte ait deux lignes. " * 2
    cards = "".join(
        f"<div><h3><a href='/sport/le-club-{at}-monte-4820{at}'>Le club numéro {at} monte d’un rang</a></h3>"
        f"<div><p>{teaser}</p></div></div>"
        for at in range(10)
    )
    prose = "".join(f"<div><p>{teaser}</p></div>" for _ in range(10))
    url = "https://courrier.example/sport/"
    found = find_headlines(outline_of(f"<main>{cards}</main>"), url).headlines
    assert [h.kind for h in found] == ["front"] * 10
    lists = find_headlines(outline_of(f"<main>{prose}</main><div>{cards}</div>"), url)
    assert len(lists.headlines) == 10
    assert not lists.front
    assert [h.kind for h in lists.as_signs().headlines] == ["related"] * 10
