"""tdmrep.json as the TDM Reservation Protocol defines it."""

import pytest

from services.fetcher.rights.tdm_file import MAX_BYTES, MOST_RULES, read_tdm_file
from shared.rights import Rights, Statement

FILE = b"""[
  {"location": "/arkiv/fri/*", "tdm-reservation": 0},
  {"location": "/arkiv/", "tdm-reservation": 1, "tdm-policy": "https://avisen.example/policy.json"},
  {"location": "/*.jpg$", "tdm-reservation": "1"}
]"""


def says(body: bytes, path: str) -> Rights:
    return read_tdm_file(body).says(f"https://avisen.example{path}")


def said(value: str, path: str) -> tuple[Statement, ...]:
    return (Statement(said=value, where="tdmrep.json", path=path),)


def test_the_first_rule_that_matches_counts() -> None:
    assert says(FILE, "/arkiv/fri/1") == Rights(tdm_reservation=said("0", "/arkiv/fri/*"))
    assert says(FILE, "/arkiv/1") == Rights(
        tdm_reservation=said("1", "/arkiv/"), tdm_policy=said("https://avisen.example/policy.json", "/arkiv/")
    )
    assert says(FILE, "/foto/1.jpg") == Rights(tdm_reservation=said("1", "/*.jpg$"))
    assert says(FILE, "/sport/1") == Rights()


def test_a_single_rule_may_stand_without_brackets_and_after_a_mark_of_order() -> None:
    assert says(b'\xef\xbb\xbf{"location": "/", "tdm-reservation": 1}', "/x").tdm_reservation == said("1", "/")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html><title>Not found</title>",
        b"[1, null, {}]",
        b'[{"location": 5, "tdm-reservation": 1}]',
        b'[{"location": "arkiv", "tdm-reservation": 1}]',
        b"null",
        b"[" * 100_000,
        b"\xff\xfe\x00",
        b'[{"location": "/", "tdm-reservation": 1}]' + b" " * MAX_BYTES,
        b"[" + b",".join([b'{"location":"/"}'] * (MOST_RULES + 1)) + b"]",
    ],
)
def test_what_cannot_be_read_says_nothing(body: bytes) -> None:
    assert says(body, "/") == Rights()
