"""Which lines of a robots.txt are for one agent? (RFC 9309, section 2.2)

A group is one or more lines that name agents, and the rules after them. Only a rule (`Allow`, `Disallow`) ends the list
of a group's agents: other lines, known or not, must not disturb the rules (section 2.2.4). Lines that are not of the
RFC but speak to agents, such as `Crawl-delay` and `Content-Signal`, hold for the agents right above them, since sites
write them so: where one stands between two agents, the second agent begins a group of its own for such lines.
"""

import codecs
import re
from collections.abc import Iterable
from urllib.parse import quote

import msgspec

# RFC 9309 wants at least the first 500 KiB to be read.
FIRST_BYTES = 500 * 1024
# A file has so many sitemaps at the most that are taken.
MOST_SITEMAPS = 1_000

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
LINE_END = re.compile(r"\r\n?|\n")
# `str.strip` takes all that Unicode calls white space; marks of byte order and breaks without width are not among it.
WITHOUT_WIDTH = dict.fromkeys(map(ord, "\ufeff\u200b\u2060\x00"))
# Protego splits lines at more characters than the RFC; such a character in a path is escaped.
BREAKS = {ord(character): quote(character) for character in "\v\f\x1c\x1d\x1e\x85\u2028\u2029"}

# Names of fields as sites write them; the misspellings are those that Protego knows.
AGENT = re.compile(r"user[ -]?agent\s*[:\s]\s*(\*(?!\w)|[A-Za-z0-9_-]*)", re.IGNORECASE)
RULE = re.compile(r"(?:(allow)|diss?all?ow|diasllow|disallaw)\s*(?::|\s)\s*(.*)", re.IGNORECASE)
CRAWL_DELAY = re.compile(r"crawl[ -]delay\s*(?::|\s)\s*(.*)", re.IGNORECASE)
SIGNAL = re.compile(r"content-(?:signals?|usage)\s*:", re.IGNORECASE)
SITEMAP = re.compile(r"site-?maps?(?:\s*:|\s)\s*(\S+)", re.IGNORECASE)


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """What a robots.txt says to one agent: `rules` in the words of Protego, and `others` as they are written."""

    is_named: bool
    rules: list[str]
    others: list[str]


def lines_of(robots_txt: bytes) -> list[str]:
    """Returns the lines without comments and without white space around them; empty lines are left out.

    The last line of a file that has been cut is left out too: half a path would be another rule.
    """
    text = _text(robots_txt)
    lines = LINE_END.split(text)
    if len(robots_txt) >= FIRST_BYTES:
        lines = lines[:-1]
    return [line for raw in lines if (line := raw.partition("#")[0].strip())]


def _text(robots_txt: bytes) -> str:
    """Returns the text: UTF-16 where its byte order mark says so, else UTF-8 as of the RFC. NUL characters are left
    out, which makes UTF-16 without a mark readable as well.
    """
    for mark, encoding in MARKS:
        if robots_txt.startswith(mark):
            return robots_txt[len(mark) :].decode(encoding, "replace").translate(WITHOUT_WIDTH)
    return robots_txt.decode("utf-8", "replace").translate(WITHOUT_WIDTH)


def group_of(lines: Iterable[str], token: str) -> Group:
    """Returns the lines of all groups that name the agent, in their order."""
    is_named, rules, others = False, list[str](), list[str]()
    # Whether the lines that follow are for the agent, and whether the list of agents above them may still go on; for
    # rules, and for other lines.
    rules_ours = rules_head = others_ours = others_head = False
    for line in lines:
        if agent := AGENT.match(line):
            is_ours = agent[1].lower() == token.lower()
            rules_ours, others_ours = is_ours or (rules_head and rules_ours), is_ours or (others_head and others_ours)
            rules_head = others_head = True
            is_named = is_named or is_ours
        elif rule := RULE.match(line):
            rules_head = others_head = False
            if rules_ours:
                rules.append(f"{'Allow' if rule[1] else 'Disallow'}: {rule[2].translate(BREAKS)}")
        elif (delay := CRAWL_DELAY.match(line)) or SIGNAL.match(line):
            others_head = False
            if others_ours:
                (rules if delay else others).append(f"Crawl-delay: {delay[1]}" if delay else line)
    return Group(is_named=is_named, rules=rules, others=others)


def sitemaps_in(lines: Iterable[str]) -> tuple[str, ...]:
    """Returns the addresses of the site's sitemaps as they are written, each once; they belong to no group."""
    found = dict.fromkeys(sitemap[1] for line in lines if (sitemap := SITEMAP.match(line)))
    return tuple(found)[:MOST_SITEMAPS]
