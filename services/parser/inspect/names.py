"""Where do title and authors of the article come from?"""

from collections.abc import Iterator

from services.parser.fields import origins
from services.parser.fields.bylines import people
from services.parser.fields.claims import first_value
from services.parser.fields.dates import stamps_in
from services.parser.fields.json_ld import ArticleNode
from services.parser.fields.metadata import Metadata
from services.parser.fields.organisations import is_agency, is_anonymous, is_house, is_organisation
from services.parser.fields.roles import says_role
from services.parser.fields.shown_bylines import NOT_CALLED, BylineSeen, seen_bylines
from services.parser.fields.shown_dates import PLACES
from services.parser.fields.site_name import SiteName
from services.parser.fields.surroundings import Surroundings
from services.parser.fields.title_text import MOST_HEADINGS, clean_title
from services.parser.fields.trust import said_on
from services.parser.inspect.origin import Field, Said, agrees_with, compared, never, shortened
from services.parser.language.folding import bare
from services.parser.language.scripts import SENTENCE_ENDS
from services.parser.outline.outline import Outline
from services.parser.page import Reading
from shared.parsed_page import Article

LINES = "the page's lines, which are read one by one, as those of a text file"
THE_SITE = "the name of the site"
NO_TITLE = "the page has neither a heading nor a title in its head"
NO_NAME = "not written like the name of a person: an address, a number, a sentence or a credit"
ROLE = "a role, without the name of whoever has it"
HOUSE = "the publisher itself"
AGENCY = "an agency, which signs only where nobody else does or beside people"
ORGANISATION = "an organisation or a desk, and no person"
USER = "a user's name, and no person's"


def title_field(article: Article, reading: Reading) -> Field:
    """Returns the title; what says it with the site's name behind it agrees."""
    chosen = reading.fields.origins.title if reading.fields is not None else None
    title, head = article.title or "", reading.metadata or Metadata()
    field = Field(name="title", values=[title] if title else [], why=LINES if title else NO_TITLE)
    if chosen is None or reading.outline is None:
        return field
    site, same = SiteName(reading.outline, head), agrees_with([title])
    field = Field(name="title", values=field.values, why=chosen.why)

    def agrees(said: str) -> bool:
        return same(said) or same(site.cut_from(clean_title(said)))

    def why_not(said: str) -> str:
        if site.is_named_by(said):
            return THE_SITE
        return f"has more than the title: {chosen.why_not}" if bare(title) in bare(said) else chosen.why_not

    return compared(field, _titles(reading.outline, head, title), why_not, agrees)


def _titles(outline: Outline, head: Metadata, title: str) -> Iterator[Said]:
    yield from said_on("titles", head.json_ld.own, head.meta)
    if outline.title:
        yield "<title>", outline.title
    wanted = bare(title)
    for heading in (*outline.tagged("h1")[:MOST_HEADINGS], *outline.tagged("h2")[:MOST_HEADINGS]):
        said = shortened(outline.text_of(heading)) if heading.chars else ""
        if said and (heading.tag == "h1" or wanted in bare(said)):
            yield f"the heading <{heading.tag}>", said


def authors_field(article: Article, reading: Reading, places: Surroundings | None) -> Field:
    """Returns the authors, with every author field and byline that names somebody else, and why it was not believed."""
    head = reading.metadata or Metadata()
    why = reading.fields.origins.authors if reading.fields is not None else LINES if article.authors else ""
    field = Field(name="authors", values=article.authors, why=why or origins.NO_AUTHOR)
    judge = _Judge(article, why)
    field = compared(field, said_on("authors", head.json_ld.own, head.meta), judge.why_not, judge.agrees)
    for node in others_of(head):
        reason = f"of another article in the page's data: {first_value(node.headlines) or 'without a headline'}"
        said = [(f"JSON-LD {claim.key}", claim.value) for claim in node.authors]
        field = compared(field, said, reason, never)
    for line in _bylines(reading, places, is_signed=bool(article.authors)):
        said = [(f"the page, {line.where}", line.text)]
        agrees = judge.names_one if line.where in PLACES else never
        field = compared(field, said, line.why_not or judge.why_not, agrees)
    return field


def _bylines(reading: Reading, places: Surroundings | None, *, is_signed: bool) -> Iterator[BylineSeen]:
    """Yield the lines that may name an author, each once; any line under the headline may where the page has none."""
    if reading.outline is None or places is None:
        return
    known, habits = "", (reading.metadata or Metadata()).habits
    for line in seen_bylines(reading.outline, places):
        plain = line.why_not == NOT_CALLED
        if plain and (is_signed or line.text[-1:] in SENTENCE_ENDS or stamps_in(line.text, habits)):
            continue
        if line.text not in known:
            known += f"\n{line.text}"
            yield line


def others_of(head: Metadata) -> list[ArticleNode]:
    """Returns the articles that JSON-LD describes beside the page's own."""
    return [node for node in head.json_ld.articles if node is not head.json_ld.own]


class _Judge:
    """Tells what became of the names in an author field or a byline, by the same questions as the parser."""

    def __init__(self, article: Article, why: str) -> None:
        self._authors, self._publisher, self._why = article.authors, article.publisher, why

    def agrees(self, said: str) -> bool:
        names = people([said], self._publisher)
        return bool(names) and all(name in self._authors for name in names)

    def names_one(self, said: str) -> bool:
        return any(bare(name) in bare(said) for name in self._authors)

    def why_not(self, said: str) -> str:
        names = [name for name in people([said], self._publisher) if name not in self._authors]
        if not names:
            kind = self._kind_of([said])
            return ROLE if says_role(said) else kind if kind and kind != USER else NO_NAME
        return self._kind_of(names) or self._others()

    def _kind_of(self, names: list[str]) -> str | None:
        """Returns what the names are, if none is a person's."""
        if all(is_house(name, self._publisher) for name in names):
            return HOUSE
        if all(map(is_agency, names)):
            return AGENCY
        if not all(is_anonymous(name, self._publisher) for name in names):
            return None
        return ORGANISATION if any(is_organisation(name, self._publisher) for name in names) else USER

    def _others(self) -> str:
        if not self._authors:
            return NO_NAME
        return f"not taken, because others were found first: {self._why}"
