"""Which lines of a page say who wrote its article, and when?"""

from services.parser.fields.dates import LENGTH_OF_DAY, read_moment, stamps_in
from services.parser.fields.metadata import Metadata
from services.parser.inspect.text import Note
from services.parser.outline.outline import Element
from services.parser.page import Reading
from shared.parsed_page import Article

_NAMES_AUTHOR = Note(role="field", kind="author", why="names an author")
_SAYS_WHEN = Note(role="field", kind="date", why="says when the article was published or changed")


class FactLines:
    """Recognises the lines of a page that say who wrote its article, and when."""

    def __init__(self, reading: Reading, article: Article) -> None:
        self._habits = (reading.metadata or Metadata()).habits
        self._authors = article.authors
        moments = (article.published_at, article.modified_at)
        self._days = {moment[:LENGTH_OF_DAY] for moment in moments if moment}

    def note_on(self, line: str, element: Element | None) -> Note | None:
        """Returns the note for a line that names an author or says when; None for any other line."""
        if any(author in line for author in self._authors):
            return _NAMES_AUTHOR
        attribute = element.attrs.get("datetime") if element is not None and element.tag == "time" else None
        stated = [read_moment(attribute, self._habits)] if attribute else []
        stated += [stamp.value for stamp in stamps_in(line, self._habits)]
        if any(moment is not None and moment[:LENGTH_OF_DAY] in self._days for moment in stated):
            return _SAYS_WHEN
        return None
