"""What a source is: a page, feed or sitemap that is fetched periodically, and what is followed from it.

docs/sources.md explains each key to an operator; file.py reads them from a file.
"""

import re
from itertools import pairwise
from typing import Annotated, Literal, Self, get_args
from urllib.parse import urlsplit

import msgspec
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from services.fetcher.sources.options import RightsUse, SourceOptions, checked_headers, checked_proxy
from shared.durations import seconds
from shared.messages import FetchRequest, Follow, Origin, Visit
from shared.parsed_page import HeadlineKind
from shared.sources.interval import Bounds
from shared.urls import host_of

Kind = Literal["page", "feed", "sitemap"]

# A source visited at the shortest interval costs its publisher 12 requests per hour, conditional ones where nothing is
# new. At the longest interval, a story after a quiet night is at most an hour late.
EVERY_MIN_S = 300
EVERY_MAX_S = 3600
# Pages and feeds still list stories that are a week old. A sitemap lists the whole archive, and one for Google News the
# last two days.
MAX_AGE_S = 7 * 86_400
SITEMAP_MAX_AGE_S = 2 * 86_400
REVISIT_AGES_S = (900, 3600, 6 * 3600, 24 * 3600)
LONGEST_REVISIT_S = 30 * 86_400
# Tags go with each visit of the source, and are read with each of its articles.
MOST_TAGS, LONGEST_TAG = 20, 100

KINDS = ("*", *get_args(HeadlineKind))
SITEMAP_PATH = re.compile(r"sitemap[^/]*(\.xml|/)?$|\.xml\.gz$", re.IGNORECASE)
FEED_PATH = re.compile(r"\.(rss|atom|rdf|xml)$|(^|/)(feed|rss|atom)s?(/|$|\.)|feed\.json$", re.IGNORECASE)


def _every(value: object) -> object:
    if value == "adaptive":
        return value
    try:
        return seconds(value)
    except ValueError as error:
        raise ValueError(f'{error}; or "adaptive"') from error


def _max_age(value: object) -> object:
    return None if value == "any" else seconds(value)


def _several(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _kinds(value: object) -> object:
    kinds = _several(value)
    if not isinstance(kinds, list) or any(kind not in KINDS for kind in kinds):
        raise ValueError(f"write one or several of {', '.join(KINDS)}")
    return kinds


def _address(value: object) -> object:
    if not isinstance(value, str) or not host_of(value) or re.search(r"\s", value.strip()):
        raise ValueError('write a whole address: "https://news.example/"')
    return value.strip()


def _tags(value: object) -> object:
    tags = _several(value)
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise ValueError('write one or several words: ["sport", "de"]')
    tags = [tag.strip() for tag in tags]
    if len(tags) > MOST_TAGS or not all(0 < len(tag) <= LONGEST_TAG and tag.isprintable() for tag in tags):
        raise ValueError(f"write {MOST_TAGS} tags at the most, each of 1 to {LONGEST_TAG} characters on one line")
    if len({tag.casefold() for tag in tags}) < len(tags):
        raise ValueError("write each tag once")
    return tags


def _headers(value: object) -> object:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise ValueError('write names and texts: {"Accept-Language" = "fr"}')
    return checked_headers(value)


def _proxy(value: object) -> object:
    return checked_proxy(value) if isinstance(value, str) else value


Seconds = Annotated[int, BeforeValidator(seconds), Field(le=366 * 86_400)]
Age = Annotated[int, BeforeValidator(seconds), Field(le=LONGEST_REVISIT_S)]


# The context in which each key is judged alone, whatever the others say.
ALONE = {"alone": True}


class Contradiction(msgspec.Struct, frozen=True, kw_only=True):
    """Why these keys of a source do not go together."""

    keys: tuple[str, ...]
    text: str


class Source(BaseModel):
    """One [[source]] of the file. Where `max_age` is None, stories of any age are followed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    url: Annotated[str, BeforeValidator(_address)]
    kind: Kind | None = None
    tags: Annotated[list[str], BeforeValidator(_tags)] = []
    every: Annotated[int | Literal["adaptive"], BeforeValidator(_every)] = "adaptive"
    every_min: Seconds = EVERY_MIN_S
    every_max: Seconds = EVERY_MAX_S
    follow: Annotated[list[HeadlineKind | Literal["*"]], BeforeValidator(_kinds)] = ["*"]
    same_site: bool = True
    max_age: Annotated[int | None, BeforeValidator(_max_age)] = MAX_AGE_S
    revisit: Annotated[list[Age], BeforeValidator(_several)] = list(REVISIT_AGES_S)
    headers: Annotated[dict[str, str], BeforeValidator(_headers)] = {}
    user_agent: str | None = Field(None, min_length=1, max_length=400, pattern=r"^[\x20-\x7e]+$")
    delay: Seconds | None = None
    proxy: Annotated[str | None, BeforeValidator(_proxy)] = None
    verify_tls: bool = True
    rights: RightsUse = "record"
    enabled: bool = True

    @model_validator(mode="after")
    def _check_together(self, info: ValidationInfo) -> Self:
        found = [] if info.context is ALONE else self.contradictions()
        if found:
            raise ValueError("; ".join(contradiction.text for contradiction in found))
        return self

    def contradictions(self) -> list[Contradiction]:
        """Returns which keys do not go together; a source that was validated as a whole has none."""
        found = []
        if self.every != "adaptive":
            for key in sorted(self.model_fields_set & {"every_min", "every_max"}):
                text = f'{key} is for every = "adaptive" only, and every is {self.every}s'
                found.append(Contradiction(keys=(key, "every"), text=text))
        elif self.every_min > self.every_max:
            unset = {"every_min", "every_max"} - self.model_fields_set
            default = "".join(f"; {key} is not set, and is {getattr(self, key)}s then" for key in sorted(unset))
            text = f"every_min is longer than every_max{default}"
            found.append(Contradiction(keys=("every_min", "every_max"), text=text))
        if any(later <= earlier for earlier, later in pairwise(self.revisit)):
            text = 'write the ages of revisit in order: ["15m", "1h"]'
            found.append(Contradiction(keys=("revisit",), text=text))
        return found

    @property
    def expected_kind(self) -> Kind:
        """The kind that the operator gave, or else the kind that the URL's path looks like."""
        path = urlsplit(self.url).path
        if self.kind is not None:
            return self.kind
        return "sitemap" if SITEMAP_PATH.search(path) else "feed" if FEED_PATH.search(path) else "page"

    @property
    def bounds(self) -> Bounds:
        """The shortest and the longest interval (s) between visits to the source."""
        if self.every == "adaptive":
            return Bounds(shortest=self.every_min, longest=self.every_max)
        return Bounds(shortest=self.every, longest=self.every)

    @property
    def oldest_story(self) -> int | None:
        """The age (s) beyond which a story is not followed; None for any age."""
        if self.expected_kind == "sitemap" and "max_age" not in self.model_fields_set:
            return SITEMAP_MAX_AGE_S
        return self.max_age

    @property
    def options(self) -> SourceOptions:
        """How the source's pages are fetched."""
        return SourceOptions(
            url=self.url,
            user_agent=self.user_agent,
            headers=self.headers,
            proxy=self.proxy,
            verify_tls=self.verify_tls,
            delay=self.delay,
            rights=self.rights,
        )

    def request(self) -> FetchRequest:
        """Returns the request that the tick makes when this source is due."""
        follow = Follow(
            kinds=tuple(self.follow),
            same_site=self.same_site,
            max_age_s=self.oldest_story,
            revisit=tuple(self.revisit),
        )
        origin = Origin(url=self.url, source=self.name, visit=Visit(of_source=True, tags=tuple(self.tags)))
        return FetchRequest(origin=origin, follow=follow if self.follow else None)
