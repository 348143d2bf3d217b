"""An inspected page as one HTML document: safe to open, complete without a network, readable on paper.

The document has only the text of the page: everything is escaped, URLs become links only if they are http or https,
there is no script, and the policy in the document's head forbids everything but its own style sheet.
"""

import base64
import hashlib
import re
from collections import Counter
from html import escape
from importlib.resources import files
from string import Template

from cli.inspect.rows import DROPPED, language_of, link_to, list_class, name_of, rows_of, shown, text_of
from services.parser.fields.claims import PassedOver
from services.parser.inspect.fields import Field
from services.parser.inspect.inspection import Inspection, Part
from services.parser.inspect.lists import ListReport
from shared.parsed_page import Headline

_STYLE = re.compile(r"<style>(.*)</style>", re.S)
# Roles of parts in the order of the legend, with the unit in which they are counted.
_LEGEND = {
    "article": ("Article", "block"),
    "field": ("Fields", "line"),
    "headline": ("Headline lists", "list"),
    "dropped": ("Dropped", "part"),
}
_ADDRESSES = frozenset({"url", "canonical_url", "source_url", "next_page_url", "images"})
_OF_LISTS = frozenset({"headline", "beside", "label"})


def report(inspection: Inspection, name: str) -> str:
    """Return the HTML document; `name` says where the page came from."""
    template = files("cli.inspect").joinpath("report.html").read_text("utf-8")
    style = _STYLE.search(template)
    digest = hashlib.sha256(style[1].encode() if style is not None else b"").digest()
    return Template(template).substitute(
        title=text_of(f"{name} – depeche inspect"),
        style_hash=f"sha256-{base64.b64encode(digest).decode()}",
        body=f"""{_top(inspection, name)}
<div class="columns">
<main><section><h2>The page in reading order</h2>
<p class="muted explained">Numbers in brackets are scores: a block above 0 reads like article text.</p>
{rows_of(inspection) or '<p class="muted">A feed has no text beside its entries.</p>'}
</section></main>
<aside aria-label="What was found">
{_fields(inspection.fields)}
{_lists(inspection.lists)}
{_dropped(inspection.parts)}
</aside>
</div>""",
    )


def summary(inspection: Inspection) -> str:
    """Return the counts of the legend in one line."""
    counts = _counts(inspection)
    return ", ".join(f"{name.lower()}: {counts[role]}" for role, (name, _) in _LEGEND.items())


def _top(inspection: Inspection, name: str) -> str:
    page = inspection.page
    kind = f"{page.page_type} · wall: {page.wall}" if page.wall else page.page_type
    title = page.article.title if page.article is not None and page.article.title else name
    return f"""<header class="top">
<p class="brand"><b>depeche inspect</b><span>{text_of(name)}</span><span>{kind}</span>
<span>parser {escape(page.parser_version)}</span></p>
{shown("h1", title)}
<div class="address">{link_to(page.url) if page.url else '<span class="muted">no address known</span>'}</div>
{_bar(inspection.parts)}
<div class="legend" role="group" aria-label="Legend: each box shows or hides its parts">
{_legend(inspection)}
</div>
</header>"""


def _bar(parts: list[Part]) -> str:
    """Return a bar that shows each role's share of the page's text."""
    shares: Counter[str] = Counter()
    for part in parts:
        note = part.note
        shares[list_class(note.list_number) if note.list_number else note.role] += len(part.text)
    whole = shares.total()
    if not whole:
        return ""
    order = ["article", "field", *sorted(name for name in shares if name.startswith("list")), "dropped"]
    at, rects = 0.0, []
    for name in order:
        width = 100 * shares[name] / whole
        rects.append(f'<rect class="{name}" x="{at:.2f}%" width="{width:.2f}%" height="12"></rect>')
        at += width
    said = f"Of the page's text, the article has {100 * shares['article'] // whole} %, dropped parts have "
    label = f"{said}{100 * shares['dropped'] // whole} %."
    return f'<svg class="bar" role="img" aria-label="{escape(label)}">{"".join(rects)}</svg>'


def _legend(inspection: Inspection) -> str:
    """Return the legend: a box for each role, with its colours and counts."""
    counts = _counts(inspection)
    colours = {role: [role] for role in _LEGEND}
    colours["headline"] = list(dict.fromkeys(list_class(report.number) for report in inspection.lists))
    boxes = []
    for role, (name, _) in _LEGEND.items():
        swatches = "".join(f'<span class="swatch {colour}"></span>' for colour in colours[role])
        boxes.append(
            f'<label><input type="checkbox" id="show-{role}" checked><span class="swatches">{swatches}</span>'
            f'<span>{name}</span> <span class="count">{counts[role]}</span></label>'
        )
    return "\n".join(boxes)


def _counts(inspection: Inspection) -> dict[str, str]:
    """Return, for each role, how many parts and how much text it has."""
    letters: Counter[str] = Counter()
    for part in inspection.parts:
        letters["headline" if part.note.role in _OF_LISTS else part.note.role] += len(part.text)
    parts: Counter[str] = Counter(part.note.role for part in inspection.parts)
    blocks = {part.note.block for part in inspection.parts if part.note.role == "article"}
    lines = sum(len(report.headlines) for report in inspection.lists)
    number = {"article": len(blocks), "headline": len(inspection.lists)}
    out = {}
    for role, (_, unit) in _LEGEND.items():
        counted = _plural(number.get(role, parts[role]), unit)
        if role == "headline" and lines:
            counted += f" with {_plural(lines, 'headline')}"
        out[role] = f"{counted}, {_plural(letters[role], 'character')}"
    return out


def _plural(count: int, unit: str) -> str:
    return f"{count:,} {unit}{'' if count == 1 else 's'}"


def _fields(fields: list[Field]) -> str:
    rows = [
        f"<dt>{field.name.replace('_', ' ')}</dt><dd>{_values(field)}"
        + f'<p class="muted">{text_of(field.why)}</p>'
        + (f'<p class="muted">said by {text_of(", ".join(field.sources))}</p>' if field.sources else "")
        + "".join(map(_passed_over, field.passed_over))
        + "</dd>"
        for field in fields
    ]
    return f"<section><h2>Fields</h2><dl>{''.join(rows)}</dl></section>"


def _passed_over(claim: PassedOver) -> str:
    said = shown("span", claim.value)
    return f'<p class="muted">passed over: {said} ({text_of(claim.said_by)}): {text_of(claim.why)}</p>'


def _values(field: Field) -> str:
    if not field.values:
        return '<p class="muted">none</p>'
    if field.name in _ADDRESSES:
        return "".join(map(link_to, field.values))
    return "".join(shown("p", value) for value in field.values)


def _lists(lists: list[ListReport]) -> str:
    if not lists:
        return '<section><h2>Headline lists</h2><p class="muted">None was found.</p></section>'
    return f"<section><h2>Headline lists</h2>{''.join(map(_list, lists))}</section>"


def _list(report: ListReport) -> str:
    label = shown("p", report.label) if report.label else '<p class="muted">without a label</p>'
    lines = "".join(_headline(line, report) for line in report.headlines)
    said = f"{_plural(len(report.headlines), 'headline')}; {escape(report.why)}"
    return f"""<div class="list {list_class(report.number)}">
<header><h3>{name_of(report)}</h3>{label}<p class="muted">{said}</p></header><ol>{lines}</ol></div>"""


def _headline(line: Headline, report: ListReport) -> str:
    marks = '<span class="mark self">this page</span> ' if line.is_self else ""
    if line.position in report.unseen:
        marks += '<span class="mark">said by an attribute, not by the text</span> '
    if line.position in report.in_article:
        marks += '<span class="mark">in the article, too</span> '
    moment = f'<span class="muted">{text_of(line.published_at)}</span>' if line.published_at else ""
    link = link_to(line.url) if line.url else '<span class="muted">no link</span>'
    return f"""<li class="line"><span class="number">{line.position}</span><div>
<p dir="auto"{language_of(line.language)}>{text_of(line.text)}</p>{marks}{moment}{link}</div></li>"""


def _dropped(parts: list[Part]) -> str:
    """Return each reason with how many parts and how much text were dropped for it."""
    number: Counter[str] = Counter()
    letters: Counter[str] = Counter()
    for part in parts:
        if part.note.role == "dropped":
            number[part.note.kind] += 1
            letters[part.note.kind] += len(part.text)
    if not number:
        return ""
    rows = "".join(
        f'<tr><td>{DROPPED[kind]}</td><td class="n">{number[kind]:,}</td><td class="n">{count:,}</td></tr>'
        for kind, count in letters.most_common()
    )
    return f"""<section><h2>Dropped, and why</h2><table>
<thead><tr><th scope="col">Reason</th><th scope="col" class="n">Parts</th>
<th scope="col" class="n">Characters</th></tr></thead><tbody>{rows}</tbody></table></section>"""
