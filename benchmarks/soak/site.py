"""The site of a soak, on loopback: lists of stories, and the stories themselves, as the press has them now."""

import re

from benchmarks.chaos.press import feed, front
from benchmarks.loopback_site import NOT_FOUND, LoopbackSite, not_modified, ok
from benchmarks.soak.press import BROKEN, EVERY_TAGGED, EVERY_TROUBLE, GONE, PASSING, STEADY, Press, path, story, title

STORY = re.compile(r"/story/(\d+)-")
# A page takes this long (s), so that fetchers have several requests open at a time.
THINKS_S = 0.2
LIST = re.compile(r"/(front|feed)/(\d+)$")


class Site(LoopbackSite):
    """Answers at all addresses of the press, at one port."""

    def __init__(self, press: Press) -> None:
        super().__init__((*STEADY, *PASSING), THINKS_S)
        self.press = press
        self.ends: float | None = None  # the second of the run from which on nothing appears any more

    def newest(self) -> int:
        """Returns the number of the story that has appeared last."""
        now = self.now()
        return self.press.newest(now if self.ends is None else min(now, self.ends))

    def url(self, number: int) -> str:
        """Returns the address of a story."""
        return f"http://{self.press.address(number)}:{self.port}{path(number)}"

    def list_url(self, number: int) -> str:
        """Returns the address of a list."""
        return f"http://{STEADY[number]}:{self.port}/{list_kind(number)}/{number}"

    def _answer(self, path: str, known: str | None) -> bytes:
        if found := LIST.match(path):
            kind = "application/rss+xml" if found[1] == "feed" else "text/html"
            return ok(self._list(int(found[2])), kind, None)
        found = STORY.match(path)
        number = int(found[1]) if found else -1
        if not 0 <= number <= self.newest() or number % EVERY_TROUBLE == GONE:
            return NOT_FOUND
        if number % EVERY_TROUBLE == BROKEN:
            return b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
        edition = self.press.edition(number, self.now())
        tag = f'"{number}-{edition}"' if number % EVERY_TAGGED == 0 else None
        if tag is not None and tag == known:
            return not_modified(tag)
        return ok(story(number, edition, self.url(number)), "text/html", tag)

    def _list(self, number: int) -> bytes:
        now = self.now() if self.ends is None else min(self.now(), self.ends)
        named = [(self.url(one), title(one, 0)) for one in self.press.listed(number, now)]
        return front(named) if list_kind(number) == "front" else feed(named, f"http://{STEADY[number]}:{self.port}/")


def list_kind(number: int) -> str:
    """Returns whether a list is a front page or a feed."""
    return "feed" if number % 2 else "front"
