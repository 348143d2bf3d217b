"""Which statements forbid to store a page, or to mine it: those of the table in docs/rights.md."""

from typing import Any

import pytest

from services.fetcher.rights.reservation import reservation
from shared.rights import Rights, Statement, Where


def rights(**said: list[tuple[Where, str]]) -> Rights:
    kinds: dict[str, Any] = {
        kind: tuple(Statement(where=where, said=value) for where, value in all_of) for kind, all_of in said.items()
    }
    return Rights(**kinds)


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (rights(tdm_reservation=[("meta", "1"), ("header", "0")]), "tdm-reservation: 1"),
        (rights(tdm_reservation=[("meta", "yes"), ("tdmrep.json", "1")]), "tdmrep.json"),
        (rights(x_robots_tag=[("header", "noindex, NOARCHIVE")]), "X-Robots-Tag"),
        (rights(x_robots_tag=[("header", "otherbot: all, depeche: nocache")]), "X-Robots-Tag"),
        (rights(meta_robots=[("meta", "index"), ("meta", "noai, noimageai")]), "meta element"),
        (rights(meta_robots=[("meta", "noml")]), "noml"),
        (rights(content_signal=[("robots.txt", "search=yes, ai-train=no")]), "Content-Signal"),
        (rights(content_signal=[("robots.txt", "search=yes"), ("robots.txt", "AI-Input = No")]), "Content-Signal"),
        (rights(content_signal=[("robots.txt", "search=no")]), "Content-Signal"),
    ],
)
def test_what_forbids_it(given: Rights, names: str) -> None:
    assert names in (reservation(given, "Depeche") or "")


@pytest.mark.parametrize(
    "given",
    [
        None,
        rights(tdm_reservation=[("meta", "0"), ("header", "1")]),
        rights(tdm_reservation=[("header", "yes")], tdm_policy=[("header", "https://avisen.example/p.json")]),
        rights(x_robots_tag=[("header", "noindex, nofollow"), ("header", "otherbot: noarchive")]),
        rights(meta_robots=[("meta", "none"), ("meta", "noimageai, nosnippet")]),
        rights(content_signal=[("robots.txt", "ai-train=yes"), ("robots.txt", "ai-train=no")]),
        rights(content_signal=[("robots.txt", "use=reference, ai-train")]),
        rights(license=[("robots.txt", "https://avisen.example/lisens.xml")]),
    ],
)
def test_what_does_not(given: Rights | None) -> None:
    assert reservation(given, "Depeche") is None
