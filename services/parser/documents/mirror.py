"""The words of press mirrors: sites that copy many papers' articles and run a ticker of today's headlines above them.

Such a page, as HTML or as a text dump of it, has the ticker, a notice that an image was reported, the title, a line
with the paper and its date, the text, and a link to the original. The ticker dates from the crawl, not from the
article. The phrases are those of the family's French, Arabic and English pages.
"""

import re

import msgspec

from services.parser.fields.dates import DateHabits, read_moment

_DATE = r"(?P<date>\d{1,2}\s*[-/.‑–]\s*\d{1,2}\s*[-/.‑–]\s*\d{4})"
_SOURCE_LINES = (
    (re.compile(rf"^\W*Publié(?:e|es|s)? dans\s+(?P<paper>.+?)\s+le\s+{_DATE}\W*$", re.I), "fr"),
    (re.compile(rf"^\W*نُ?شرت?\s+في\s+(?P<paper>.+?)\s+(?:يوم|بتاريخ)\s+{_DATE}\W*$"), "ar"),
    (re.compile(rf"^\W*Published in\s+(?P<paper>.+?)\s+on\s+{_DATE}\W*$", re.I), "en"),
)
LONGEST_SOURCE_LINE = 160

_SOURCE_LINK = re.compile(
    r"^\W*(?:Cliquez ici pour lire l['’]article depuis sa source|"
    r"(?:انقر|إضغط|اضغط|أنقر) هنا لقراءة (?:الخبر|المقال|النص) من مصدره|"
    r"Click here to (?:read|view) the (?:story|article|news) from its source)",
    re.I,
)


class SourceLine(msgspec.Struct, frozen=True, kw_only=True):
    """Which paper published the article, when, and in which language the page says so."""

    publisher: str
    published_at: str | None
    language: str


def read_source_line(line: str) -> SourceLine | None:
    """`Publié dans Les ECO le 08 - 05 - 2025` and its Arabic and English sisters; the day comes first in all."""
    if len(line) > LONGEST_SOURCE_LINE:
        return None
    for pattern, language in _SOURCE_LINES:
        match = pattern.match(line)
        if match:
            date = re.sub(r"\s*[-/.‑–]\s*", "-", match["date"])
            return SourceLine(
                publisher=" ".join(match["paper"].split()),
                published_at=read_moment(date, DateHabits(language=language)),
                language=language,
            )
    return None


def is_source_link(line: str) -> bool:
    """`Cliquez ici pour lire l'article depuis sa source`: the end of the article."""
    return bool(_SOURCE_LINK.match(line))
