"""The site of a run: a front page, a feed and the stories, at several loopback addresses."""

from collections.abc import Sequence

from benchmarks.chaos.press import Story, feed, front, page, title
from benchmarks.loopback_site import NOT_FOUND, LoopbackSite, not_modified, ok

# Each address is a host that the fetchers spare; what a killed fetcher was about holds up its host only.
HOSTS = [f"127.0.2.{n}" for n in range(1, 17)]
# The front and the feed list so many stories each. A story must be on them for longer than anything is away.
LISTED = 400
# A page takes this long (s), so that a kill meets some on their way.
THINKS_S = 0.08


class Site(LoopbackSite):
    """Serves the stories that have appeared, as they read now, and notes which reading it gave last."""

    def __init__(self, stories: Sequence[Story]) -> None:
        super().__init__(HOSTS, THINKS_S)
        self.stories = list(stories)
        self._by_path = {story.path: story for story in stories}
        self._listed = {way: [story for story in stories if story.way == way] for way in ("front", "feed")}
        self.gave_edited: set[int] = set()  # stories whose edited text somebody has been given

    def url(self, story: Story) -> str:
        """The address of a story; a copy is at the host of what it copies, or it could not name that as canonical."""
        return f"http://{HOSTS[story.told % len(HOSTS)]}:{self.port}{story.path}"

    def list_url(self, way: str) -> str:
        """The address of the front or the feed."""
        return f"http://{HOSTS[0]}:{self.port}/{way}"

    def _answer(self, path: str, known: str | None) -> bytes:
        if path in ("/front", "/feed"):
            return ok(self._list(path[1:]), "application/rss+xml" if path == "/feed" else "text/html", None)
        if (story := self._by_path.get(path)) is None:
            return NOT_FOUND
        body, tag = self._story(story)
        return not_modified(tag) if tag == known else ok(body, "text/html", tag)

    def _story(self, story: Story) -> tuple[bytes, str]:
        told = self.stories[story.told]
        is_edited = told.edited is not None and self.now() >= told.edited
        if is_edited:
            self.gave_edited.add(told.number)
        return page(story, self.url(told), is_edited), f'"{story.number}-{int(is_edited)}"'

    def _list(self, way: str) -> bytes:
        now = self.now()
        listed = [story for story in self._listed[way] if story.at <= now][-LISTED:]
        named = [(self.url(story), title(story.told, False)) for story in reversed(listed)]
        return front(named) if way == "front" else feed(named, self.list_url("front"))
