"""A message of several slow pages does not take longer than a message may."""

from typing import NoReturn

import pytest

from services.fetcher.tasks import Fetch, in_time
from shared.failures import GiveUp, RetryLater
from shared.messages import FetchPage, Origin


def fetch_that_gives_up(record: FetchPage) -> NoReturn:
    raise GiveUp("http_403", record.origin.url)


def page(number: int) -> FetchPage:
    return FetchPage(flight_id=str(number), origin=Origin(url=f"https://news.example/{number}"))


def test_pages_are_fetched_while_there_is_time() -> None:
    fetch: Fetch = in_time(fetch_that_gives_up, seconds=60.0)
    for number in range(3):
        with pytest.raises(GiveUp):
            fetch(page(number))


def test_pages_left_when_the_time_is_used_up_wait_without_losing_an_attempt() -> None:
    fetch: Fetch = in_time(fetch_that_gives_up, seconds=0.0)
    with pytest.raises(RetryLater, match="message_late") as left:
        fetch(page(1))
    assert not left.value.counts
