"""What `depeche quarantine` prints for people about one case, and about a replay."""

from collections import defaultdict
from typing import Any

from rich.text import Text

from cli.output import Row, as_text, print_line, stderr
from cli.quarantine.rows import named
from cli.quarantine.sent import SENT
from cli.times import exactly


def show_case(row: Row) -> None:
    """Print all of a case, with the long fields at the end."""
    print_line(f"case {row['quarantine_id']}: {row['url'] or 'a message that names no page'}", style="bold")
    kept = "not kept" if row["page_bytes"] is None else f"{row['page_bytes']:,} bytes, which --page FILE writes"
    facts = {
        "failed": f"in the {row['stage']} stage, {row['reason']}: {row['detail']}",
        "quarantined": exactly(row["quarantined_at"]),
        "flight": row["flight_id"].hex,
        "source": row["source"],
        "page": kept,
        "replayed": _replayed(row),
    }
    for name, value in facts.items():
        if value:
            print_line(Text(f"  {name:<12}") + as_text(value))
    for heading, text in (("Message", row["message"]), ("Traceback", row["traceback"])):
        if text:
            print_line("")
            print_line(heading, style="bold")
            for line in text.splitlines():
                print_line(Text("  ") + as_text(line))


def _replayed(row: Row) -> str | None:
    if row["replayed_at"] is None:
        return None
    then = f", then {row['replay_fate']}" if row["replay_fate"] else ""
    return f"{exactly(row['replayed_at'])}, as flight {row['replay_flight_id'].hex}{then}"


def say_replayed(outcome: dict[str, Any]) -> None:
    """Print how many cases were sent, how many could not be sent and why, and what became of them."""
    sent = {SENT[how]: number for how, number in outcome["sent"].items() if number}
    _say("sent", sent)
    cases = defaultdict(list)
    for left in outcome["left"]:
        cases[left["why"]].append(left["quarantine_id"])
    for why, ids in cases.items():
        _say("could not go", {f"because {why}: {'case' if len(ids) == 1 else 'cases'} {named(ids)}": len(ids)})
    if "fates" in outcome:
        _say("fates", outcome["fates"])
        if "quarantined" in outcome["fates"]:
            stderr.print("what failed again is a new case: `depeche quarantine list --waiting`", highlight=False)


def _say(what: str, numbers: dict[str, int]) -> None:
    shown = ", ".join(f"{number:,} {key}" for key, number in numbers.items())
    stderr.print(as_text(f"{what}: {shown or 'none'}"), soft_wrap=True)
