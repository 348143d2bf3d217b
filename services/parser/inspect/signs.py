"""Where do the language, the pictures and the flags of the article come from?"""

from collections.abc import Iterator

from services.parser.body.signs import is_cut_short
from services.parser.fields.metadata import Metadata
from services.parser.fields.trust import said_on
from services.parser.inspect.origin import Field, Said, compared
from services.parser.language.identification import detect_language, normalise_language
from services.parser.page import LANGUAGE_SAMPLE, Reading
from shared.parsed_page import Article

# The flags of an article, in the order in which a reader asks for them.
FLAGS = ("truncated", "paywalled", "consent_wall", "live_blog")

TEXT_AGREES = "the text is in the language that the page names"
BY_TEXT = "the text's letters and words"
BY_LISTS = "what the page names, or the language of most of its headlines"
UNSURE = "the text is too short to tell, or in a language that is not known surely"
NOT_THE_TEXT = "the text is not in it"
ONE_PICTURE = "one picture stands for the article, and the first that can be fetched is taken"
HEAD_AND_TEXT = "the picture that the head names, and those in the text"
IN_TEXT = "the pictures in the text; the head names none that can be fetched"
NO_PICTURE = "neither the head nor the text has a picture of the article"
CONSENT = "most of the text speaks of consent"
LIVE = "the blocks of the text have moments of their own, one after the other"
WHOLE = "the text is long enough to be all of the story, and ends like one"
WALL_BEHIND = "a wall stands right behind the text"
SAID_PAID = "the head says that not everybody may read it, and the text is no whole story"
GOES_ON = "the story goes on at another address"
ENDS_OPEN = "the text ends in an ellipsis"
NO_TEXT = "the page has no text of the story"
NEXT_PAGE = "a link to the next page of the story"


def language_field(reading: Reading) -> Field:
    """Returns the language, with the ones that the page names and that its text is not in."""
    page, head = reading.page, reading.metadata or Metadata()
    found = page.language
    field = Field(name="language", values=[found] if found else [], why=_why_language(reading, head))
    return compared(field, _declared(reading, head), NOT_THE_TEXT, lambda tag: normalise_language(tag) == found)


def _why_language(reading: Reading, head: Metadata) -> str:
    article, found = reading.page.article, reading.page.language
    if found is None:
        return UNSURE
    if article is None:
        return BY_LISTS
    if found == head.language:
        alone = detect_language(article.text[:LANGUAGE_SAMPLE])
        return TEXT_AGREES if alone == found else f"{TEXT_AGREES}, or may be in it"
    return BY_TEXT


def _declared(reading: Reading, head: Metadata) -> Iterator[Said]:
    if reading.outline is not None and reading.outline.html_lang:
        yield "<html lang>", reading.outline.html_lang
    yield from said_on("language", head.json_ld.own, head.meta)


def images_field(article: Article, head: Metadata) -> Field:
    """Returns the addresses of the pictures."""
    values = [image.url for image in article.images]
    why = (HEAD_AND_TEXT if head.images else IN_TEXT) if values else NO_PICTURE
    field = Field(name="images", values=values, why=why)
    return compared(field, said_on("images", head.json_ld.own, head.meta), ONE_PICTURE)


def flag_fields(article: Article, head: Metadata, reading: Reading) -> list[Field]:
    """Returns the flags that are set, those that were said and not believed, and where the story goes on."""
    whys = {
        "truncated": _why_truncated(article, reading),
        "paywalled": WALL_BEHIND if reading.body is not None and reading.body.paywalled else SAID_PAID,
        "consent_wall": CONSENT,
        "live_blog": LIVE,
    }
    fields = [Field(name=name, values=["yes"], why=whys[name]) for name in FLAGS if getattr(article, name)]
    if head.paywalled:
        known = [field for field in fields if field.name == "paywalled"] or [
            Field(name="paywalled", values=[], why="no")
        ]
        paid = compared(known[0], _said_paid(head), WHOLE, lambda _: article.paywalled)
        fields = [paid, *(field for field in fields if field is not known[0])]
    if article.next_page_url:
        fields.append(Field(name="next_page_url", values=[article.next_page_url], why=NEXT_PAGE))
    return fields


def _why_truncated(article: Article, reading: Reading) -> str:
    if not article.blocks:
        return NO_TEXT
    if reading.body is not None and reading.body.paywalled:
        return WALL_BEHIND
    return ENDS_OPEN if is_cut_short(article.blocks, walled=False) else GOES_ON


def _said_paid(head: Metadata) -> Iterator[Said]:
    if head.json_ld.own.is_free is False:
        yield "JSON-LD isAccessibleForFree", "false"
    for claim in head.meta.tiers:
        yield f"meta {claim.key}", claim.value
