"""Where addresses lead."""

import pytest

from services.parser.outline.addresses import absolute_url

PAGE = "https://courrier.example/sport/"


@pytest.mark.parametrize(
    ("address", "whole"),
    [
        ("finale-48213", "https://courrier.example/sport/finale-48213"),
        (" /meteo ", "https://courrier.example/meteo"),
        ("//cdn.example/a.jpg", "https://cdn.example/a.jpg"),
        ("https://autre.example/", "https://autre.example/"),
        ("http://[x", None),
        ("", None),
        (None, None),
    ],
)
def test_addresses_written_out(address: str | None, whole: str | None) -> None:
    assert absolute_url(address, PAGE) == whole


def test_without_an_address_of_the_page_they_stay_as_they_are() -> None:
    assert absolute_url("/meteo", None) == "/meteo"
