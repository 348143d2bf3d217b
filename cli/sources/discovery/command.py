"""`depeche sources discover`: the feeds, news sitemaps and sections of a site, and which of them are worth naming."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

from cli.output import Row, as_text, print_json, print_table, stderr
from cli.sources.blocks import Existing, append, block, name_of_address
from cli.sources.discovery.search import Search
from cli.sources.discovery.worth import Worth, judged
from cli.sources.trial import Trier, without_log_lines
from cli.times import shown, shows_times
from cli.wording import counted
from services.fetcher.settings import FetcherSettings
from services.parser.settings import ParserSettings
from services.parser.site_rules.rules import load_site_rules
from shared.failures import UserError
from shared.settings import BrokerSettings, load_settings

# Tried without success, these say nothing that a reader of the table could use.
SHOWN_UNTOLD = 5
UNTOLD_HOW = frozenset({"guessed", "menu", "linked"})


@shows_times
def discover(
    url: Annotated[str, typer.Argument(metavar="URL", help="The site's front page, a section of it, or its name.")],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Addresses to try at the most.")] = 40,
    write: Annotated[
        Path | None,
        typer.Option("--write", metavar="FILE", help="Append [[source]] blocks to this sources file; - prints them."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a line of JSON an address.")] = False,
) -> None:
    """Find the feeds, news sitemaps and sections of a site; say what each would bring, and which are worth naming.

    Tried are the feeds that the site's pages name, the sitemaps of its robots.txt, the usual places of both, and the
    links of its menu. Robots.txt, the host's delay and the address guard hold as they do in the stack, so forty
    addresses take about a minute. It needs no servers, and stores nothing.

    With --write, what is worth naming becomes a source, and the rest stands there in comments; addresses that the file
    has already are left out. Exit status 1 when nothing was found.

        depeche sources discover https://news.example/
        depeche sources discover news.example --limit 15 --write sources.toml
        depeche sources discover news.example --json | jq -r 'select(.recommended) | .url'
    """
    if write is not None and as_json:
        raise UserError("Choose --write or --json.")
    settings = load_settings(FetcherSettings)
    existing = Existing(settings.sources if write is None or str(write) == "-" else write)
    search = _searched(url, limit, settings)
    now = datetime.now(UTC)
    worths = judged(search.finds, now)
    if as_json:
        for worth in worths:
            print_json(_json(worth, now))
    elif any(worth.find.works for worth in worths) and str(write) != "-":
        print_table([_row(worth, now) for worth in worths if _is_told(worth)], COLUMNS)
    _tell_untold(worths)
    if search.stopped:
        _say(f"the search ended early: {search.stopped}")
    if not any(worth.find.works for worth in worths):
        _say(f"nothing was found that would bring stories of {url}")
        raise typer.Exit(1)
    if write is not None:
        _write(write, existing, worths, now)
    elif not as_json:
        named = sum(worth.named for worth in worths)
        are, them = ("is", "it") if named == 1 else ("are", "them")
        _say(f"{named} {are} worth naming; --write sources.toml writes {them}")


def _searched(url: str, limit: int, settings: FetcherSettings) -> Search:
    rules = load_site_rules(load_settings(ParserSettings).site_rules)
    trier = Trier(settings, load_settings(BrokerSettings).host_scope, rules)
    with without_log_lines(), Progress(console=stderr, transient=True) as progress:
        task = progress.add_task("trying", total=None)

        def told(done: int, more: int) -> None:
            progress.update(task, completed=done, total=min(limit, done + more))

        search = Search(trier, limit, told)
        try:
            search.run(url)
        except KeyboardInterrupt:
            search.stopped = "it was interrupted"
    return search


COLUMNS = {
    "named": "Name it",
    "url": "Address",
    "kind": "Kind",
    "how": "Found",
    "stories": "Stories",
    "last_day": "Last day",
    "newest": "Newest",
    "in_front": "In front",
    "in_other": "In another",
    "why": "Why, and faults",
}


def _is_told(worth: Worth) -> bool:
    find = worth.find
    return find.works or (find.reason != "known" and find.how not in UNTOLD_HOW)


def _row(worth: Worth, now: datetime) -> Row:
    find = worth.find
    newest = find.newest
    return {
        "named": "yes" if worth.named else "no",
        "url": find.url,
        "kind": find.kind,
        "how": find.how,
        "stories": len(find.stories) or worth.reach if find.kind else None,
        "last_day": find.last_day(now),
        "newest": newest.astimezone(UTC) if newest is not None else None,
        "in_front": _percent(worth.in_front),
        "in_other": _percent(worth.in_other),
        "why": "; ".join(filter(None, [worth.why, find.faults])),
    }


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share:.0%}"


def _json(worth: Worth, now: datetime) -> dict[str, Any]:
    find = worth.find
    newest = find.newest
    return {
        "url": find.url,
        "kind": find.kind,
        "found": find.how,
        "label": find.label or None,
        "recommended": worth.named,
        "why": worth.why,
        "stories": len(find.stories),
        "dated": sum(at is not None for at in find.stories.values()),
        "reach": worth.reach,
        "too_old": find.too_old,
        "last_day": find.last_day(now),
        "newest": newest.isoformat() if newest is not None else None,
        "in_front": worth.in_front,
        "in_other": worth.in_other,
        "other": worth.other,
        "reason": find.reason,
        "problem": find.problem,
        "faults": find.faults,
    }


def _tell_untold(worths: Sequence[Worth]) -> None:
    """Say what else was tried, by the reason why it is of no use."""
    works = any(worth.find.works for worth in worths)
    untold: dict[str, list[str]] = {}
    for find in (worth.find for worth in worths if not (works and _is_told(worth))):
        untold.setdefault(find.reason or "no stories", []).append(find.url)
    for reason, urls in untold.items():
        more = f" and {len(urls) - SHOWN_UNTOLD} more" if len(urls) > SHOWN_UNTOLD else ""
        _say(f"tried in vain, {reason}: {', '.join(urls[:SHOWN_UNTOLD])}{more}")


def _write(path: Path, existing: Existing, worths: Sequence[Worth], now: datetime) -> None:
    new = [worth for worth in worths if worth.find.works and not existing.has(worth.find.url, in_comments=True)]
    there = sum(worth.find.works for worth in worths) - len(new)
    blocks = [_block(worth, existing, now) for worth in new]
    if str(path) == "-":
        sys.stdout.buffer.write("\n".join(blocks).encode())
        sys.stdout.buffer.flush()
    elif blocks:
        append(path, existing.text, blocks)
    named = sum(worth.named for worth in new)
    done = "printed" if str(path) == "-" else f"added to {path}"
    _say(f"{named} {done}, {len(new) - named} more in comments, {there} there already")


def _block(worth: Worth, existing: Existing, now: datetime) -> str:
    find = worth.find
    keys: dict[str, object] = {"name": existing.take(find.url, _title(worth)), "url": find.url, "kind": find.kind}
    if not find.same_site:
        keys["same_site"] = False
    day, newest = find.last_day(now), find.newest
    dated = "" if day is None or newest is None else f", {day} of the last day, newest {shown(newest)}"
    shared = "" if worth.in_front is None else f"; {_percent(worth.in_front)} of them stand on the front page"
    comments = [
        f"{find.label + ': ' if find.label else ''}{counted(len(find.stories) or worth.reach, 'story')}{dated}{shared}",
        *([f"Faults: {find.faults}"] if find.faults else []),
        f"{'Worth naming' if worth.named else 'Not needed'}: {worth.why}",
    ]
    return block(keys, comments, active=worth.named)


def _title(worth: Worth) -> str:
    """Return what a find is named for: its site, and what tells it from the others of the site."""
    find = worth.find
    site = name_of_address("/".join(find.url.split("/")[:3]))
    own = name_of_address(find.url)
    if find.kind == "page":
        return f"{site} {find.label}" if find.how == "menu" else own
    return own if find.kind in own.split("-") else f"{own} {find.kind}"


def _say(sentence: str) -> None:
    stderr.print(as_text(sentence), soft_wrap=True)
