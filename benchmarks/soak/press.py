"""The press of a soak: stories that appear at a steady rate, are edited, vanish or fail, and the lists that name them.

All of it follows from a story's number and the time, so that the site keeps nothing, however long it runs.
"""

import random
from collections.abc import Iterator

import msgspec

# Two hosts in eight publish at the door only; each of the others has a front page or a feed that lists its stories.
LISTS = 6
STEADY = tuple(f"127.0.3.{n}" for n in range(1, 9))
# Every fourth story is at a host that nobody has heard of before; such a host is in the news for this long (s).
PASSING, PASSING_S = tuple(f"127.0.4.{n}" for n in range(1, 251)), 60.0
# A list names so many of its newest stories.
LISTED = 100
# Of so many stories, one has been taken down, and one lets its server fail.
EVERY_TROUBLE, GONE, BROKEN = 40, 7, 23
# Every third story is never edited; every other one has a server that can say "not modified".
EVERY_CONSTANT, EVERY_TAGGED = 3, 2
# Between them, the words of a sentence are drawn anew: with one form of sentence for all, any two stories would look
# like copies of each other, of which no press has so many.
SMALL_WORDS = (
    "the",
    "of",
    "and",
    "to",
    "in",
    "that",
    "was",
    "for",
    "with",
    "a",
    "said",
    "from",
    "they",
    "have",
    "this",
)
SYLLABLES = ("ba", "ren", "to", "mil", "so", "ka", "ver", "din", "lo", "ster", "ga", "nu", "pel", "hor", "ti", "wes")


class Press(msgspec.Struct, frozen=True, kw_only=True):
    """Publishes `per_s` stories a second; a story that is edited is so at the age of `edited_at` seconds."""

    per_s: float
    edited_at: float

    def newest(self, now: float) -> int:
        """Returns the number of the story that has appeared last at second `now`; -1 for none yet."""
        return int(now * self.per_s) - 1

    def address(self, number: int) -> str:
        """Returns the address of the host of a story."""
        if number % 4 == 3:
            return PASSING[int(number / self.per_s / PASSING_S) % len(PASSING)]
        return STEADY[list_of(number)]

    def edition(self, number: int, now: float) -> int:
        """Returns which text of a story is out: 0, or 1 once it has been edited."""
        return int(number % EVERY_CONSTANT != 0 and now - number / self.per_s >= self.edited_at)

    def listed(self, number: int, now: float) -> Iterator[int]:
        """Yields the stories that list `number` names at second `now`, newest first."""
        last = self.newest(now)
        last -= (last - number) % len(STEADY)
        return iter(range(last, max(-1, last - LISTED * len(STEADY)), -len(STEADY)))


def list_of(number: int) -> int:
    """Returns which list names a story; from LISTS on, it comes in by the door."""
    return number % len(STEADY)


def path(number: int) -> str:
    """Returns the path of a story."""
    return f"/story/{number}-{'-'.join(_words(number, 0, 3))}.html"


def title(number: int, edition: int) -> str:
    """Returns the title of a story."""
    return f"Plan {number} for the {' '.join(_words(number, edition, 4))}"


def story(number: int, edition: int, canonical: str) -> bytes:
    """Returns the page of a story; the length differs from story to story as much as it does in newspapers."""
    drawn = random.Random(number)
    head = title(number, edition)
    text = "".join(f"<p>{_paragraph(drawn)}</p>" for _ in range(drawn.choice((3, 6, 9, 14, 22, 60))))
    related = "".join(f"<li><a href='/topic/{n}'>{' '.join(_words(n, 0, 5))}</a></li>" for n in range(20))
    return (
        f"<!doctype html><html lang=en><head><title>{head} | Gazette</title><link rel=canonical href='{canonical}'>"
        '<meta property="og:type" content="article"></head><body><header><a href="/">Gazette</a></header>'
        f"<article><h1>{head}</h1><p class=byline>By Ada Quill</p>{text}</article>"
        f"<aside><h2>Topics</h2><ul>{related}</ul></aside>"
        "<footer><p>Gazette, an invented newspaper</p></footer></body></html>"
    ).encode()


def _paragraph(drawn: random.Random) -> str:
    return " ".join(f"The {_phrase(drawn, drawn.randint(8, 16))}." for _ in range(drawn.randint(2, 4)))


def _phrase(drawn: random.Random, words: int) -> str:
    return " ".join(_word(drawn) if drawn.random() < 0.6 else drawn.choice(SMALL_WORDS) for _ in range(words))


def _words(number: int, edition: int, count: int) -> list[str]:
    drawn = random.Random(f"{number} {edition}")
    return [_word(drawn) for _ in range(count)]


def _word(drawn: random.Random) -> str:
    return "".join(drawn.choice(SYLLABLES) for _ in range(drawn.randint(2, 3)))
