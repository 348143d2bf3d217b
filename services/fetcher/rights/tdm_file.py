"""What a site's tdmrep.json says of a URL (TDM Reservation Protocol, final report of the W3C community group, 2024)."""

import json
from typing import Any, cast

import msgspec

from services.fetcher.rights.path_patterns import matches, path_of
from shared.rights import MAX_CHARS, Rights, Statement

PATH = "/.well-known/tdmrep.json"
# A file with more rules or bytes counts as unreadable. Those of large publishers have some twenty rules.
MOST_RULES = 1_000
MAX_BYTES = 65_536


class TdmFile(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of a tdmrep.json, in their order; none where the site has no such file or it cannot be read."""

    rules: tuple[dict[str, Any], ...] = ()

    def says(self, url: str) -> Rights:
        """Returns the first rule whose pattern matches the URL: the specification calls it the most specific."""
        path = path_of(url)
        for rule in self.rules:
            pattern = cast(str, rule["location"])
            if matches(pattern, path):
                return Rights(
                    tdm_reservation=_statement(rule, "tdm-reservation"), tdm_policy=_statement(rule, "tdm-policy")
                )
        return Rights()


def read_tdm_file(body: bytes) -> TdmFile:
    """Returns the rules of the file; rules without a pattern are left out, and one rule may stand without brackets."""
    if not body or len(body) > MAX_BYTES:
        return TdmFile()
    try:
        found = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return TdmFile()
    rules = [found] if isinstance(found, dict) else found if isinstance(found, list) else []
    usable = [rule for rule in rules if isinstance(rule, dict) and _is_pattern(rule.get("location"))]
    return TdmFile(rules=tuple(usable) if len(usable) <= MOST_RULES else ())


def _is_pattern(location: object) -> bool:
    return isinstance(location, str) and location.startswith(("/", "*"))


def _statement(rule: dict[str, Any], key: str) -> tuple[Statement, ...]:
    value = rule.get(key)
    if value is None:
        return ()
    said = value if isinstance(value, str) else json.dumps(value)
    return (Statement(said=said[:MAX_CHARS], where="tdmrep.json", path=rule["location"][:MAX_CHARS]),)
