"""What does the page's JSON-LD say of its article?

Publishers write it by hand and by template, so it is broken in known ways, nested in known ways, and describes other
things beside the article: the breadcrumb, the site, the stories of a rail. Of all that one node matters.
"""

import json
import re
from typing import Any

import msgspec

Node = dict[str, Any]

# Real pages have a dozen nodes; a page with thousands wants to keep us busy.
MOST_NODES = 500
# A script longer than this is a data dump.
LONGEST_SCRIPT = 1_000_000

_ARTICLE_TYPES = frozenset(
    {
        "NewsArticle", "Article", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle",
        "ReviewNewsArticle",
        "BackgroundNewsArticle", "AskPublicNewsArticle", "AdvertiserContentArticle", "SatiricalArticle", "BlogPosting",
        "LiveBlogPosting", "Report", "TechArticle", "ScholarlyArticle", "MedicalScholarlyArticle", "SocialMediaPosting",
        "DiscussionForumPosting", "ClaimReview", "Review",
    }
)  # fmt: skip
_PAGE_TYPES = frozenset({"WebPage", "ItemPage", "VideoObject", "CreativeWork", "Recipe", "PodcastEpisode", "AboutPage"})
# Where the article hides inside other nodes. Rails (`itemListElement`, `hasPart`) hold other articles.
_NESTING = ("@graph", "mainEntity", "mainEntityOfPage", "article")

_COMMENT_MARKS = re.compile(r"^\s*(?://\s*)?(?:<!--|<!\[CDATA\[)|(?://\s*)?(?:-->|\]\]>)\s*;?\s*$")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_RESCUED = re.compile(r'"(headline|datePublished|dateModified|articleSection|description)"\s*:\s*"((?:[^"\\\n]|\\.)*)"')


def read_nodes(scripts: list[str]) -> list[Node]:
    """All top-level nodes, those of graphs and those that nest the article, in the order of the page."""
    nodes: list[Node] = []
    for script in scripts:
        if len(script) > LONGEST_SCRIPT:
            continue
        waiting: list[Any] = [_decode(script)]
        while waiting and len(nodes) < MOST_NODES:
            value = waiting.pop()
            if isinstance(value, list):
                waiting += reversed(value[:MOST_NODES])
            elif isinstance(value, dict):
                nodes.append(value)
                waiting += [value[key] for key in _NESTING if isinstance(value.get(key), dict | list)]
    return nodes


def article_node(nodes: list[Node], url: str | None) -> Node:
    """The node of the page's own article: the one with the page's address, else the fullest; may be empty."""
    articles = [node for node in nodes if not _ARTICLE_TYPES.isdisjoint(types_of(node))]
    if len(articles) > 1 and url:
        own = [node for node in articles if _same_page(node, url)]
        articles = own or articles
    if not articles:
        articles = [node for node in nodes if not _PAGE_TYPES.isdisjoint(types_of(node))]
    return max(articles, key=_weight, default={})


def types_of(node: Node) -> list[str]:
    """The node's types without their vocabulary's address."""
    value = node.get("@type")
    types = value if isinstance(value, list) else [value]
    return [t.rsplit("/", maxsplit=1)[-1].rsplit(":", maxsplit=1)[-1] for t in types if isinstance(t, str)]


def text_value(value: Any) -> str | None:
    """A field that should be one string, whatever it is wrapped in."""
    for _ in range(4):
        if isinstance(value, list):
            value = value[0] if value else None
        elif isinstance(value, dict):
            value = (
                value.get("@value")
                or value.get("name")
                or value.get("headline")
                or value.get("url")
                or value.get("@id")
            )
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int) else None


def text_values(value: Any) -> list[str]:
    """A field that may be a string, a list of them, or a list of things with names."""
    values = value if isinstance(value, list) else [value]
    return [text for item in values if (text := text_value(item))]


def author_names(node: Node, nodes: list[Node]) -> list[str]:
    """Names of the article's authors, following references; organisations only where there is no person."""
    people: list[str] = []
    organisations: list[str] = []
    value = node.get("author") or node.get("creator") or node.get("authors")
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, list):
            item = item[0] if item else None  # noqa: PLW2901
        if isinstance(item, dict):
            whole = _resolve(item, nodes)
            name = whole.get("name") or " ".join(
                part for part in (whole.get("givenName"), whole.get("familyName")) if isinstance(part, str)
            )
            kind = organisations if "Organization" in "".join(types_of(whole)) else people
            kind += text_values(name)
        elif isinstance(item, str):
            people.append(item)
    return people or organisations


def publisher_name(node: Node, nodes: list[Node]) -> str | None:
    """The paper that publishes the article."""
    for key in ("publisher", "sourceOrganization", "copyrightHolder"):
        value = node.get(key)
        if isinstance(value, list):
            value = value[0] if value else None
        name = value.get("name") or _resolve(value, nodes).get("name") if isinstance(value, dict) else value
        if isinstance(name, str) and name.strip() and not name.startswith("http"):
            return name.strip()
    return None


def _resolve(node: Node, nodes: list[Node]) -> Node:
    """The node that a bare `{"@id": ...}` refers to."""
    if "name" in node or "@id" not in node:
        return node
    return next(
        (other for other in nodes if other is not node and other.get("@id") == node["@id"] and "name" in other), node
    )


def _weight(node: Node) -> int:
    """How much a node says; of equals the first wins."""
    return 2 * ("datePublished" in node) + ("headline" in node) + ("author" in node)


def _same_page(node: Node, url: str) -> bool:
    wanted = _path(url)
    addresses = (node.get("url"), node.get("@id"), node.get("mainEntityOfPage"))
    return any(_path(text) == wanted for value in addresses if (text := text_value(value)))


def _path(url: str) -> str:
    address = url.partition("#")[0].partition("?")[0].rstrip("/")
    return address.rpartition("//")[2].removeprefix("www.")


def _decode(script: str) -> Any:
    """The script's value, mended where it is broken in one of the usual ways; None beyond repair."""
    try:
        return msgspec.json.decode(script)
    except (msgspec.DecodeError, RecursionError):
        pass
    mended = _TRAILING_COMMA.sub("", _COMMENT_MARKS.sub("", script)).strip().rstrip(";")
    try:
        # Raw line breaks within strings, and a second value after the first, are common.
        return json.JSONDecoder(strict=False).raw_decode(mended)[0]
    except (ValueError, RecursionError):
        return _rescue(mended)


def _rescue(script: str) -> Node | None:
    """The plain fields of an article whose script has, say, an unescaped quote in its text."""
    found: Node = {}
    for key, value in _RESCUED.findall(script):
        found.setdefault(key, re.sub(r"\\(.)", r"\1", value))
    return {"@type": "NewsArticle", **found} if "headline" in found or "datePublished" in found else None
