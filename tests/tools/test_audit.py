"""What `make audit` makes of pip-audit's answers: it never calls well what nobody was asked for."""

from typing import Any

import pytest

from tools.audit import Audit, pins, read, sentence, status

WELL: dict[str, Any] = {"name": "kombu", "version": "5.6.2", "vulns": []}
SKIPPED = {"name": "vine", "skip_reason": "Dependency not found on PyPI and could not be audited: vine (5.1.0)"}
HURT = {
    "name": "jinja2",
    "version": "2.10",
    "vulns": [{"id": "PYSEC-2019-217", "fix_versions": ["2.10.1"], "aliases": [], "description": "A sandbox escape."}],
}


@pytest.mark.parametrize(
    ("packages", "ends_with", "says"),
    [
        ([WELL], 0, "parser: no known vulnerability in 1 packages"),
        ([WELL, HURT], 1, "jinja2 2.10: PYSEC-2019-217, mended in 2.10.1"),
        ([WELL, SKIPPED], 3, "parser: NOT AUDITED: nobody could be asked for 1 of its packages (Dependency not found"),
        ([SKIPPED], 3, "parser: NOT AUDITED: nobody could be asked for its packages (Dependency not found"),
        ([SKIPPED, HURT], 1, "parser: 1 known vulnerabilities"),
    ],
)
def test_what_is_said_and_how_it_ends(packages: list[dict[str, Any]], ends_with: int, says: str) -> None:
    told = read({"dependencies": packages, "fixes": []})
    assert says in sentence("parser", told)
    assert status([read({"dependencies": [WELL]}), told]) == ends_with


def test_a_service_that_does_not_answer_is_no_good_news() -> None:
    told = Audit(why_not="requests.exceptions.ConnectionError: Name or service not known")
    assert status([told]) == 3
    assert "NOT AUDITED" in sentence("parser", told)
    assert "Name or service not known" in sentence("parser", told)


def test_it_asks_for_what_the_images_get_and_not_for_what_this_machine_would() -> None:
    lines = pins("parser").splitlines()
    assert [line.split("==")[0] for line in lines].count("numpy") == 1
    assert all(";" not in line and "--hash=sha256:" in line for line in lines)
