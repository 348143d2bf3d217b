"""What a robots.txt says to this crawler (RFC 9309): bytes and a URL in, yes or no out.

Protego matches the paths. The groups for this crawler are picked out before Protego sees them (robots_groups.py): it
would store the rules of every group once for every agent that the group names, and 250 KB of agents over 250 KB of
rules make 400 million rules. It would also end a group's list of agents at any line that it does not know.
"""

from protego import Protego

from services.fetcher.politeness.robots_groups import group_of, lines_of
from services.fetcher.rights.robots_lines import read_robots_lines
from shared.rights import Rights

# A longer crawl delay (s) is cut to this; a site that wants no crawler at all has other ways to say so.
LONGEST_CRAWL_DELAY_S = 6 * 3600.0


class RobotsRules:
    """The rules for one agent: the rules of all groups that name it or, where no group does, the rules for `*`."""

    def __init__(self, robots_txt: bytes, token: str) -> None:
        lines = lines_of(robots_txt)
        ours, to = group_of(lines, token), token
        if not ours.is_named:
            ours, to = group_of(lines, "*"), "*"
        self._lines = read_robots_lines("\n".join(lines), ours.others, to)
        self._rules = Protego.parse("\n".join(["User-agent: *", *ours.rules]))

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
