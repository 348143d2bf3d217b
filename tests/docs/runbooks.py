"""The runbooks as data: what each is about, and the commands that it shows."""

import re
import shlex
from typing import Any, NamedTuple

import yaml

from tests.support.documented import ROOT

FOLDER = ROOT / "docs" / "runbooks"
SECTIONS = ["What it means", "Look first", "What to do", "Over when"]
BOOKS = sorted(path.name for path in FOLDER.glob("*.md") if path.name != "README.md")

ALERT = re.compile(r"^Alert `(\w+)`, severity (\w+)\.$", re.MULTILINE)
FENCE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
SHOWN = re.compile(r"^ {4,}(\S.*)$", re.MULTILINE)
INLINE = re.compile(r"`((?:depeche|docker compose|git) [^`]+)`")
PROGRAMS = ("depeche", "docker", "git", "df")


class Book(NamedTuple):
    """One runbook; `shown` are the lines that stand apart as commands, `inline` those within a sentence."""

    text: str
    alert: tuple[str, str] | None
    sections: list[str]
    shown: list[str]
    inline: list[str]


def book(name: str) -> Book:
    """Read a runbook."""
    text = (FOLDER / name).read_text("utf-8")
    prose = FENCE.sub("", text)
    alerts: list[tuple[str, str]] = ALERT.findall(text)
    return Book(
        text=text,
        alert=alerts[0] if alerts else None,
        sections=re.findall(r"^## (.*)$", text, re.MULTILINE),
        shown=SHOWN.findall(prose),
        inline=INLINE.findall(prose),
    )


def alerts() -> dict[str, dict[str, Any]]:
    """The alerts of Prometheus, by their names."""
    groups = yaml.safe_load((ROOT / "deploy" / "prometheus" / "rules.yml").read_text("utf-8"))["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"] if "alert" in rule}


def words(line: str) -> list[str]:
    """The words of a command, without where its output goes and its input comes from."""
    found = shlex.split(line)
    arrows = [place for place, word in enumerate(found) if word in {"<", ">"}]
    return found[: arrows[0]] if arrows else found


def compose_calls() -> list[list[str]]:
    """What follows `docker compose` in all runbooks."""
    lines = [line for name in BOOKS for line in (*book(name).shown, *book(name).inline)]
    return [words(line)[2:] for line in lines if line.startswith("docker compose ")]
