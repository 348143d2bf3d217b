"""How well pages are read is counted when they are stored, and once for each page that is written."""

from collections import defaultdict

import pytest
from prometheus_client import REGISTRY

from services.indexer.index import Indexer
from tests.support.flights import ONE, TWO
from tests.support.pages import HEADLINES, Flights, article, page
from tests.support.records import changed

Counted = dict[str, float]

# What is counted, and the label that is looked at.
LABEL = {
    "depeche_pages_read_total": "page_type",
    "depeche_article_fields_missing_total": "field",
    "depeche_articles_read_again_total": "result",
    "depeche_list_headlines_sum": "page_type",
    "depeche_list_headlines_count": "page_type",
}


@pytest.fixture
def counted() -> "Since":
    return Since()


class Since:
    """What has been counted since the last look, by name and label."""

    def __init__(self) -> None:
        self._before = self._all()

    def look(self) -> Counted:
        before, self._before = self._before, self._all()
        return {
            name: value - before.get(name, 0) for name, value in self._before.items() if value != before.get(name, 0)
        }

    def _all(self) -> Counted:
        found: Counted = defaultdict(float)
        for family in REGISTRY.collect():
            for sample in family.samples:
                if sample.name in LABEL:  # all kinds together
                    found[f"{sample.name} {sample.labels[LABEL[sample.name]]}"] += sample.value
        return found


def test_what_an_article_lacks(counted: Since, indexer: Indexer, flights: Flights) -> None:
    indexer.run(flights.message(ONE, changed(page(), article=article(language="en"))))
    assert counted.look() == {"depeche_pages_read_total article": 1}
    bare = article(title=None, authors=[], published_at=None)
    indexer.run(flights.message(TWO, changed(page(), article=bare)))
    assert counted.look() == {
        "depeche_pages_read_total article": 1,
        "depeche_article_fields_missing_total title": 1,
        "depeche_article_fields_missing_total author": 1,
        "depeche_article_fields_missing_total date": 1,
        "depeche_article_fields_missing_total language": 1,
    }


def test_a_page_that_is_no_article_any_more(counted: Since, indexer: Indexer, flights: Flights) -> None:
    whole = changed(page(), article=article(language="en"))
    indexer.run(flights.message(ONE, whole))
    counted.look()
    indexer.run(flights.message(ONE, whole, minutes=1))
    assert counted.look()["depeche_articles_read_again_total kept"] == 1
    indexer.run(flights.message(ONE, changed(page(), page_type="other", article=None), minutes=2))
    assert counted.look() == {"depeche_pages_read_total other": 1, "depeche_articles_read_again_total lost": 1}
    indexer.run(flights.message(ONE, changed(page(), page_type="other", article=None), minutes=3))
    assert counted.look() == {"depeche_pages_read_total other": 1}


def test_the_headlines_of_a_list(counted: Since, indexer: Indexer, flights: Flights) -> None:
    indexer.run(flights.message(ONE, changed(page(), page_type="listing", article=None)))
    assert counted.look() == {
        "depeche_pages_read_total listing": 1,
        "depeche_list_headlines_count listing": 1,
        "depeche_list_headlines_sum listing": len(HEADLINES),
    }
    indexer.run(flights.message(TWO, changed(page([]), page_type="feed", article=None)))
    assert counted.look() == {"depeche_pages_read_total feed": 1, "depeche_list_headlines_count feed": 1}


def test_a_message_that_comes_twice_counts_once(counted: Since, indexer: Indexer, flights: Flights) -> None:
    message = flights.message(ONE, changed(page(), article=article(language="en")))
    indexer.run(message)
    indexer.run(message)
    assert counted.look() == {"depeche_pages_read_total article": 1}
