"""What was wrong with a feed or a sitemap: how much was mended, from which line on, and where the reading ended."""

from shared.parsed_page import FeedFaults


class Faults:
    """The faults of one text; only the first is told, because one mistake of a template makes hundreds."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._mended = 0
        self._first: tuple[int, str] | None = None
        self._found: dict[str, int] = {}

    def mend(self, at: int, fault: str) -> None:
        """Notes that something at this place was wrong, and read nevertheless."""
        self._mended += 1
        if self._first is None or at < self._first[0]:
            self._first = (at, fault)

    def find(self, string: str, at: int) -> int:
        """As str.find, for places that come in order: no part of the text is searched twice for the same."""
        known = self._found.get(string, 0)
        if 0 <= known < at or known == 0:
            known = self._found[string] = self._text.find(string, at)
        return known

    def report(self, *, entries: int, passed_over: int, stopped_at: int | None) -> FeedFaults | None:
        """None for a document without a fault; places become lines."""
        if not self._mended and not passed_over and stopped_at is None:
            return None
        return FeedFaults(
            entries=entries,
            passed_over=passed_over,
            mended=self._mended,
            line=self._line(self._first[0]) if self._first else None,
            fault=self._first[1] if self._first else None,
            stopped_at=self._line(stopped_at) if stopped_at is not None else None,
        )

    def _line(self, at: int) -> int:
        return self._text.count("\n", 0, at) + 1
