"""A page as it lands: its record, and its parse result when there is one."""

import json
import uuid
from functools import cached_property
from urllib.parse import urlsplit

import msgspec

from services.indexer.errors import result_missing
from shared.flight.page_store import unpacked
from shared.messages import PageDropped, PageParsed
from shared.parsed_page import ParsedPage
from shared.urls import same_site, url_key


class Landing(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """All that is stored of one flight; `page` is None for a page that was dropped."""

    record: PageParsed | PageDropped
    page: ParsedPage | None = None
    cuts: tuple[str, ...] = ()  # what was lost when the parse result was read
    settled_key: uuid.UUID | None = None  # where the address that the page names may be that of another story
    body: bytes | None = None  # the bytes of the page, if it is quarantined

    @cached_property
    def key(self) -> uuid.UUID:
        """The key of the page, made of its URL."""
        return uuid.UUID(url_key(self.record.origin.url))

    @property
    def article_key(self) -> uuid.UUID:
        """The key of the article: the one that was settled on, else the one that the page names."""
        return self.settled_key or self.named_key

    @cached_property
    def named_key(self) -> uuid.UUID:
        """The key by what the page says: made of its canonical URL if that is of its own site, else the page's key.

        A canonical URL without a path counts as none.
        """
        canonical = self.page.canonical_url if self.page else None
        if canonical and same_site(canonical, self.record.origin.url) and urlsplit(canonical).path.strip("/"):
            return uuid.UUID(url_key(canonical))
        return self.key


def load(record: PageParsed, result: bytes | None) -> Landing:
    """Return the landing of a record. `result` is its parse result, packed, from the page store; None raises GiveUp."""
    if result is None:
        raise result_missing(record.flight_id)
    body = unpacked(result)
    try:
        return Landing(record=record, page=msgspec.json.decode(body, type=ParsedPage))
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        return Landing(record=record, page=_without_halves(body), cuts=(HALVES,))


HALVES = "Halves of characters (lone surrogates) are question marks now."


def _without_halves(body: bytes) -> ParsedPage:
    """Return the parse result from JSON with escaped lone surrogates, which only the standard library reads."""
    whole = json.dumps(json.loads(body), ensure_ascii=False).encode("utf-8", "replace")
    return msgspec.json.decode(whole, type=ParsedPage)
