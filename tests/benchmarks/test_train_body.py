"""The shipped weights are those of today's features and settings: a change of either means training again."""

import pytest

from benchmarks import body_pages, logistic, train_body
from services.parser.body.features import read_trained


@pytest.mark.parametrize("name", ["body_weights.json", "context_weights.json"])
def test_the_weights_are_of_todays_recipe(name: str) -> None:
    assert read_trained(name).recipe == train_body.recipe()


def test_another_setting_is_another_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    before = train_body.recipe()
    monkeypatch.setattr(train_body, "CONTEXT_PENALTY", 5e-3)
    assert train_body.recipe() != before


def test_the_same_rows_give_the_same_weights() -> None:
    rows = [
        logistic.Row(
            names=["bias", "long" if number % 2 else "short"], label=bool(number % 2), weight=1.0, publisher=who
        )
        for number in range(400)
        for who in ("a", "b")
    ]
    once, again = (logistic.train(rows, 1e-3, lambda _: 2) for _ in range(2))
    assert once == again
    assert once["long"] > 0 > once["short"]


def test_a_page_without_an_address_has_the_publisher_of_the_host_in_its_name() -> None:
    assert body_pages.publisher_of_page("20240503_news.quay-courier.example_0a1b", {}) == "quay-courier.example"
    assert body_pages.publisher_of_page("x", {"url": "https://www.harbour.example/a"}) == "harbour.example"
