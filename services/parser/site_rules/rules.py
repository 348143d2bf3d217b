"""rules.toml -> SiteRules: how the pages of a few sites are to be read, where an operator wants to be exact.

A site's quirks are rows of a data file, never an `if` in the parser. `selection.py` applies a rule to a page;
docs/site-rules.md tells operators how to write one.
"""

import datetime as dt
import re
import tomllib
from collections.abc import Iterable
from fnmatch import fnmatchcase
from itertools import combinations, pairwise
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from shared.failures import UserError
from shared.parsed_page import HeadlineKind

SHIPPED_RULES = Path(__file__).parent / "rules.toml"
# The keys of a rule that select parts of a page.
SELECTOR_KEYS = ("body", "ticker", "title", "author", "date", "drop")

_HOST = re.compile(r"(?:[a-z0-9_-]+\.)+[a-z0-9-]+")
_GLOB_MARKS = frozenset("*?[")
_TOML_LINE = re.compile(r"\(at line (\d+)")
_NO_PAGE = LexborHTMLParser("")


def _host(site: str) -> str:
    if not _HOST.fullmatch(site):
        raise ValueError("write the host as addresses have it, in lower case and alone, such as news.example")
    return site


def _path(path: str) -> str:
    if not path.startswith("/"):
        raise ValueError("begin it with / , as the path of an address does")
    return path


def _selector(selector: str) -> str:
    try:
        _NO_PAGE.css(selector)
    except SelectolaxError as error:
        raise ValueError(f"{selector!r} is not a CSS selector that Lexbor understands") from error
    return selector


Selector = Annotated[str, AfterValidator(_selector)]


class SiteRule(BaseModel):
    """How one site's pages are to be read; fields that a rule does not select are found as on any other page."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    site: Annotated[str, AfterValidator(_host)]
    seen: dt.date
    valid_from: dt.date = dt.date.min
    valid_until: dt.date = dt.date.max
    path: Annotated[str, AfterValidator(_path)] = "/"
    body: Selector | None = None
    ticker: Selector | None = None
    ticker_kind: HeadlineKind = "ticker"
    title: Selector | None = None
    author: Selector | None = None
    date: Selector | None = None
    drop: Selector | None = None
    test_page: str | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.valid_until < self.valid_from:
            raise ValueError("valid_until is before valid_from")
        if not self.valid_from <= self.seen <= self.valid_until:
            raise ValueError("seen is outside the time from valid_from until valid_until")
        if not self.selector_keys:
            raise ValueError(f"there is no selector; name one of {', '.join(SELECTOR_KEYS)}")
        return self

    @property
    def name(self) -> str:
        """Returns site and path, by which messages and tables name the rule."""
        return self.site if self.path == "/" else self.site + self.path

    @property
    def selector_keys(self) -> list[str]:
        """Returns the keys by which this rule selects parts of a page."""
        return [key for key in SELECTOR_KEYS if getattr(self, key) is not None]

    def covers(self, path: str, on: dt.date) -> bool:
        """Whether the rule is valid for this path of its site on this day."""
        if not self.valid_from <= on <= self.valid_until:
            return False
        if _GLOB_MARKS.isdisjoint(self.path):
            return path.startswith(self.path)
        return fnmatchcase(path, self.path)


class SiteRules:
    """Finds the rule for a page. It is asked for every page: one look-up per part of the host, none without rules."""

    def __init__(self, rules: Iterable[SiteRule]) -> None:
        self._by_site: dict[str, list[SiteRule]] = {}
        for rule in sorted(rules, key=lambda rule: -len(rule.path)):
            self._by_site.setdefault(rule.site, []).append(rule)

    def rule_for(self, url: str | None, on: dt.date | None = None) -> SiteRule | None:
        """Returns the rule with the longest host, then with the longest path; None if there is none.

        `on` is the day of the fetch, on which the rule must be valid; without it, today.
        """
        if not self._by_site or not url:
            return None
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        host = (parts.hostname or "").rstrip(".")
        while host:
            rules = self._by_site.get(host)
            if rules:
                day = on or dt.datetime.now(dt.UTC).date()
                rule = next((rule for rule in rules if rule.covers(parts.path or "/", day)), None)
                if rule is not None:
                    return rule
            host = host.partition(".")[2]
        return None


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: list[SiteRule] = []


def load_site_rules(own: Path | None = None) -> SiteRules:
    """Returns the shipped rules and the operator's; for a site that both have, only the operator's count."""
    rules = read_rules(own) if own is not None else []
    sites = {rule.site for rule in rules}
    return SiteRules([*rules, *(rule for rule in read_rules(SHIPPED_RULES) if rule.site not in sites)])


def read_rules(path: Path) -> list[SiteRule]:
    """Returns the rules of a file; raises a UserError that names the rule, the key and the mistake."""
    data = _read_toml(path)
    try:
        rules = _File.model_validate(data).rule
    except ValidationError as error:
        mistakes = [_mistake(data, details) for details in error.errors()]
        raise UserError(f"{path}, {'; '.join(mistakes)}.") from error
    _refuse_disorder(path, rules)
    _refuse_overlap(path, rules)
    return rules


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise UserError(f"Cannot read the site rules {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not TOML: it is not in UTF-8.") from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path} is not TOML: {error}{_place_in_toml(text, error)}.") from error


def _place_in_toml(text: str, error: tomllib.TOMLDecodeError) -> str:
    """Returns rule and line of a TOML error, for the message.

    Impossible dates are such errors: TOML has dates itself.
    """
    found = _TOML_LINE.search(str(error))
    lines = text.splitlines()[: int(found[1])] if found else []
    number = sum(line.strip().startswith("[[rule]]") for line in lines)
    return f", in rule {number}: {lines[-1].strip()}" if number else ""


def _mistake(data: dict[str, Any], details: ErrorDetails) -> str:
    """Returns one mistake as `rule 2 (news.example), body: ...`."""
    table, *place = details["loc"]
    if details["type"] == "extra_forbidden":
        known = ", ".join(SiteRule.model_fields)
        message = f"unknown key; a rule may have {known}" if place else "unknown key; the file may have [[rule]] only"
    elif details["type"] == "value_error":
        message = str(details["ctx"]["error"])
    elif details["type"].startswith("date"):
        message = f"{details['input']} is no date; write it as 2026-10-31"
    else:
        message = "this key is missing" if details["type"] == "missing" else details["msg"]
    if not place:
        return f"{table}: {message}"
    number, *keys = place
    rule = data["rule"][number]
    site = rule.get("site", "no site") if isinstance(rule, dict) else "no table"
    return f"{', '.join([f'rule {int(number) + 1} ({site})', *map(str, keys)])}: {message}"


def _refuse_disorder(path: Path, rules: list[SiteRule]) -> None:
    for number, (before, rule) in enumerate(pairwise(rules), start=2):
        if rule.site < before.site:
            raise UserError(
                f"{path}, rule {number} ({rule.site}), site: it belongs before {before.site}; sort the rules."
            )


def _refuse_overlap(path: Path, rules: list[SiteRule]) -> None:
    """Raise UserError if a page may have two rules and neither of them is the more specific one."""
    for (first, one), (second, other) in combinations(enumerate(rules, start=1), 2):
        if (one.site, one.path) != (other.site, other.path):
            continue
        if one.valid_from <= other.valid_until and other.valid_from <= one.valid_until:
            raise UserError(
                f"{path}, rule {second} ({other.site}), valid_from: rule {first} is for the same pages at the same "
                "time; end the older with valid_until, or give one of them another path."
            )
