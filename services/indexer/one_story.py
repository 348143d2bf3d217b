"""One story, one row; two stories, two rows: which article is a page's, where several pages name one address?

A canonical URL is what a page claims. Twins of a story name the story's address, and so share its row. But sites also
name one address for many stories, by mistake. So a page shares a row only with a page that has the same text, nearly
the same text or the same title; else it has a row of its own, under its own address. The page whose own address is
named has the first right to it: if another story stands there, that one moves out.
"""

import re
import uuid
from collections.abc import Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import Any

import msgspec

from services.indexer.connection import Connection
from services.indexer.followers.fingerprint import WORD, common, fingerprint_of
from services.indexer.followers.stories import FEWEST_SHINGLES
from services.indexer.landing import Landing
from services.indexer.store.occupants import Occupant, move, occupants, read_as
from services.indexer.store.pages import StoredPage
from services.indexer.store.values import clean, moment

# Two pages of one site tell one story if so much of the shorter text stands in the longer one. Twins share all but what
# was edited in between; stories of one site share what the house puts below each of them.
SHARED_OF_TEXT = 0.5
# So much is enough where the titles have as much in common.
SHARED_OF_REWRITTEN, SHARED_OF_TITLE = 0.2, 0.5
# Of a text too short for shingles, so many of its words.
SHARED_OF_WORDS = 0.7
# A title says which story it is from so many bytes on, which a letter of Latin takes one of and one of Chinese three;
# `Weather` is that of many.
BYTES_OF_TITLE = 15
# Stories of one title that were published further apart than this are two: the column of each week.
ONE_STORY = timedelta(days=2)

_WORDS = re.compile(r"\w+")


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a page tells, or a row."""

    title: str
    text: str
    published_at: datetime | None


def keep_apart(connection: Connection, landings: Sequence[Landing]) -> list[Landing]:
    """Return the landings of a wave; those that name the address of another story are kept apart from it."""
    naming = [landing for landing in landings if _names_other(landing)]
    if not naming:
        return list(landings)
    now = read_as(connection, [landing.key for landing in naming])
    rows = occupants(connection, {landing.named_key for landing in naming} | set(now.values()))
    settled = {landing.key: _settled(landing, rows, now.get(landing.key)) for landing in naming}
    return [
        msgspec.structs.replace(landing, settled_key=settled[landing.key]) if landing.key in settled else landing
        for landing in landings
    ]


def _names_other(landing: Landing) -> bool:
    return landing.page is not None and landing.page.article is not None and landing.named_key != landing.key


def _settled(landing: Landing, rows: Mapping[uuid.UUID, Occupant], now: uuid.UUID | None) -> uuid.UUID:
    """Return the key of the article: as named, as the page was read before, or its own."""
    named, before = rows.get(landing.named_key), rows.get(now) if now else None
    if named is None or named.page_key == landing.key or _is_of(landing, named):
        return landing.named_key
    if before is not None and before is not named and (before.page_key == landing.key or _is_of(landing, before)):
        return before.article_key
    return landing.key


def make_room(connection: Connection, stored: Sequence[StoredPage]) -> None:
    """Free the keys of these pages from other stories, and take rows along with pages that get another key.

    It comes before the articles are written.
    """
    held = {of.landing.key: of for of in stored if of.is_held}
    leaving = {of.article_before: of for of in stored if of.article_before and of.is_elsewhere}
    rows = occupants(connection, {*held, *leaving}) if held or leaving else {}
    for key, row in rows.items():
        if key in held and row.is_address and not _is_of(held[key].landing, row):
            move(connection, key, row.page_key)
        elif key in leaving:
            _take_along(connection, leaving[key], row)


def _take_along(connection: Connection, of: StoredPage, row: Occupant) -> None:
    """Move the row of the article that the page was read as, if it is the page's: so its article_id stays."""
    is_its = row.page_key == of.landing.key and not row.has_others and _is_of(of.landing, row)
    if is_its and of.article_key and not occupants(connection, [of.article_key]):
        move(connection, row.article_key, of.article_key)


def _is_of(landing: Landing, row: Occupant) -> bool:
    """Whether the page tells the story of the row."""
    article = landing.page.article if landing.page else None
    if article is None:
        return False
    at = moment(article.published_at).at
    page = Told(title=clean(article.title) or "", text=clean(article.text) or "", published_at=at)
    return are_one_story(page, Told(title=row.title or "", text=row.body, published_at=row.published_at))


def are_one_story(one: Told, other: Told) -> bool:
    """Return whether two pages that name one address tell one story: the same, edited, cut, or under another title."""
    if one.text == other.text and one.text.strip():
        return True
    if _have_one_title(one, other):
        return True
    shared = _shared_of_text(one.text, other.text)
    if shared >= SHARED_OF_TEXT:
        return True
    return shared >= SHARED_OF_REWRITTEN and _shared(_words(one.title), _words(other.title)) >= SHARED_OF_TITLE


def _have_one_title(one: Told, other: Told) -> bool:
    titles = {"".join(_WORDS.findall(told.title.casefold())) for told in (one, other)}
    if len(titles) > 1 or len(titles.pop().encode()) < BYTES_OF_TITLE:
        return False
    at, then = one.published_at, other.published_at
    return at is None or then is None or abs(at - then) <= ONE_STORY


def _shared_of_text(one: str, other: str) -> float:
    """The share of the shorter text that stands in the other; of few words, a share that counts only if it is high."""
    shingles = [fingerprint_of(text).shingles for text in (one, other)]
    fewest = min(map(len, shingles))
    if fewest >= FEWEST_SHINGLES:
        return len(common(*shingles)) / fewest
    return 1.0 if _shared(_words(one), _words(other)) >= SHARED_OF_WORDS else 0.0


def _words(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(text.casefold()))


def _shared(one: Set[Any], other: Set[Any]) -> float:
    least = min(len(one), len(other))
    return len(one & other) / least if least else 0.0
