"""Subscriptions of a feed reader: what an OPML file or a list of addresses says, before any of it becomes a source."""

import re
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from services.fetcher.sources.source import LONGEST_TAG, MOST_TAGS
from shared.urls import host_of

_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:[/?#]|$)")
_SPACES = re.compile(r"\s+")


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """A feed or page that somebody reads. `note` says what a person should know of how it was read."""

    url: str
    title: str = ""
    kind: Literal["page", "feed"] | None = None
    tags: Sequence[str] = ()
    enabled: bool = True
    note: str | None = None


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that cannot become a source, and why."""

    what: str
    why: str


class Subscriptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says, in its order; `faults` are sentences about what was wrong with the file as a whole."""

    entries: list[Subscription]
    refused: list[Refusal] = []
    faults: list[str] = []


def plain(text: str) -> str:
    """Return a text on one line, without characters that cannot be seen."""
    return "".join(c for c in _SPACES.sub(" ", text).strip() if c.isprintable())


def web_address(written: str) -> str | None:
    """Return an address as a source has it, or None for what is no web address.

    `feed:` is a scheme of readers: `feed://news.example/` means http, `feed:https://…` what follows.
    """
    url = written.strip()
    if url[:5].lower() == "feed:":
        url = f"http:{url[5:]}" if url[5:].startswith("//") else url[5:]
    if _HOST.match(url):
        url = f"https://{url}"
    return url if host_of(url) and not _SPACES.search(url) and url.isprintable() else None


def why_no_address(written: str) -> str:
    """Return why `web_address` gives none for this text."""
    scheme = re.match(r"([a-zA-Z][\w+.-]*):", written.strip())
    if not written.strip():
        return "it has no address"
    if scheme and scheme[1].lower() not in ("http", "https", "feed"):
        return f"{scheme[1]}: is no address of the web"
    return "it is not a whole address, such as https://news.example/"


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Return the tags as a source may have them: each once, whatever its case, no longer and no more than allowed."""
    found: dict[str, str] = {}
    for tag in tags:
        clean = plain(plain(tag)[:LONGEST_TAG])
        if clean:
            found.setdefault(clean.casefold(), clean)
    return list(found.values())[:MOST_TAGS]
