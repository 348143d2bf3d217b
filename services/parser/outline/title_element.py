"""Which element shows the headline of the main article?"""

from services.parser.language.folding import bare
from services.parser.outline.outline import Element, Outline


def find_title_element(outline: Outline, title: str | None = None) -> Element | None:
    """The heading that says what the page's title says, else the first <h1> that says anything."""
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
