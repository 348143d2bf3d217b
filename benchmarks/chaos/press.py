"""The pages of a run: when each appears, who asks for it, when it is edited, and of which it is a copy.

All of it follows from a seed. The first word of a page's address says who asks for it.
"""

import random
from typing import Literal

import msgspec

# A page is listed by the front or the feed, or asked for by a foreign Celery client, or entered in the ledger.
Way = Literal["front", "feed", "door", "ledger"]
WAYS: tuple[Way, ...] = ("front", "feed", "door", "ledger", "door", "ledger")
EDITED, COPIED, ASKED_TWICE = 0.2, 0.1, 0.2
# No page appears so shortly (s) before the end.
QUIET_S = 3.0


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """A page; times are seconds of the run. One with `copy_of` says what that page says, and names it as canonical."""

    number: int
    way: Way
    at: float
    edited: float | None
    copy_of: int | None
    again: tuple[float, ...]  # when it is asked for another time

    @property
    def path(self) -> str:
        """Its address."""
        one, other = topics(self.told)
        return f"/{self.way}/{self.number}/plan-{self.told}-for-the-{one}-and-the-{other}.html"

    @property
    def told(self) -> int:
        """The number of the story that it tells."""
        return self.number if self.copy_of is None else self.copy_of


def stories(seed: int, count: int, seconds: float) -> list[Story]:
    """The stories of a run in the order in which they appear."""
    drawn = random.Random(f"stories {seed}")
    last = max(1.0, seconds - QUIET_S)
    moments = sorted(drawn.uniform(0, last) for _ in range(count))
    found: list[Story] = []
    for number, at in enumerate(moments):
        copied = drawn.choice(found[-200:]) if found and drawn.random() < COPIED else None
        edited = drawn.uniform(at, last) if copied is None and drawn.random() < EDITED else None
        again = [drawn.uniform(edited, last + 1)] if edited is not None else []
        again += [at + drawn.uniform(0, 5)] if drawn.random() < ASKED_TWICE else []
        found.append(
            Story(
                number=number,
                way=drawn.choice(WAYS),
                at=at,
                edited=edited,
                copy_of=copied.told if copied else None,
                again=tuple(sorted(again)),
            )
        )
    return found


TOPICS = ("harbour", "bridge", "school", "council", "market", "station", "library", "orchard", "theatre", "clinic")
SENTENCE = (
    "Officials said on Tuesday that the {0} of {2} would be discussed with everybody who lives near the {1}, and that "
    "no decision was to be expected before the end of month {2}. "
)


def topics(number: int) -> tuple[str, str]:
    """What a story is about."""
    return TOPICS[number % len(TOPICS)], TOPICS[number // len(TOPICS) % len(TOPICS)]


def title(number: int, is_edited: bool) -> str:
    """The title of a story."""
    one, other = topics(number)
    return f"Plan {number} for the {one} and the {other}" + (", corrected" if is_edited else "")


def page(story: Story, canonical: str, is_edited: bool) -> bytes:
    """A story's page."""
    number, head = story.told, title(story.told, is_edited)
    text = SENTENCE.format(TOPICS[number % len(TOPICS)], TOPICS[(number + 3) % len(TOPICS)], number)
    body = "".join(f"<p>{n}. {text * 3}</p>" for n in range(6))
    return (
        f"<!doctype html><html lang=en><head><title>{head} | Gazette</title><link rel=canonical href='{canonical}'>"
        '<meta property="og:type" content="article"></head><body><header><a href="/">Gazette</a></header>'
        f"<article><h1>{head}</h1><p class=byline>By Ada Quill</p>{body}</article>"
        "<footer><p>Gazette, an invented newspaper</p></footer></body></html>"
    ).encode()


def front(listed: list[tuple[str, str]]) -> bytes:
    """The front page that lists stories: (URL, title)."""
    items = "".join(f'<li><a href="{url}">{head}</a></li>' for url, head in listed)
    return (
        "<!doctype html><html lang=en><head><title>Gazette</title></head><body><header><a href='/'>Gazette</a></header>"
        f"<main><section class=latest><h2>Latest news</h2><ul>{items}</ul></section></main>"
        "<footer><p>Gazette, an invented newspaper</p></footer></body></html>"
    ).encode()


def feed(listed: list[tuple[str, str]], home: str) -> bytes:
    """The same as a feed."""
    items = "".join(f"<item><title>{head}</title><link>{url}</link></item>" for url, head in listed)
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>Gazette</title><link>{home}</link>{items}'
        "</channel></rss>"
    ).encode()
