"""The press of the simulated day: which sites there are, what each publishes and when, and what is wrong with it.

All of it follows from the number of a site and a seed, so that the server that plays the sites and the report that
judges the crawler agree without talking.
"""

import random
import re
from collections.abc import Iterator
from typing import Literal

import msgspec

SEED = 2026
# Seconds between two stories of a site, on average, by the site's number; None publishes nothing all day.
PACES: tuple[float | None, ...] = (4, 40, 90, 20, None, 40, 90, 20, 40, 90)
KINDS: tuple[Literal["page", "feed", "sitemap"], ...] = ("page", "page", "feed", "page", "page", "feed", "sitemap")
# How a site says that nothing has changed; None does not.
VALIDATORS: tuple[Literal["etag", "modified"] | None, ...] = ("etag", "modified", "etag", None)
# The share of stories that are edited, and their age then (s); the share that has been taken down again.
EDITED, EDITED_AFTER_S, TAKEN_DOWN = 0.3, (3.0, 60.0), 0.02
# Every so many stories of a site with a private part stand in it; every so many of the hostile site are a trap.
EVERY_PRIVATE, EVERY_TRAP = 3, 2
# What the fetchers are told, and what some sites ask for (s).
HOST_DELAY_S, CRAWL_DELAY_S, HOST_CONNECTIONS = 0.5, 2.0, 2
LISTED = 40
# What a site has published before the day begins, an hour apart: nobody's front has one story.
BACKLOG, BACKLOG_APART_S = 5, 3_600.0

Trouble = Literal["breaks", "overloaded", "crawl_delay", "private", "late_robots", "slow", "hostile", "closed"]
# Eight sites in two hundred have each of these; the last three there are once.
TROUBLES: dict[int, Trouble] = {1: "breaks", 5: "overloaded", 9: "crawl_delay", 13: "private"}
SINGLE_TROUBLES: dict[int, Trouble] = {50: "slow", 100: "hostile", 150: "closed", 67: "late_robots", 167: "late_robots"}

# What is odd about a site's list, as real ones are, by its number: a page whose addresses say nothing, a feed whose
# items have no titles now and then, a news sitemap with faults of XML. Half of the feeds and sitemaps are sound.
Oddity = Literal["opaque", "untitled", "broken"]
ODDITIES: dict[int, Oddity] = {3: "opaque", 5: "untitled", 6: "broken"}
EVERY_ODDITY, EVERY_UNTITLED = 14, 3


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A site and its ways."""

    number: int
    kind: Literal["page", "feed", "sitemap"]
    pace_s: float | None
    validators: Literal["etag", "modified"] | None
    trouble: Trouble | None

    @property
    def address(self) -> str:
        """Its own address of loopback, and so a host of its own."""
        return f"127.0.{self.number + 1}.1"

    @property
    def list_path(self) -> str:
        """Where its stories are listed."""
        return {"page": "/", "feed": "/feed.xml", "sitemap": "/sitemap.xml"}[self.kind]

    @property
    def oddity(self) -> Oddity | None:
        """What is odd about its list."""
        return ODDITIES.get(self.number % EVERY_ODDITY)

    @property
    def delay(self) -> float:
        """The time (s) that must be between two requests to it."""
        return max(HOST_DELAY_S, self.crawl_delay)

    @property
    def crawl_delay(self) -> float:
        """What its robots.txt asks for (s)."""
        return CRAWL_DELAY_S if self.trouble == "crawl_delay" else 0.0


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """A story of a site. Times in seconds since the day began; `fate` is what must become of it."""

    site: int
    number: int
    published: float
    edited: float | None
    fate: Literal["stored", "gone", "forbidden", "trap"]

    @property
    def path(self) -> str:
        """Where it stands."""
        if self.fate in ("stored", "gone") and ODDITIES.get(self.site % EVERY_ODDITY) == "opaque":
            return f"/news/articles/c{_opaque(self)}o"
        folder = "private" if self.fate == "forbidden" else "trap" if self.fate == "trap" else "news"
        return f"/{folder}/2026/{self.number}-{'-'.join(words(self, 6))}.html".lower()

    def title(self, at: float) -> str:
        """Its headline, which an edit changes."""
        corrected = self.edited is not None and self.edited <= at
        text = " ".join(words(self, 6)).capitalize() + f" in {PLACES[self.site % len(PLACES)]}"
        return f"{text}, corrected" if corrected else text


PLACES = ("Velmora", "Astrano", "Keldby", "Torvik", "Palinde", "Ombra", "Sarnost", "Wexby", "Lurano", "Quellen")
WORDS = re.findall(
    r"\w+",
    "council harbour budget railway orchard teachers bridge festival river museum verdict strike election winter "
    "hospital farmers theatre airport library market trial storm senate union glacier vineyard mayor inquiry forest "
    "tunnel ferry stadium archive parade reform treaty drought lighthouse",
)


def words(story: Story, count: int) -> list[str]:
    """Words that this story always has."""
    return random.Random(f"{story.site}/{story.number}").sample(WORDS, count)


def _opaque(story: Story) -> str:
    """Returns letters and digits that only this story has: its number, and chance."""
    chance = random.Random(f"{story.site}:{story.number}")
    return f"{story.number:03x}" + "".join(chance.choices("bdfgjkmnpqrtvwxyz234567890", k=8))


def sites(count: int) -> list[Site]:
    """The press; of every kind and pace there are some among the first twenty already."""
    return [
        Site(
            number=number,
            kind=KINDS[number % len(KINDS)],
            pace_s=PACES[number % len(PACES)],
            validators=VALIDATORS[number % len(VALIDATORS)],
            trouble=SINGLE_TROUBLES.get(number) or TROUBLES.get(number % 25),
        )
        for number in range(count)
    ]


def stories(site: Site, until: float) -> list[Story]:
    """What the site has published until then, in order."""
    chance = random.Random(SEED * 1000 + site.number)
    found: list[Story] = []
    for published in _moments(site, until, chance):
        edited = published + chance.uniform(*EDITED_AFTER_S) if chance.random() < EDITED else None
        taken_down = chance.random() < TAKEN_DOWN
        story = Story(site=site.number, number=len(found), published=published, edited=edited, fate="stored")
        found.append(msgspec.structs.replace(story, fate=_fate(site, story, taken_down=taken_down)))
    return found


def _moments(site: Site, until: float, chance: random.Random) -> Iterator[float]:
    yield from (-BACKLOG_APART_S * ago for ago in range(BACKLOG, 0, -1))
    if site.pace_s is not None:
        published = chance.uniform(0, site.pace_s)
        while published < until:
            yield published
            published += site.pace_s * chance.uniform(0.5, 1.5)


def _fate(site: Site, story: Story, *, taken_down: bool) -> Literal["stored", "gone", "forbidden", "trap"]:
    if site.trouble == "closed" or (site.trouble == "private" and story.number % EVERY_PRIVATE == 0):
        return "forbidden"
    if site.trouble == "hostile" and story.number % EVERY_TRAP == 0:
        return "trap"
    return "gone" if taken_down else "stored"
