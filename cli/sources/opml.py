"""OPML, in which feed readers hand on their subscriptions (http://opml.org/spec2.opml): read and written.

It is read with the parser of feeds: files that a reader wrote by hand have bare ampersands and open elements, too, and
no entity of theirs is ever expanded.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr

from cli.sources.subscriptions import (
    Refusal,
    Subscription,
    Subscriptions,
    clean_tags,
    plain,
    web_address,
    why_no_address,
)
from services.fetcher.sources.source import Source
from services.parser.documents.markup import Element, Markup
from shared.failures import UserError

_ROOT = re.compile(r"<([a-zA-Z][\w:.-]*)")


def read_opml(text: str) -> Subscriptions:
    """Return the subscriptions of an OPML file; folders become tags. Raises UserError for another kind of file."""
    root = _ROOT.search(text)
    markup = Markup(text, start=root.start() if root else 0, records=frozenset(), base="")
    list(markup)
    found = list(_outlines(markup.root, (), enabled=True))
    if not found:
        first = f"its first element is <{root[1]}>" if root and root[1].lower() != "opml" else "it has no <outline>"
        raise UserError(f"no subscriptions: {first}")
    entries = [entry for entry in found if isinstance(entry, Subscription)]
    refused = [entry for entry in found if isinstance(entry, Refusal)]
    return Subscriptions(entries=entries, refused=refused, faults=list(_faults(markup, len(text), len(found))))


def _outlines(parent: Element, tags: Sequence[str], *, enabled: bool) -> Iterator[Subscription | Refusal]:
    for element in parent.children:
        if isinstance(element, str):
            continue
        if element.name != "outline":
            yield from _outlines(element, tags, enabled=enabled)
            continue
        title = plain(element.attribute("title")) or plain(element.attribute("text"))
        on = enabled and element.attribute("iscomment").lower() != "true"
        has_address = any(element.attribute(name).strip() for name in ("xmlurl", "url", "htmlurl"))
        if has_address or not element.elements:
            yield _entry(element, title, tags, enabled=on)
        yield from _outlines(element, (*tags, title) if title and not has_address else tags, enabled=on)


def _entry(element: Element, title: str, tags: Sequence[str], *, enabled: bool) -> Subscription | Refusal:
    feed, link, page = (element.attribute(name).strip() for name in ("xmlurl", "url", "htmlurl"))
    written = feed or link or page
    url = web_address(written)
    if url is None:
        return Refusal(what=title or written or "an outline without a text", why=why_no_address(written))
    if element.attribute("type").lower() == "include":
        return Refusal(what=title or url, why=f"it includes another file, {url}: import that one itself")
    is_scraped = "xpath" in element.attribute("type").lower()
    note = None if feed or link else "it has no xmlUrl, so its page is taken"
    return Subscription(
        url=url,
        title=title,
        kind="feed" if feed and not is_scraped else "page" if is_scraped or not link else None,
        tags=clean_tags([*tags, *_categories(element)]),
        enabled=enabled,
        note=note,
    )


def _categories(element: Element) -> list[str]:
    """The tags of an outline's own: OPML 2.0 separates categories by commas, and the steps of one by slashes."""
    return [step for category in element.attribute("category").split(",") for step in category.split("/")]


def _faults(markup: Markup, end: int, entries: int) -> Iterator[str]:
    faults = markup.faults.report(entries=entries, passed_over=0, stopped_at=end if markup.cut else None)
    if faults is not None and faults.fault is not None:
        more = f", and {faults.mended - 1} more like it or others" if faults.mended > 1 else ""
        yield f"line {faults.line}: {faults.fault}; it was read nevertheless{more}"
    if faults is not None and faults.stopped_at is not None:
        yield f"line {faults.stopped_at}: the file breaks off here; the {entries} entries before that were read"


def write_opml(sources: Sequence[Source]) -> str:
    """Return OPML 2.0: feeds as readers take them, in a folder by their first tag; other sources as links."""
    folders: dict[str, list[Source]] = {}
    for source in sources:
        folders.setdefault(source.tags[0] if source.tags else "", []).append(source)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">']
    lines += [f"  <head><title>{escape('Sources of Depeche')}</title></head>", "  <body>"]
    for folder, within in folders.items():
        if not folder:
            lines += [f"    {_outline(source)}" for source in within]
            continue
        lines.append(f"    <outline text={quoteattr(folder)} title={quoteattr(folder)}>")
        lines += [f"      {_outline(source)}" for source in within]
        lines.append("    </outline>")
    return "\n".join([*lines, "  </body>", "</opml>", ""])


def _outline(source: Source) -> str:
    parts = urlsplit(source.url)
    name = plain(source.name)
    attributes = {"text": name, "title": name}
    if source.expected_kind == "feed":
        attributes |= {"type": "rss", "xmlUrl": source.url, "htmlUrl": f"{parts.scheme}://{parts.netloc}/"}
    else:
        attributes |= {"type": "link", "url": source.url}
    if source.tags:
        attributes["category"] = ",".join(tag.replace(",", " ").replace("/", " ") for tag in source.tags)
    if not source.enabled:
        attributes["isComment"] = "true"
    return f"<outline {' '.join(f'{name}={quoteattr(value)}' for name, value in attributes.items())}/>"
