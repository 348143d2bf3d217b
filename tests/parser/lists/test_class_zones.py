"""Class names that say what part of a page a box is, and those that only sound like it."""

import pytest

from services.parser.lists.class_zones import DOUBTFUL, MENU, zone_of_hint


@pytest.mark.parametrize(
    "hint",
    ["ad", "ads-wrapper", "ad-slot ad-slot--2", "sidebar-ad", "google_ads", "advertisement", "sponsored-content"],
)
def test_an_advertisement_by_its_whole_name(hint: str) -> None:
    assert zone_of_hint(hint) == "never"


@pytest.mark.parametrize(
    "hint", ["has-ad", "hide-read-more-ad", "b-t-ad", "promo-card", "headline-promo", "page-ad-grid"]
)
def test_a_box_that_merely_has_or_hides_one_is_judged_by_its_links(hint: str) -> None:
    assert zone_of_hint(hint) == DOUBTFUL


@pytest.mark.parametrize(
    "hint",
    ["adfox123", "adapted", "headline", "loader", "menuet", "navy", "shared", "has-comments", "comments-disabled"],
)
def test_parts_of_other_words_say_nothing(hint: str) -> None:
    assert zone_of_hint(hint) is None


def test_the_first_telling_name_counts() -> None:
    assert zone_of_hint("column is-medium menu") == MENU
    assert zone_of_hint("grid share-bar menu") == "never"
    assert zone_of_hint("site-info") == "footer"
    assert zone_of_hint("classifieds-box") == zone_of_hint("services") == "never"
    assert zone_of_hint("health-services-news") is None
