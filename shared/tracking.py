"""Which query parameters are part of a page's address, and which say only where a reader came from?

The names are in tracking_parameters.toml, each with its owner and its source. courlan's list takes every parameter with
"cid", "source" or "uid" in its name, and some sites use those for story numbers.
"""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

_TABLES = tomllib.loads((Path(__file__).parent / "tracking_parameters.toml").read_text("utf-8"))

Parameter = tuple[str, str]


def _names(table: str) -> frozenset[str]:
    return frozenset(name for entry in _TABLES[table] for name in entry["names"])


TRACKING = _names("parameters")
NUMBERS_TOO = _names("where_the_rest_tells_numbers_too")
WHERE_THE_REST_TELLS = _names("where_the_rest_tells") | NUMBERS_TOO
# Old systems number their stories in `sid`; a session's `sid` is long and has letters and digits.
SESSION_PARAMETERS = frozenset({"sid", "session", "session_id", "s"})
SESSION_ID = re.compile(r"(?=.*\d)(?=.*[a-z])[0-9a-z]{20,}", re.IGNORECASE)
SERVER_SESSION = "aspsessionid"  # eight letters of the server's own follow
WITH_VALUES = frozenset(
    (name, value) for entry in _TABLES["with_values"] for name in entry["names"] for value in entry["values"]
)
NAMES_WITH_VALUES = frozenset(name for name, _ in WITH_VALUES)
# The last step of a path tells the story by four digits in a row that are no year, by a slug of three words, or by an
# opaque number with letters and digits.
TELLING_VALUE = re.compile(r"(?<!\d)(?!(?:19|20)\d\d(?!\d))\d{4}")
TELLING_STEP = re.compile(
    rf"{TELLING_VALUE.pattern}|-[^/]*-|^(?=(?:[a-z]*\d){{2}})(?=[0-9]*[a-z])[a-z0-9]{{8,}}$", re.IGNORECASE
)
# A value that may be a story's own number, or that of a page of a list.
NUMBER = re.compile(r"\d+(?:[._/-]\d+)*|[0-9a-f-]{16,}", re.IGNORECASE)


def naming(parameters: Sequence[Parameter], path: str) -> list[Parameter]:
    """Returns those of a query's parameters that are part of the page's address; `path` is that of the URL."""
    sure: list[Parameter] = []
    unsure: list[Parameter] = []
    for one in parameters:
        # Links that were escaped twice have `&amp;` between their parameters.
        name = one[0].lower().removeprefix("amp;")
        if name in TRACKING or _leads_here(name, one[1]):
            continue
        (unsure if name in WHERE_THE_REST_TELLS else sure).append(one)
    if not unsure:
        return sure
    last_step = path.rstrip("/").rpartition("/")[2]
    if TELLING_STEP.search(last_step) or any(TELLING_VALUE.search(value) for _, value in sure):
        unsure = [one for one in unsure if one[0].lower() not in NUMBERS_TOO and NUMBER.fullmatch(one[1])]
    return sure + unsure


def _leads_here(name: str, value: str) -> bool:
    """Whether the parameter says by its value that it is a feed's, an AMP twin's or a session's."""
    if name in NAMES_WITH_VALUES:
        return (name, value.lower()) in WITH_VALUES
    return name.startswith(SERVER_SESSION) or (name in SESSION_PARAMETERS and bool(SESSION_ID.fullmatch(value)))
