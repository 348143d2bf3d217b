"""Which element shows the headline of the main article?"""

from services.parser.language.folding import bare
from services.parser.outline.outline import Element, Outline


def find_title_element(outline: Outline, title: str | None = None) -> Element | None:
    """Returns the <h1> or <h2> that says what the title says, else the first <h1> with any text, else None.

    The title is the page's <title> if `title` is not given.
    """
    wanted = bare(title or outline.title)
    first = None
    for tag in ("h1", "h2"):
        for heading in outline.tagged(tag):
            if heading.chars < 3:
                continue
            said = bare(outline.text_of(heading))
            if len(said) > 8 and wanted and (said in wanted or wanted in said):
                return heading
            if first is None and tag == "h1":
                first = heading
    return first
