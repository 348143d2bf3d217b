"""`depeche sources import`: the subscriptions of a feed reader become sources."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from pydantic import ValidationError

from cli.output import as_text, stderr
from cli.sources.blocks import Existing, append, block
from cli.sources.opml import read_opml
from cli.sources.subscriptions import Refusal, Subscription, Subscriptions, clean_tags
from cli.sources.url_list import read_url_list
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.source import Source
from services.parser.outline.decode import decode_page
from shared.failures import GiveUp, UserError
from shared.settings import load_settings
from shared.urls import url_key


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a file: new blocks, and a sentence on each entry that is none."""

    blocks: list[str]
    there: list[str]
    merged: list[str]
    refused: list[Refusal]
    notes: list[str]


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE.opml|urls.txt", help="What to read; - is standard input.")],
    write: Annotated[
        Path | None, typer.Option("--write", metavar="FILE", help="Append to this sources file; it is made if need be.")
    ] = None,
) -> None:
    """Make sources of a feed reader's subscriptions: OPML, or a list of addresses (also newsboat's).

    Miniflux, FreshRSS, NewsBlur, Feedly and others export OPML. Folders become tags, titles names. Without --write the
    [[source]] blocks are printed, but for those whose address the file of DEPECHE_SOURCES has. Each entry that is
    refused is told with the reason, and makes the exit status 1.

        depeche sources import feeds.opml --write sources.toml
        depeche sources import urls.txt | less
        depeche sources check sources.toml
    """
    subscriptions = _read(file)
    existing = Existing(write or load_settings(FetcherSettings).sources)
    imported = _imported(subscriptions, existing)
    if write is not None and imported.blocks:
        append(write, existing.text, imported.blocks)
    elif imported.blocks:
        sys.stdout.buffer.write("\n".join(imported.blocks).encode())
        sys.stdout.buffer.flush()
    _tell(imported, subscriptions, "added" + (f" to {write}" if write else ""))
    if imported.refused:
        raise typer.Exit(1)


def _read(file: Path) -> Subscriptions:
    try:
        body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise UserError(f"Cannot read {file}: {error.strerror}.") from error
    if not body.strip():
        raise UserError(f"{file} is empty.")
    try:
        text = decode_page(body)
    except GiveUp as error:
        raise UserError(f"{file} is not a text: {error.detail}") from error
    try:
        found = read_opml(text) if text.lstrip().startswith("<") else read_url_list(text)
    except UserError as error:
        raise UserError(f"{file} has {error}.") from error
    if not found.entries and not found.refused:
        raise UserError(f"{file} has no addresses: all of it is comments.")
    return found


def _imported(subscriptions: Subscriptions, existing: Existing) -> Imported:
    imported = Imported(blocks=[], there=[], merged=[], refused=list(subscriptions.refused), notes=[])
    for entry in _merged(subscriptions.entries, imported.merged):
        name = existing.has(entry.url)
        if name is not None:
            imported.there.append(f"{entry.url} is {name}")
            continue
        keys = _keys(entry, "a")
        try:
            Source.model_validate(keys)
        except ValidationError as error:
            why = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
            imported.refused.append(Refusal(what=entry.title or entry.url, why=why))
            continue
        name = existing.take(entry.url, entry.title)
        comments = [] if entry.title in ("", name) else [entry.title]
        imported.blocks.append(block(_keys(entry, name), comments))
        if entry.note:
            imported.notes.append(f"{name}: {entry.note}")
    return imported


def _merged(entries: list[Subscription], merged: list[str]) -> Iterator[Subscription]:
    """Yield each address once, with the tags of all its entries: readers may have a feed in several folders."""
    by_key: dict[str, Subscription] = {}
    for entry in entries:
        before = by_key.get(url_key(entry.url))
        if before is None:
            by_key[url_key(entry.url)] = entry
            continue
        merged.append(entry.url)
        by_key[url_key(entry.url)] = msgspec.structs.replace(
            before,
            tags=clean_tags([*before.tags, *entry.tags]),
            title=before.title or entry.title,
            enabled=before.enabled or entry.enabled,
        )
    yield from by_key.values()


def _keys(entry: Subscription, name: str) -> dict[str, object]:
    keys: dict[str, object] = {"name": name, "url": entry.url}
    if entry.kind is not None:
        keys["kind"] = entry.kind
    if entry.tags:
        keys["tags"] = list(entry.tags)
    if not entry.enabled:
        keys["enabled"] = False
    return keys


def _tell(imported: Imported, subscriptions: Subscriptions, added: str) -> None:
    for refusal in imported.refused:
        _say(f"refused: {refusal.what}: {refusal.why}")
    for sentence in (*imported.notes, *subscriptions.faults):
        _say(sentence)
    parts = [
        f"{len(imported.blocks)} {added}",
        f"{len(imported.there)} there already",
        f"{len(imported.refused)} refused",
    ]
    if imported.merged:
        parts.append(f"{len(imported.merged)} twice in the file, and taken once")
    _say(", ".join(parts))


def _say(sentence: str) -> None:
    stderr.print(as_text(sentence), soft_wrap=True)
