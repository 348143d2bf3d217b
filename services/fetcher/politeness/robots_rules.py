"""What a robots.txt says to this crawler (RFC 9309): bytes and a URL in, yes or no out.

Protego matches the paths and knows the usual misspellings. The groups for this crawler are picked out before Protego
sees them: it would store the rules of every group once for every agent that the group names, and 250 KB of agents over
250 KB of rules make 400 million rules.
"""

import re
from collections.abc import Iterator

from protego import Protego

from services.fetcher.rights.robots_lines import read_robots_lines
from shared.rights import Rights

# A longer crawl delay (s) is cut to this; a site that wants no crawler at all has other ways to say so.
LONGEST_CRAWL_DELAY_S = 6 * 3600.0
AGENT_LINE = re.compile(r"\s*user[ -]?agent\s*[: ]\s*(\*(?!\w)|[\w-]*)", re.IGNORECASE | re.ASCII)
SITE_WIDE_LINE = re.compile(r"\s*(?:site-?maps?|host|license)\s*:", re.IGNORECASE)


class RobotsRules:
    """The rules for one agent: the rules of all groups that name it or, where no group does, the rules for `*`."""

    def __init__(self, robots_txt: bytes, token: str) -> None:
        text = robots_txt.decode("utf-8", "replace").removeprefix("\ufeff")
        ours, to = list(_lines_for(text, token)), token
        if not ours:
            ours, to = list(_lines_for(text, "*")), "*"
        self._lines = read_robots_lines(text, ours, to)
        self._rules = Protego.parse("\n".join(["User-agent: *", *ours]))

    def allows(self, url: str) -> bool:
        """Returns whether the URL may be fetched."""
        return bool(self._rules.can_fetch(url, "*"))

    def says(self, url: str) -> Rights:
        """Returns what the file says of the URL's use."""
        return self._lines.says(url)

    @property
    def crawl_delay(self) -> float:
        """Seconds that the site wants between two requests; 0 where it does not say."""
        return min(float(self._rules.crawl_delay("*") or 0.0), LONGEST_CRAWL_DELAY_S)


def _lines_for(text: str, token: str) -> Iterator[str]:
    """Returns the rules of the agent's groups, with an empty rule before each, so that a group without rules counts."""
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
