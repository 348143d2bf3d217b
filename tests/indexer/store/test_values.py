"""Times and texts, as Postgres can hold them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.indexer.store.values import Moment, clean, digest, moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-05-08", Moment(at=datetime(2025, 5, 8, tzinfo=UTC), precision="day")),
        ("2025-05-08T10:30:00", Moment(at=datetime(2025, 5, 8, 10, 30, tzinfo=UTC), precision="local")),
        ("2025-05-08T10:30:00+02:00", Moment(at=datetime(2025, 5, 8, 8, 30, tzinfo=UTC), precision="instant")),
        ("2025-05-08T10:30:00Z", Moment(at=datetime(2025, 5, 8, 10, 30, tzinfo=UTC), precision="instant")),
        ("yesterday", Moment()),
        (None, Moment()),
    ],
)
def test_a_moment_knows_how_precise_it_is(text: str | None, expected: Moment) -> None:
    assert moment(text) == expected


@given(st.text(alphabet=st.characters()))
def test_no_text_is_a_moment_by_accident(text: str) -> None:
    moment(text)


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_clean_text_is_storable_and_stays_so(text: str) -> None:
    cleaned = clean(text)
    assert cleaned is not None
    assert "\0" not in cleaned
    assert clean(cleaned) == cleaned
    cleaned.encode()


def test_digests_keep_parts_apart() -> None:
    assert digest(b"ab", b"c") != digest(b"a", b"bc")
