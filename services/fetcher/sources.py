"""sources.toml -> Source records: which pages are fetched periodically, and what is followed from them."""

import re
import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from shared.failures import UserError
from shared.messages import FetchRequest, Follow, Visit
from shared.parsed_page import HeadlineKind

DURATION = re.compile(r"^(\d+)\s*(s|m|h|d)$")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def _seconds(value: object) -> object:
    found = DURATION.match(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError('write a number and a unit: "90s", "15m", "6h" or "1d"')
    return int(found[1]) * SECONDS[found[2]]


def _kinds(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Source(BaseModel):
    """A page, feed or sitemap that is fetched every `every` seconds; headlines of the `follow` kinds are followed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    url: str = Field(pattern=r"^https?://\S+$")
    every: Annotated[int, BeforeValidator(_seconds), Field(ge=1)] = 900
    follow: Annotated[list[HeadlineKind | Literal["*"]], BeforeValidator(_kinds)] = ["*"]
    same_site: bool = True

    def request(self) -> FetchRequest:
        """The request that the tick makes when this source is due."""
        follow = Follow(kinds=tuple(self.follow), same_site=self.same_site) if self.follow else None
        return FetchRequest(url=self.url, source=self.name, follow=follow, visit=Visit(of_source=True))


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    source: list[Source] = []


def read_sources(path: Path) -> list[Source]:
    """The sources of a file; raises UserError that names the place and the mistake."""
    try:
        sources = _File.model_validate(tomllib.loads(path.read_text("utf-8"))).source
    except OSError as error:
        raise UserError(f"Cannot read the sources file {path}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is not TOML: {error}") from error
    except ValidationError as error:
        mistakes = [f"[[source]] {_place(e['loc'])}: {e['msg']}" for e in error.errors()]
        raise UserError(f"{path}: " + "; ".join(mistakes)) from error
    names = [source.name for source in sources]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UserError(f"{path}: two sources have the name {', '.join(map(repr, twice))}.")
    return sources


def _place(location: tuple[int | str, ...]) -> str:
    return ", ".join(f"number {part + 1}" if isinstance(part, int) else part for part in location if part != "source")
