"""The page's text as rows of the report: on one side what became of a part and why, on the other side its text."""

import re
from html import escape
from itertools import groupby

from cli.output import CONTROLS
from services.parser.inspect.inspection import Inspection, Part
from services.parser.inspect.lists import ListReport

# How many colours there are for headline lists. More lists repeat the colours; their numbers tell them apart.
LIST_COLOURS = 6
# How many boxes are named as the reason for parts that are dropped together.
MOST_BOXES = 2

# The reasons of services/parser/inspect/reasons.py, as the report names them.
DROPPED = {
    "advertisement": "advertisement",
    "aside": "box with another name",
    "away": "away from the article",
    "comments": "comments",
    "copy": "copy of a headline",
    "cut": "cut away",
    "date": "date line",
    "footer": "footer",
    "gallery": "gallery",
    "heading": "heading without text",
    "hidden": "hidden",
    "in_list": "rest of a list",
    "links": "links",
    "listing": "text of a listing",
    "menu": "menu",
    "more_pages": "links to more pages",
    "next_story": "next story",
    "no_article": "no article",
    "no_part": "no part of it",
    "notice": "adverts, sharing, comments",
    "pointer": "pointer or notice",
    "repeated": "repeated title",
    "score": "low score",
    "share": "share line or script",
    "sign_up": "sign-up box",
}

_WEB = re.compile(r"https?://[^\s/]", re.I)
_LANGUAGE = re.compile(r"[a-z]{2,3}")


def rows_of(inspection: Inspection) -> str:
    """Return the rows with all parts in reading order; neighbours that belong together share a row."""
    lists = {report.number: report for report in inspection.lists}
    language = language_of(inspection.page.language)
    rows = []
    for _, group in groupby(inspection.parts, key=_belonging):
        parts = list(group)
        rows.append(_row(parts, lists, language))
    return "\n".join(rows)


def _belonging(part: Part) -> tuple[object, ...]:
    note = part.note
    if note.list_number is not None:
        return ("list", note.list_number)
    if note.role == "dropped":
        return ("dropped", note.kind)
    return (note.role, note.kind, note.block)


def _row(parts: list[Part], lists: dict[int, ListReport], language: str) -> str:
    note = parts[0].note
    if note.list_number is not None:
        report = lists[note.list_number]
        classes, name, why = f"headline {list_class(report.number)}", name_of(report), escape(report.why)
        content = "\n".join(map(_line, parts))
    elif note.role == "dropped":
        classes, name, why = "dropped", f"Dropped: {DROPPED[note.kind]}", _why(parts)
        content = f'<ul class="bits">{"".join(shown("li", part.text) for part in parts)}</ul>'
    else:
        name = f"Block {note.block}: {note.kind}" if note.block else note.kind.capitalize()
        classes, why = f"{note.role} is-{note.kind}", _why(parts)
        content = "\n".join(_paragraph(part) for part in parts)
    return f"""<div class="row {classes}"><div class="why"><b>{name}</b><p class="muted">{why}</p></div>
<div class="what"{language}>{content}</div></div>"""


def _why(parts: list[Part]) -> str:
    """Return the reason that the parts share, the boxes that gave it, and how they score."""
    why = escape(parts[0].note.why)
    boxes = list(dict.fromkeys(part.note.where for part in parts if part.note.where))
    if boxes:
        why += ": " + ", ".join(f"<code>{text_of(box)}</code>" for box in boxes[:MOST_BOXES])
        why += f" and {len(boxes) - MOST_BOXES} more" if len(boxes) > MOST_BOXES else ""
    scores = [part.note.score for part in parts if part.note.score is not None]
    return why + _score_text(scores)


def _score_text(scores: list[float]) -> str:
    if not scores:
        return ""
    low, high = f"{min(scores):+.1f}", f"{max(scores):+.1f}"
    said = low if low == high else f"{low} to {high}"
    return f' <span class="score">({said.replace("-", "−")})</span>'


def _line(part: Part) -> str:
    """Return one line of a headline list: its label, a headline, or text that stands beside one."""
    text = shown("span", part.text)
    note = part.note
    if note.role == "label":
        return f'<div class="line label"><span class="number"></span>{text}</div>'
    number = note.position if note.role == "headline" else ""
    return f'<div class="line {note.role}"><span class="number">{number}</span>{text}</div>'


def _paragraph(part: Part) -> str:
    said = shown("p", part.text) if part.text else ""
    return said + (f"<p>{link_to(part.url)}</p>" if part.url is not None else "")


def name_of(report: ListReport) -> str:
    """Return the name of a list, the same everywhere in the report."""
    return f"List {report.number}: {report.kind.replace('_', ' ')}"


def list_class(number: int) -> str:
    """Return the class that gives a list its colour."""
    return f"list{(number - 1) % LIST_COLOURS + 1}"


def language_of(language: str | None) -> str:
    """Return the attribute that names a text's language, if it is known."""
    return f' lang="{language}"' if language and _LANGUAGE.fullmatch(language) else ""


def shown(tag: str, text: str) -> str:
    """Return text of the page in an element; the text runs in the direction of its own letters."""
    return f'<{tag} dir="auto">{text_of(text)}</{tag}>'


def text_of(text: str) -> str:
    """Return text of the page, escaped; control characters are shown as the replacement character."""
    return escape(CONTROLS.sub("\ufffd", text))


def link_to(url: str) -> str:
    """Return a URL as a link if it is http or https, else as plain text."""
    address = text_of(url)
    if not _WEB.match(url):
        return f'<span class="link" dir="ltr">{address}</span>'
    return f'<a class="link" dir="ltr" href="{address}" target="_blank" rel="noopener noreferrer">{address}</a>'
