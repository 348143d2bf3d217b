"""What a site and a page say of their use, word for word: TDMRep, Content-Signal, RSL, X-Robots-Tag, meta robots.

The fetcher reads it (services/fetcher/rights/), the message carries it in `Answer`, and the indexer stores it on the
page's row as JSON. Nothing is concluded here; docs/rights.md says what the words mean.
"""

from typing import Literal

import msgspec

# A longer value is cut, and of more statements of a kind the first are kept: a message carries small facts only.
MAX_CHARS = 1_000
MOST_STATEMENTS = 20

Where = Literal["meta", "link", "header", "robots.txt", "tdmrep.json"]


class Statement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One value as it was said. `path` and `to` are left out of the JSON where it was said of all pages, or to all."""

    said: str
    where: Where
    path: str | None = None  # the pattern of paths that it was said of
    to: str | None = None  # the crawler that it was said to: "*", or our own product token


class Rights(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All statements about one page, by kind; kinds of which nothing was said are left out of the JSON.

    Where statements of a kind contradict each other, the first holds.
    """

    tdm_reservation: tuple[Statement, ...] = ()
    tdm_policy: tuple[Statement, ...] = ()
    content_signal: tuple[Statement, ...] = ()
    license: tuple[Statement, ...] = ()
    x_robots_tag: tuple[Statement, ...] = ()
    meta_robots: tuple[Statement, ...] = ()

    def followed_by(self, others: "Rights") -> "Rights":
        """Returns these statements and, after those of each kind, the others: those that these take precedence over."""
        pairs = {name: getattr(self, name) + getattr(others, name) for name in self.__struct_fields__}
        return Rights(**{name: both[:MOST_STATEMENTS] for name, both in pairs.items()})

    def or_none(self) -> "Rights | None":
        """Returns these statements; None where there are none."""
        return self if self != NOTHING_SAID else None


NOTHING_SAID = Rights()
