"""What is known about the page, and what says so: the head, the visible page, or the URL?

Every field of the article is shown, with why it is as it is or why it is empty, the sources that say the same, and what
was passed over. The steps that decide leave their reasons (origins.py, titles.py, lead.py); nothing is decided here.
"""

from collections.abc import Iterable

from services.parser.body.article import Body
from services.parser.fields import origins
from services.parser.fields.claims import PassedOver
from services.parser.fields.metadata import Metadata
from services.parser.fields.origins import SCRIPTS
from services.parser.fields.surroundings import surroundings_of
from services.parser.fields.trust import said_on
from services.parser.inspect.moments import modified_field, published_field
from services.parser.inspect.names import LINES, authors_field, title_field
from services.parser.inspect.origin import MOST_PASSED_OVER, PAGE_TEXT, Field, compared, shortened
from services.parser.inspect.signs import flag_fields, images_field, language_field
from services.parser.inspect.text import describe
from services.parser.language.folding import bare
from services.parser.outline.region import IN_WORDS, Apart
from services.parser.page import Reading
from shared.parsed_page import Article

__all__ = ["SCRIPTS", "Field", "read_fields"]

# The page's description and its lead are the same if so many letters agree.
SAME_OPENING = 60
NOTHING_SAYS = "nothing says it"
COMES_FIRST = "another claim is believed first"
ONLY_TAGS = "keywords count only where no tags are stated"
OTHER_SITE = "a canonical link to a story of another site"
NO_LEAD = "the text does not open with it"
NO_KICKER = "no line over the headline is called a kicker, and the heading does not begin with one"
LISTING = "the page is a list of headlines; its text is what stands beside them"
NO_BODY = "no text of the page reads like an article, and its head describes none"
NO_TEXT = "the page has no text of an article, but its head describes one"
BY_SCORE = "the longest stretch of blocks that read like article text"
BY_RULE = "the site rule selects it"
WALLED = "the page only bars the way to its story"


def read_fields(reading: Reading) -> list[Field]:
    """Returns the fields of the result in the order in which a reader asks for them; of a feed, its addresses."""
    page, article = reading.page, reading.page.article
    head = reading.metadata or Metadata()
    fields = [
        *(_of_article(article, head, reading) if article is not None else _no_article(reading)),
        language_field(reading),
        Field(name="url", values=[page.url or ""], why="the address that was given"),
        _canonical(page.canonical_url, head),
    ]
    return [field for field in fields if any(field.values) or field.why]


def _no_article(reading: Reading) -> list[Field]:
    """Returns why the page has no article; a feed needs no reason."""
    page = reading.page
    if page.page_type in {"feed", "sitemap"}:
        return []
    if isinstance(page.wall, str):
        return [Field(name="article", values=[], why=f"{WALLED}: {page.wall}")]
    return [Field(name="article", values=[], why=LISTING if reading.body is not None else NO_BODY)]


def _of_article(article: Article, head: Metadata, reading: Reading) -> list[Field]:
    region = reading.body.region if reading.body is not None else None
    places = surroundings_of(reading.outline, region) if reading.outline is not None and reading.fields else None
    return [
        title_field(article, reading),
        _kicker(article, reading),
        _lead(article, head, reading),
        authors_field(article, reading, places),
        published_field(article, reading, places),
        modified_field(article, reading),
        _claimed("publisher", [article.publisher], head),
        _claimed("section", [article.section], head),
        _tags(article, head),
        _source_url(article, head),
        images_field(article, head),
        _text(article, reading),
        *flag_fields(article, head, reading),
    ]


def _claimed(name: str, values: Iterable[str | None], head: Metadata) -> Field:
    """Returns a field that only the head states."""
    known = [value for value in values if value]
    field = Field(name=name, values=known, why=origins.HEAD if known else NOTHING_SAYS)
    return compared(field, said_on(name, head.json_ld.own, head.meta), COMES_FIRST)


def _tags(article: Article, head: Metadata) -> Field:
    field = Field(name="tags", values=article.tags, why=origins.HEAD if article.tags else NOTHING_SAYS)
    known = set(map(bare, article.tags))

    def agrees(said: str) -> bool:
        return any(bare(part) in known for part in said.replace(";", ",").replace("،", ",").split(","))

    return compared(field, said_on("tags", head.json_ld.own, head.meta), ONLY_TAGS, agrees)


def _source_url(article: Article, head: Metadata) -> Field:
    linked = article.source_url is not None and article.source_url == head.canonical.original
    why = OTHER_SITE if linked else origins.HEAD if article.source_url else NOTHING_SAYS
    field = Field(name="source_url", values=[article.source_url] if article.source_url else [], why=why)
    return compared(field, said_on("source_url", head.json_ld.own, head.meta), COMES_FIRST)


def _kicker(article: Article, reading: Reading) -> Field:
    found = reading.fields.origins.kicker if reading.fields is not None else LINES
    values = [article.kicker] if article.kicker else []
    return Field(name="kicker", values=values, why=(found if values else None) or NO_KICKER)


def _lead(article: Article, head: Metadata, reading: Reading) -> Field:
    body = _body_of(reading)
    why = body.why_lead if body is not None else ""
    field = Field(name="lead", values=[article.lead] if article.lead else [], why=why or LINES)
    opening = bare(article.lead or "")

    def agrees(said: str) -> bool:
        folded = bare(said)
        size = min(len(opening), len(folded), SAME_OPENING)
        return bool(size) and opening[:size] == folded[:size]

    return compared(field, said_on("description", head.json_ld.own, head.meta), NO_LEAD, agrees)


def _body_of(reading: Reading) -> Body | None:
    return reading.told.body if reading.told is not None else reading.body


def _text(article: Article, reading: Reading) -> Field:
    size = f"{len(article.text):,} characters in {len(article.blocks)} blocks"
    if reading.told is not None:
        return Field(name="text", values=[size], why=SCRIPTS, sources=[SCRIPTS])
    if reading.fields is None:
        return Field(name="text", values=[size], why=LINES, sources=[PAGE_TEXT])
    if not article.blocks and not article.lead:
        return Field(name="text", values=[], why=NO_TEXT)
    scored = reading.body is not None and reading.body.scores
    why = BY_SCORE if scored else BY_RULE
    return Field(name="text", values=[size], why=why, sources=[PAGE_TEXT], passed_over=_set_apart(reading))


def _set_apart(reading: Reading) -> list[PassedOver]:
    """Returns the parts of the page that were set apart as a whole, so that no line of them can be in the text."""
    outline, apart = reading.outline, reading.body.region.apart if reading.body is not None else None
    if outline is None or apart is None:
        return []
    parts: list[PassedOver] = []
    end = 0
    for element in outline.elements:
        kind = apart[element.index]
        if kind and element.chars and element.index >= end:
            end = element.end
            text = shortened(outline.text_of(element))
            parts.append(PassedOver(said_by=describe(element), value=text, why=IN_WORDS[Apart(kind)]))
    return parts[:MOST_PASSED_OVER]


def _canonical(canonical_url: str | None, head: Metadata) -> Field:
    """Returns the canonical URL, with the addresses that the page names as its own and that were not believed."""
    said_by = [head.canonical.said_by] if canonical_url and head.canonical.said_by else []
    passed_over: list[PassedOver] = head.canonical.passed_over
    why = "the page names it as its own" if canonical_url else "the page names no address that was believed"
    values = [canonical_url] if canonical_url else []
    return Field(name="canonical_url", values=values, why=why, sources=said_by, passed_over=passed_over)
