"""How a page's headlines have changed: pure, compares the headlines in the database with those that a visit saw.

A headline is the same one if it has the same text and URL in the same list. With another text it is still the same, but
reworded, as long as its URL occurs once in the list both before and after. The lines of a ticker often lead to one live
blog; then it cannot be told which line became which.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from services.indexer.store.values import Cutter, Precision, digest
from shared.parsed_page import Headline, HeadlineKind
from shared.urls import url_key


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A headline as Postgres holds it."""

    headline_key: uuid.UUID
    kind: HeadlineKind
    label: str | None
    position: int
    text: str
    url: str | None
    url_key: uuid.UUID | None
    language: str | None
    published_at: datetime | None
    published_precision: Precision | None
    is_self: bool
    cuts: list[str]

    @property
    def place(self) -> tuple[str, str, uuid.UUID | None]:
        """The headline's list, by kind and folded label, and the key of its URL."""
        return self.kind, folded(self.label or ""), self.url_key


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A stored headline of the page; a headline that is gone may come back."""

    headline_id: int
    is_gone: bool
    line: Line


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A stored headline, and the line that it is now."""

    headline_id: int
    line: Line


class HeadlineChanges(msgspec.Struct, frozen=True, kw_only=True):
    """The headlines that a visit found new, changed or gone."""

    new: list[Line]
    changed: list[Change]
    gone: list[int]  # headline ids

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.gone)


def lines_of(headlines: Sequence[Headline]) -> list[Line]:
    """Return the page's headlines, each once per list: its first place counts."""
    lines: dict[uuid.UUID, Line] = {}
    for headline in headlines:
        line = _line(headline)
        lines.setdefault(line.headline_key, line)
    return list(lines.values())


def differences(known: Sequence[Known], seen: Sequence[Line]) -> HeadlineChanges:
    """Return the changes to store, so that the page's headlines are those that were seen."""
    if not known:
        return HeadlineChanges(new=list(seen), changed=[], gone=[])
    by_key = {k.line.headline_key: k for k in known}
    standing = [k for k in known if not k.is_gone]
    once_before, once_now = _once(k.line for k in standing), _once(seen)
    seen_keys = {line.headline_key for line in seen}
    by_place = {k.line.place: k for k in standing if k.line.place in once_before}
    new: list[Line] = []
    changed: list[Change] = []
    found: set[int] = set()
    for line in seen:
        before = by_key.get(line.headline_key)
        if before is None and line.place in once_now:
            reworded = by_place.get(line.place)
            before = reworded if reworded and reworded.line.headline_key not in seen_keys else None
        if before is None:
            new.append(line)
            continue
        found.add(before.headline_id)
        if before.is_gone or before.line != line:
            changed.append(Change(headline_id=before.headline_id, line=line))
    gone = [k.headline_id for k in standing if k.headline_id not in found]
    return HeadlineChanges(new=new, changed=changed, gone=gone)


def folded(text: str) -> str:
    """Return the text for comparisons without regard to case and spaces."""
    return " ".join(text.casefold().split())


def key_of(kind: str, label: str | None, text: str, target: str | None) -> uuid.UUID:
    """Return the key of a headline of a page; `target` is the key of its URL."""
    list_of = f"{kind} {folded(label or '')}"  # two lists may share a kind
    return digest(list_of.encode(), folded(text).encode(), (target or "").encode())


def _once(lines: Iterable[Line]) -> set[tuple[str, str, uuid.UUID | None]]:
    """Return the places of the lines whose URL occurs once in its list."""
    counts = Counter(line.place for line in lines if line.url_key is not None)
    return {place for place, count in counts.items() if count == 1}


def _line(headline: Headline) -> Line:
    cutter = Cutter()
    published = cutter.moment("published_at", headline.published_at)
    text, label = cutter.line("text", headline.text) or "", cutter.line("label", headline.label)
    target = url_key(headline.url) if headline.url else None
    return Line(
        headline_key=key_of(headline.kind, label, text, target),
        kind=headline.kind,
        label=label,
        position=headline.position,
        text=text,
        url=cutter.line("url", headline.url),
        url_key=uuid.UUID(target) if target else None,
        language=cutter.line("language", headline.language),
        published_at=published.at,
        published_precision=published.precision,
        is_self=headline.is_self,
        cuts=cutter.cuts,
    )
