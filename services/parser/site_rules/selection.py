"""What does a site rule select on this page?

Everything that a rule selects is taken as it stands. Where a selector selects nothing, the general extraction decides,
so that a rule which no longer fits the site loses nothing.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from selectolax.lexbor import LexborHTMLParser

from services.parser.body.article import Body, Cut, body_of, rejecter
from services.parser.body.context import Guide
from services.parser.body.pieces import Piece, cut_pieces
from services.parser.fields.bylines import people
from services.parser.fields.dates import DateHabits, read_moment
from services.parser.fields.facts import Fields
from services.parser.fields.metadata import Metadata
from services.parser.fields.origins import SITE_RULE, Origins
from services.parser.fields.title_text import clean_title
from services.parser.fields.titles import Title
from services.parser.language.folding import bare
from services.parser.lists.headline_text import headline_of
from services.parser.lists.headlines import HeadlineLists
from services.parser.outline.addresses import Resolver
from services.parser.outline.outline import Element, Outline
from services.parser.outline.title_element import find_title_element
from services.parser.site_rules.rules import SiteRule
from shared.parsed_page import Headline


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule selects on one page; without a rule, nothing.

    No element of `body` is inside another one. `set_apart` are the indexes of elements that are selected as something
    else, and so are not body text. `unmatched` names the keys whose selectors selected nothing.
    """

    title: str | None = None
    authors: list[str] = []
    published_at: str | None = None
    body: list[Element] = []
    ticker: list[Headline] = []
    set_apart: frozenset[int] = frozenset()
    unmatched: list[str] = []


def select(rule: SiteRule | None, outline: Outline, metadata: Metadata) -> Selection:
    """Returns what the rule's selectors select on the page."""
    if rule is None or not outline.elements:
        return Selection()
    page = _Page(outline)
    title = next((text for node in page.nodes(rule.title) if (text := clean_title(page.value(node)))), None)
    authors = people([page.value(node) for node in page.nodes(rule.author)], metadata.publisher)
    published = _first_date(page, rule.date, metadata.habits)
    body = _outermost(page.elements(rule.body))
    ticker = _headlines(page, rule, metadata)
    found = {"title": title, "author": authors, "date": published, "body": body, "ticker": ticker}
    return Selection(
        title=title,
        authors=authors,
        published_at=published,
        body=body,
        ticker=ticker,
        set_apart=_set_apart(page, rule, body),
        unmatched=[key for key, value in found.items() if getattr(rule, key) and not value],
    )


def with_selected_lists(lists: HeadlineLists, selection: Selection) -> HeadlineLists:
    """Returns the selected headlines, followed by the general ones of other kinds that are not among the selected."""
    if not selection.set_apart:
        return lists
    headlines = lists.headlines
    if selection.ticker:
        kind, known = selection.ticker[0].kind, {_key(line) for line in selection.ticker}
        others = [line for line in headlines if line.kind != kind and _key(line) not in known]
        headlines = [*selection.ticker, *others]
    claimed = lists.claimed | selection.set_apart
    return HeadlineLists(headlines=headlines, claimed=claimed, front=lists.front)


def selected_body(outline: Outline, selection: Selection, guide: Guide) -> Body | None:
    """Returns the article's body made of the selected elements; None if they hold nothing but headline lists.

    A headline list inside a selected element is left out; a selected element that is itself part of one is text.
    """
    if not selection.body:
        return None
    pieces: list[Piece] = []
    for element in selection.body:
        claimed = frozenset() if element.index in guide.claimed else guide.claimed
        pieces += cut_pieces(outline, element, element, _leaves_out(selection, claimed))
    title = find_title_element(outline, selection.title or guide.title)
    shown = bare(outline.text_of(title)) if title is not None else ""
    pieces = [piece for piece in pieces if piece.kind == "block" or bare(piece.text) != shown]
    return body_of(outline, guide, Cut(title=title, first=selection.body[0], last=selection.body[-1], pieces=pieces))


def with_selected_fields(fields: Fields, selection: Selection) -> Fields:
    """Returns the facts, replaced by those that the rule selects."""
    return msgspec.structs.replace(
        fields,
        title=selection.title or fields.title,
        authors=selection.authors or fields.authors,
        published_at=selection.published_at or fields.published_at,
        origins=_origins(fields.origins, selection),
    )


def _origins(origins: Origins, selection: Selection) -> Origins:
    """Returns how the facts were found, with the rule for those that it selects."""
    title = selection.title and Title(text=selection.title, why=SITE_RULE, why_not="the site rule comes first")
    return msgspec.structs.replace(
        origins,
        title=title or origins.title,
        authors=SITE_RULE if selection.authors else origins.authors,
        published_at=SITE_RULE if selection.published_at else origins.published_at,
    )


def keys_without_match(html: str, rule: SiteRule) -> list[str]:
    """Returns the keys, `drop` included, whose selectors find no element in the page as it was fetched.

    Only test pages are checked like this, because they must prove every selector; not every other page has something to
    drop.
    """
    tree = LexborHTMLParser(html)
    return [key for key in rule.selector_keys if tree.css_first(getattr(rule, key)) is None]


class _Page:
    """Finds nodes by selector, and the elements of the outline that stand for them."""

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self._root = outline.elements[0].node
        self._elements = {element.node.mem_id: element for element in outline.elements}

    def nodes(self, selector: str | None) -> list[Any]:
        """Returns each selected node once, in document order."""
        return list({node.mem_id: node for node in self._root.css(selector)}.values()) if selector else []

    def elements(self, selector: str | None) -> list[Element]:
        """Returns the elements of the selected nodes that readers see and that have text."""
        found = (self._elements.get(node.mem_id) for node in self.nodes(selector))
        return [element for element in found if element is not None and element.chars]

    def value(self, node: Any) -> str:
        """Returns what a node says: the content of a <meta>, the text of any other node."""
        if node.tag == "meta":
            return node.attributes.get("content") or ""
        element = self._elements.get(node.mem_id)
        return self.outline.text_of(element) if element is not None else " ".join(node.text().split())


def _first_date(page: _Page, selector: str | None, habits: DateHabits) -> str | None:
    values = ((node.attributes.get("datetime"), page.value(node)) for node in page.nodes(selector))
    moments = (read_moment(stated, habits) or read_moment(said, habits) for stated, said in values)
    return next((moment for moment in moments if moment), None)


def _outermost(elements: list[Element]) -> list[Element]:
    out: list[Element] = []
    for element in elements:
        if not out or not element.inside(out[-1]):
            out.append(element)
    return out


def _headlines(page: _Page, rule: SiteRule, metadata: Metadata) -> list[Headline]:
    """Returns each link in the selected elements once; a selected element without links is a headline itself."""
    outline, resolve = page.outline, Resolver(page.outline, metadata.url)
    own = {address.partition("#")[0].rstrip("/") for address in (metadata.url, metadata.canonical_url) if address}
    lines: dict[tuple[str | None, str], Headline] = {}
    for element in _outermost(page.elements(rule.ticker)):
        links = _links_in(outline, element)
        published = _moment_in(outline, element, metadata.habits) if len(links) < 2 else None
        for shown in links or [element]:
            text, href = headline_of(outline, shown), shown.attrs.get("href") or "#"
            url = resolve(href) if href[0] != "#" else None
            line = Headline(
                kind=rule.ticker_kind,
                position=len(lines) + 1,
                text=text,
                url=url,
                published_at=published,
                is_self=url is not None and url.rstrip("/") in own,
            )
            if text:
                lines.setdefault((url, text), line)
    return list(lines.values())


def _links_in(outline: Outline, element: Element) -> list[Element]:
    return [a for a in outline.elements[element.index : element.end] if a.tag == "a" and a.chars and "href" in a.attrs]


def _moment_in(outline: Outline, element: Element, habits: DateHabits) -> str | None:
    times = (time for time in outline.subtree(element) if time.tag == "time")
    return next((moment for time in times if (moment := read_moment(time.attrs.get("datetime"), habits))), None)


def _key(line: Headline) -> str:
    return line.url or line.text


def _set_apart(page: _Page, rule: SiteRule, body: list[Element]) -> frozenset[int]:
    """Returns the indexes of elements selected as ticker, title, author or date, unless they hold the body."""
    selected = [page.elements(selector) for selector in (rule.ticker, rule.title, rule.author, rule.date)]
    apart = [e for found in selected for e in found if not any(chosen.inside(e) for chosen in body)]
    return frozenset(index for element in apart for index in range(element.index, element.end))


def _leaves_out(selection: Selection, claimed: frozenset[int]) -> Callable[[Element], bool]:
    in_list = rejecter(claimed)
    return lambda element: element.index in selection.set_apart or in_list(element)
