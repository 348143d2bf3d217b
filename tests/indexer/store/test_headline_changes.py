"""Which headline became which, on records alone."""

from collections.abc import Sequence

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.indexer.store.headline_changes import HeadlineChanges, Known, Line, differences, lines_of
from shared.parsed_page import Headline

LIVE = "https://news.example/live"


def line(text: str, url: str | None = None, **fields: object) -> Line:
    (only,) = lines_of([msgspec.structs.replace(Headline(kind="ticker", position=1, text=text, url=url), **fields)])
    return only


def known(*lines: Line, gone: Sequence[int] = ()) -> list[Known]:
    return [Known(headline_id=n, is_gone=n in gone, line=one) for n, one in enumerate(lines, start=1)]


def told(changes: HeadlineChanges) -> tuple[list[str], list[tuple[int, str]], list[int]]:
    return [one.text for one in changes.new], [(c.headline_id, c.line.text) for c in changes.changed], changes.gone


def test_what_is_the_same_is_no_change() -> None:
    assert not differences(known(line("A", LIVE), line("B")), [line("B"), line("A", LIVE)])


def test_another_text_over_the_same_address_is_a_new_wording() -> None:
    assert told(differences(known(line("A", LIVE)), [line("B", LIVE)])) == ([], [(1, "B")], [])


def test_an_address_with_tracking_is_the_same() -> None:
    assert told(differences(known(line("A", LIVE)), [line("B", LIVE + "?utm_source=x")])) == ([], [(1, "B")], [])


def test_without_an_address_another_text_is_another_headline() -> None:
    assert told(differences(known(line("A")), [line("B")])) == (["B"], [], [1])


def test_in_another_list_it_is_another_headline() -> None:
    assert told(differences(known(line("A", LIVE)), [line("B", LIVE, kind="front")])) == (["B"], [], [1])
    assert told(differences(known(line("A", LIVE)), [line("B", LIVE, label="Now")])) == (["B"], [], [1])


def test_of_several_lines_over_one_address_none_is_taken_for_another() -> None:
    before = known(line("A", LIVE), line("B", LIVE))
    assert told(differences(before, [line("C", LIVE), line("A", LIVE)])) == (["C"], [], [2])
    assert told(differences(before, [line("C", LIVE)])) == (["C"], [], [1, 2])
    assert told(differences(before[:1], [line("C", LIVE), line("D", LIVE)])) == (["C", "D"], [], [1])


def test_a_line_that_is_there_still_is_not_taken_for_a_new_one() -> None:
    assert told(differences(known(line("A", LIVE)), [line("B", LIVE), line("A", LIVE)])) == (["B"], [], [])


def test_one_that_was_gone_comes_back_under_its_own_wording_only() -> None:
    before = known(line("A", LIVE), line("B", LIVE), gone=[1])
    assert told(differences(before, [line("A", LIVE)])) == ([], [(1, "A")], [2])
    assert told(differences(before[:1], [line("C", LIVE)])) == (["C"], [], [])


HEADLINES = st.builds(
    Headline,
    kind=st.sampled_from(["ticker", "front"]),
    position=st.integers(1, 4),
    text=st.sampled_from(["A", "B", "C", "a "]),
    url=st.sampled_from([None, LIVE, "https://news.example/other"]),
)


@given(st.lists(st.lists(HEADLINES, max_size=8), max_size=6))
def test_after_any_visits_what_stands_is_what_was_seen(visits: list[list[Headline]]) -> None:
    stored: dict[int, Known] = {}
    for visit in visits:
        seen = lines_of(visit)
        changes = differences(list(stored.values()), seen)
        for gone in changes.gone:
            stored[gone] = msgspec.structs.replace(stored[gone], is_gone=True)
        for change in changes.changed:
            stored[change.headline_id] = Known(headline_id=change.headline_id, is_gone=False, line=change.line)
        for new in changes.new:
            stored[len(stored)] = Known(headline_id=len(stored), is_gone=False, line=new)
        standing = [one.line for one in stored.values() if not one.is_gone]
        assert sorted(standing, key=str) == sorted(seen, key=str)
        keys = [one.line.headline_key for one in stored.values()]
        assert len(keys) == len(set(keys)), "no headline has two rows"
