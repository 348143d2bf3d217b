"""`depeche trace` for people: prints where a page was found, and its visits, the latest first."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from rich.text import Text

from cli.output import Row, as_text, print_line
from cli.rights import lines_of
from cli.times import exactly
from cli.trace.rows import Stored
from cli.wording import counted, plural
from shared.flight.in_air import InAir, Outlook, WaitsFor
from shared.messages import FailedAttempt
from shared.rights import Rights

STYLES = {
    "stored": "green",
    "unchanged": "green",
    "refused": "yellow",
    "gone": "yellow",
    "failed": "red",
    "quarantined": "red",
}

WAITS: dict[WaitsFor, str] = {
    "next_attempt": "waits for its next attempt",
    "host_pause": "waits: its host has asked for a pause",
    "host_turn": "waits for its host's turn",
    "release": "is due, and waits for the tick, which holds pages back while too many are in the air",
    "postgres": "waits for Postgres, which did not answer, to be stored",
    "worker": "is in the queue of its stage, or a worker is at it",
}


def show(asked_for: str, stored: Stored, outlook: Outlook) -> None:
    """Print all that is known of a page."""
    page, in_air = stored.page, outlook.in_air
    print_line(page["url"] if page else in_air.origin.url if in_air else asked_for, style="bold")
    if page:
        print_line(_about(page))
    _section("Found on", _found(stored))
    _section("In the air", in_air_lines(in_air) if in_air else [])
    _section("Visits", _visits(stored))
    if page and page["rights"]:
        _section("Said of its use", lines_of(msgspec.convert(page["rights"], Rights)))
    _section("Quarantine", _quarantine(stored.quarantine))
    _section("Became", _became(stored))
    if outlook.revisit_at:
        _section("Next visit", [f"{exactly(outlook.revisit_at)}, to catch edits"])
    if not page and not in_air and (outlook.accepted_at or stored.found):
        _section("Visits", [no_visits(outlook.accepted_at)])


def no_visits(accepted_at: datetime | None) -> str:
    """Return why a page has no visit though something is known of it."""
    if accepted_at:
        return f"none; a page that was read on {exactly(accepted_at)} has this address, too, so no list is followed"
    return "none; what is followed says `follow` of the source whose lists lead here (kinds, same_site, depth, max_age)"


def _section(heading: str, lines: Iterable[str | Text]) -> None:
    for number, line in enumerate(lines):
        if number == 0:
            print_line("")
            print_line(heading, style="bold")
        print_line(Text("  ") + (line if isinstance(line, Text) else as_text(line)))


def _end(at: datetime, fate: str, said: str) -> Text:
    """Return the first line on a visit: when and how it ended."""
    return Text.assemble(f"{exactly(at)}  ", (fate, STYLES[fate]), as_text(f"  {said}" if said else ""))


def _about(page: Row) -> str:
    named = [f"page {page['page_id']}"]
    named += [str(page[name]) for name in ("page_type", "language") if page[name]]
    if page["source"]:
        named.append(f"source {page['source']}")
    return ", ".join([*named, f"first visited {exactly(page['first_seen_at'])}"])


def _found(stored: Stored) -> Iterator[str]:
    for line in stored.found:
        label = f' "{line["label"]}"' if line["label"] else ""
        until = f"gone {exactly(line['gone_at'])}" if line["gone_at"] else f"last seen {exactly(line['last_seen_at'])}"
        place = f"{line['kind']}{label}, place {line['position']}"
        yield f"{exactly(line['first_seen_at'])}  {line['page_url']}: {place}, {until}: {line['text']}"
    if stored.more_found:
        yield f"and in {stored.more_found:,} more"


def in_air_lines(flight: InAir) -> Iterator[str]:
    """Yield where the page is, what it waits for, what led to it, and its failed attempts so far."""
    said = [f"stage {flight.stage}: {WAITS[flight.waits_for]}"]
    if flight.not_before:
        said.append(f"not before {exactly(flight.not_before)}")
    if flight.ahead:
        said.append(f"{flight.ahead:,} {'in the queue' if flight.waits_for == 'worker' else 'of its host before it'}")
    if flight.losses:
        said.append(f"its message was lost {counted(flight.losses, 'time')}")
    yield ", ".join(said)
    yield f"accepted {exactly(flight.accepted_at)}, at this stage since {exactly(flight.since)}"
    origin = flight.origin
    facts = {"source": origin.source, "batch": origin.batch, "found on": origin.found_on, "attempt": origin.attempt}
    led_here = [f"{name} {value}" for name, value in facts.items() if value]
    yield ", ".join([*led_here, f"flight {flight.flight_id}"])
    yield from failed_attempts(origin.attempt, [_fields(attempt) for attempt in origin.earlier_attempts])


def _fields(attempt: FailedAttempt) -> Row:
    return {name: getattr(attempt, name) for name in attempt.__struct_fields__}


def _visits(stored: Stored) -> Iterator[str | Text]:
    for visit in stored.visits:
        yield _end(visit["at"], visit["fate"], ", ".join(answer_of(visit, stored.page)))
        yield from failed_attempts(visit["attempts"], visit["earlier_attempts"])
        if visit["reason"]:
            yield f"  {visit['reason']}: {visit['detail']}"
        if visit["parser_version"]:
            yield f"  {', '.join(reading_of(visit))}"
        if visit["archive"]:
            yield f"  archive {visit['archive']}"
        yield f"  {', '.join(request_of(visit))}"
    if stored.more_visits:
        yield f"and {stored.more_visits:,} earlier (--visits {stored.more_visits + len(stored.visits)})"
    elif stored.page and not stored.visits:
        page = stored.page
        yield _end(page["landed_at"], page["fate"], f"{page['reason']}: {page['detail']}" if page["reason"] else "")
        yield "  the visits of that time were not kept one by one"


def answer_of(visit: Row, page: Row | None) -> Iterator[str]:
    """Yield what the site answered at a visit."""
    if visit["is_replay"]:
        yield "read again from the archive"
    if visit["attempts"] > 1:
        yield f"attempt {visit['attempts']}"
    if visit["http_status"]:
        yield f"HTTP {visit['http_status']}"
    if visit["content_type"]:
        yield str(visit["content_type"])
    if visit["body_bytes"]:
        yield f"{visit['body_bytes']:,} bytes"
    if visit["final_url"] and page and visit["final_url"] != page["url"]:
        yield f"from {visit['final_url']}"


def reading_of(visit: Row) -> Iterator[str]:
    """Yield what the parser made of a visit that was read."""
    yield f"parser {visit['parser_version']} read {visit['page_type']}"
    if visit["article_id"] is not None:
        yield f"article {visit['article_id']}"
    yield counted(visit["headlines"], "headline")
    if visit["tickers"]:
        yield f"{visit['tickers']:,} of them in tickers"


def request_of(visit: Row) -> Iterator[str]:
    """Yield what led to a visit, and its number."""
    if visit["source"]:
        yield f"source {visit['source']}" + (", which names this page" if visit["of_source"] else "")
    if visit["found_on"]:
        yield f"found on {visit['found_on']}"
    if visit["batch"]:
        yield f"batch {visit['batch']}"
    yield f"flight {visit['flight_id'].hex}"


def failed_attempts(attempt: int, earlier: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield the failed attempts before attempt number `attempt`; only the latest if there are very many."""
    for number, failed in enumerate(earlier, start=attempt - len(earlier)):
        reason, status = failed["reason"], failed.get("http_status")
        answer = f" (HTTP {status})" if status and reason != f"http_{status}" else ""
        at = exactly(datetime.fromisoformat(failed["at"]))
        yield f"  attempt {number} failed {at}, {reason}{answer}: {failed.get('detail', '')}"


def _quarantine(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        yield f"{exactly(row['quarantined_at'])}  quarantine_id {row['quarantine_id']}, in the {row['stage']} stage"
        last = (row["traceback"] or row["detail"]).strip().splitlines()[-1]
        yield f"  {row['reason']}: {last}"
        if row["replayed_at"]:
            yield f"  replayed {exactly(row['replayed_at'])}, as flight {row['replay_flight_id'].hex}"


def _became(stored: Stored) -> Iterator[str]:
    for article in stored.articles:
        withdrawn = f", withdrawn {exactly(article['withdrawn_at'])}" if article["withdrawn_at"] else ""
        copies = f" of {article['story_articles']} articles" if (article["story_articles"] or 1) > 1 else ""
        story = f"story {article['story_id']}{copies}"
        title = article["title"] or "without a title"
        yield f"article {article['article_id']}, version {article['version']}, {story}{withdrawn}: {title}"
    for row in stored.headlines:
        gone = f", {row['stored'] - row['standing']:,} gone" if row["stored"] > row["standing"] else ""
        yield f"{row['standing']:,} {row['kind']} {plural(row['standing'], 'headline')}{gone}"
