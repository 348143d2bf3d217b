"""parse_page(): bytes in, one main article and any number of headlines out. The whole pipeline on one screen.

decode -> outline (one walk of the tree) -> metadata -> headline lists -> article -> language -> ParsedPage
"""


from services.parser.article import Body, Guide, read_body
from services.parser.decode import decode_page
from services.parser.headlines import find_headlines
from services.parser.language import detect_language
from services.parser.metadata import Metadata, read_metadata
from services.parser.plain_text import parse_plain_text
from services.parser.segments import outline_of
from services.parser.version import PARSER_VERSION
from shared.parsed_page import Article, ParsedPage


def parse_page(body: bytes, *, url: str | None, content_type: str | None = None) -> ParsedPage:
    """All that a page says. A pure function; raises only GiveUp, for what is no page."""
    text = decode_page(body, content_type)
    if "<" not in text:
        return parse_plain_text(text, url)
    outline = outline_of(text)
    metadata = read_metadata(outline, url)
    lists = find_headlines(outline, url)
    found = read_body(
        outline,
        Guide(
            title=metadata.headline or metadata.page_title,
            description=metadata.description,
            article_body=metadata.article_body,
            claimed=lists.claimed,
        ),
    )
    article = _article(found, metadata, url) if found is not None else None
    language = detect_language(found.text[:1000], metadata.language) if found is not None else metadata.language
    return ParsedPage(
        url=url,
        canonical_url=metadata.canonical_url,
        page_type="article" if article is not None else "listing" if lists.headlines else "other",
        language=language,
        article=article,
        headlines=lists.headlines,
        parser_version=PARSER_VERSION,
    )


def _article(found: Body, metadata: Metadata, url: str | None) -> Article:
    return Article(
        title=metadata.headline or metadata.page_title,
        lead=found.lead,
        blocks=found.blocks,
        text=found.text,
    )
