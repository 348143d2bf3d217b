"""What a page's answer says of its use: in its headers, and in the elements of its head."""

import re
from collections.abc import Iterable, Iterator

from services.fetcher.rights.head_elements import HeadElement, head_elements
from shared.rights import MAX_CHARS, MOST_STATEMENTS, Rights, Statement, Where

Headers = Iterable[tuple[str, str]]

# What stands in the elements that are looked for, beside our own name.
WANTED = (b"robots", b"tdm-", b"rsl+xml")
RSL_TYPE = "application/rsl+xml"
LINK = re.compile(r'<([^>]*)>([^,<"]*(?:"[^"]*"[^,<"]*)*)')
# An X-Robots-Tag may name the crawler that it is for: "otherbot: noindex". These words have a colon of their own.
AGENT = re.compile(r"\s*([\w.-]+)\s*:")
WORDS_WITH_VALUE = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})


def page_statements(headers: Headers, body: bytes, content_type: str | None, token: str) -> Rights:
    """Returns what the page says. `token` is the name by which a site may speak to this crawler alone."""
    headers = list(headers)
    kind = (content_type or "html").lower()
    elements = list(head_elements(body, (*WANTED, token.lower().encode()))) if "html" in kind else []
    return Rights(
        tdm_reservation=_first([*_metas(elements, "tdm-reservation"), *_headers(headers, "tdm-reservation")]),
        tdm_policy=_first([*_metas(elements, "tdm-policy"), *_headers(headers, "tdm-policy")]),
        license=_first([*_license_elements(elements), *_license_headers(headers)]),
        x_robots_tag=_first(one for one in _headers(headers, "x-robots-tag") if words_to_us(one.said, token)),
        meta_robots=_first([*_metas(elements, "robots"), *_metas(elements, token.lower(), to=token)]),
    )


def still_said(before: Rights, now: Rights) -> Rights:
    """Returns what a page says whose answer has no body (304): what it said before, and what its headers say now.

    Such an answer may leave headers out, so those of before hold where it says nothing of a kind.
    """

    def of(kind: str) -> tuple[Statement, ...]:
        said: tuple[Statement, ...] = getattr(before, kind)
        fresh: tuple[Statement, ...] = getattr(now, kind)
        return (*(one for one in said if one.where != "header"), *fresh) if fresh else said

    return Rights(**{kind: of(kind) for kind in before.__struct_fields__})


def words_to_us(said: str, token: str) -> list[str]:
    """Returns the words of a robots value, in lower case, that are said to all crawlers or to the one of this name."""
    words, is_for_us = [], True
    for part in said.lower().split(","):
        agent, word = AGENT.match(part), part
        if agent is not None and agent[1] not in WORDS_WITH_VALUE:
            is_for_us = agent[1] in (token.lower(), "*")
            word = part[agent.end() :]
        if is_for_us and word.strip():
            words.append(word.strip())
    return words


def _first(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    return tuple(dict.fromkeys(statements))[:MOST_STATEMENTS]


def _said(said: str, where: Where, to: str | None = None) -> Iterator[Statement]:
    if said := said.strip()[:MAX_CHARS]:
        yield Statement(said=said, where=where, to=to)


def _headers(headers: Headers, name: str) -> Iterator[Statement]:
    for given, value in headers:
        if given.lower() == name:
            yield from _said(value, "header")


def _metas(elements: list[HeadElement], name: str, to: str | None = None) -> Iterator[Statement]:
    for element in elements:
        if element.tag == "meta" and element.attributes.get("name", "").lower() == name:
            yield from _said(element.attributes.get("content", ""), "meta", to)


def _license_elements(elements: list[HeadElement]) -> Iterator[Statement]:
    for element in elements:
        given = element.attributes
        if element.tag == "link" and _is_rsl(given.get("rel", ""), given.get("type", "")):
            yield from _said(given.get("href", ""), "link")


def _license_headers(headers: Headers) -> Iterator[Statement]:
    for name, value in headers:
        if name.lower() == "link" and RSL_TYPE in value.lower():
            for address, parameters in LINK.findall(value):
                given = dict(re.findall(r'(\w+)\s*=\s*"?([^";]*)', parameters.lower()))
                if _is_rsl(given.get("rel", ""), given.get("type", "")):
                    yield from _said(address, "header")


def _is_rsl(rel: str, kind: str) -> bool:
    return "license" in rel.lower().split() and kind.lower().strip() == RSL_TYPE
