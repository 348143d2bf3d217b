"""What a robots.txt says to us (RFC 9309): bytes and a URL in, yes or no out.

Protego matches the paths and knows the misspellings of the world. The groups are picked out before: it would keep the
rules of every group for every agent that the group names, and 250 KB of agents over 250 KB of rules are 400 million.
"""

import re
from collections.abc import Iterator

from protego import Protego

# What may be asked of us at the most (s); beyond it a site says no in other ways.
LONGEST_CRAWL_DELAY_S = 6 * 3600.0
# Browsers' names stand first for historical reasons; a crawler's own is in the brackets.
TOKEN = re.compile(r"(?:Mozilla/[\d.]+ \(compatible; *)?([\w-]+)", re.ASCII)
AGENT_LINE = re.compile(r"\s*user[ -]?agent\s*[: ]\s*(\*(?!\w)|[\w-]*)", re.IGNORECASE | re.ASCII)
SITE_WIDE_LINE = re.compile(r"\s*(?:site-?maps?|host)\s*:", re.IGNORECASE)


def product_token(user_agent: str) -> str:
    """The name under which robots.txt speaks to us: "Depeche" of "Depeche/0.1 (+https://…)"."""
    found = TOKEN.match(user_agent)
    return found[1] if found else "*"


class RobotsRules:
    """The rules for one agent: those of all groups that name it, else those for `*`."""

    def __init__(self, robots_txt: bytes, token: str) -> None:
        text = robots_txt.decode("utf-8", "replace").removeprefix("\ufeff")
        ours = list(_lines_for(text, token)) or list(_lines_for(text, "*"))
        self._rules = Protego.parse("\n".join(["User-agent: *", *ours]))

    def allows(self, url: str) -> bool:
        """Whether the URL may be fetched."""
        return bool(self._rules.can_fetch(url, "*"))

    @property
    def crawl_delay(self) -> float:
        """Seconds that the site wants between two requests; 0 where it does not say."""
        return min(float(self._rules.crawl_delay("*") or 0.0), LONGEST_CRAWL_DELAY_S)


def _lines_for(text: str, token: str) -> Iterator[str]:
    """The rules of the groups for this agent, an empty one first: a group without rules is a group all the same."""
    is_for_us, in_head = False, False
    for line in text.splitlines():
        rule = line.partition("#")[0].strip()
        agent = AGENT_LINE.match(rule)
        if agent is not None:
            is_for_us = (in_head and is_for_us) or agent[1].lower() == token.lower()
            in_head = True
            if is_for_us:
                yield "Allow:"
        elif rule and not SITE_WIDE_LINE.match(rule):
            in_head = False
            if is_for_us:
                yield rule
