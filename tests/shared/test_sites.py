"""Which hosts are of one site."""

import pytest

from shared.sites import site_of


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("www.paper.co.uk", "paper.co.uk"),
        ("paper.co.uk", "paper.co.uk"),
        ("sport.courrier.example", "courrier.example"),
        ("gazette.blogspot.com", "gazette.blogspot.com"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "[::1]"),
        ("co.uk", None),
        ("localhost", None),
        ("", None),
    ],
)
def test_the_site_of_a_host(host: str, site: str | None) -> None:
    assert site_of(host) == site
