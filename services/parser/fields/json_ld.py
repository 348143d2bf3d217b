"""What does the page's JSON-LD say of its article?

It describes other things beside the article: the breadcrumb, the site, the stories of a rail. The nodes that describe
an article are read once, key by key, and one of them is the page's own.
"""

import html
import re
from collections.abc import Iterable
from urllib.parse import urljoin

import msgspec

from services.parser.fields.claims import Claim, first_value, values_of
from services.parser.fields.json_ld_nodes import Node, read_nodes, text_value, text_values, types_of
from services.parser.fields.title_text import LEAST_ALIKE, alike
from services.parser.language.folding import bare

# A shorter headline may stand within another by chance.
LEAST_HEADLINE = 4
# The address of a page, not of a part or of the site's front.
_PAGE_ADDRESS = re.compile(r"(?:https?:)?//[^/]+/[^#?]|/[^/#?]")
# Papers of physicists have thousands.
MOST_AUTHORS = 500
# A live blog has hundreds of entries.
MOST_LIVE_ENTRIES = 1_000

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


class LiveEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a live blog; `published` is as written."""

    headline: str | None
    body: str | None
    published: str | None


class ArticleNode(msgspec.Struct, frozen=True, kw_only=True):
    """What one node says of an article; dates and addresses are as written. `keys` are all that the node has."""

    types: list[str] = []
    keys: frozenset[str] = frozenset()
    addresses: list[Claim] = []
    headlines: list[Claim] = []
    descriptions: list[Claim] = []
    authors: list[Claim] = []
    publishers: list[Claim] = []
    published: list[Claim] = []
    modified: list[Claim] = []
    sections: list[Claim] = []
    keywords: list[Claim] = []
    languages: list[Claim] = []
    originals: list[Claim] = []
    images: list[Claim] = []
    bodies: list[Claim] = []
    is_free: bool | None = None
    live_entries: list[LiveEntry] = []


class JsonLd(msgspec.Struct, frozen=True, kw_only=True):
    """`types` are those of all nodes, `articles` what may be the page's article; `own`, which is, is empty for none."""

    types: list[str] = []
    articles: list[ArticleNode] = []
    own: ArticleNode = ArticleNode()


def read_json_ld(scripts: list[str], url: str | None, titles: Iterable[str] = ()) -> JsonLd:
    """All that the scripts of the page at `url` say of articles, in the order of the page.

    `titles` are what else the page says of its title: they tell its own article from its neighbours.
    """
    nodes = read_nodes(scripts)
    named = _named_nodes(nodes)
    articles = [_read_article(node, named) for node in nodes if not _ARTICLE_TYPES.isdisjoint(types_of(node))]
    own = _own_article(articles, url, titles)
    if not articles:  # whatever address a page gives itself, it is this one
        articles = [_read_article(node, named) for node in nodes if not _PAGE_TYPES.isdisjoint(types_of(node))]
        own = _fullest(articles)
    return JsonLd(types=[name for node in nodes for name in types_of(node)], articles=articles, own=own)


def _own_article(articles: list[ArticleNode], url: str | None, titles: Iterable[str]) -> ArticleNode:
    """The article with the page's address and title, or one of them, else the fullest; none if it is another page's."""
    wanted = _path(url) if url else None
    here = [a for a in articles if any(_path(_whole(said.value, url)) == wanted for said in a.addresses)]
    if len(here) == 1 or not any(article.headlines for article in articles):
        return _fullest(here or articles)
    said = [folded for title in titles if (folded := bare(title))]
    titled = [article for article in here or articles if _is_titled(article, said)]
    own = _fullest(titled or here or articles)
    return ArticleNode() if not titled and not here and _is_of_another_page(own, said, url) else own


def _is_titled(article: ArticleNode, titles: list[str]) -> bool:
    """Whether one of the titles has the article's headline in it, or is a part of it."""
    headline = _headline(article)
    return len(headline) >= LEAST_HEADLINE and any(
        headline in title or (len(title) >= LEAST_HEADLINE and title in headline) for title in titles
    )


def _headline(article: ArticleNode) -> str:
    return bare(html.unescape(first_value(article.headlines) or ""))


def _is_of_another_page(article: ArticleNode, titles: list[str], url: str | None) -> bool:
    """Whether an article has another address and a headline with nothing of the page's titles: a rail's first story."""
    headline = _headline(article)
    addresses = [claim.value for claim in article.addresses if _PAGE_ADDRESS.match(claim.value)]
    return bool(
        url
        and titles
        and addresses
        and len(headline) >= LEAST_HEADLINE
        and all(alike(headline, title) < LEAST_ALIKE for title in titles)
    )


def _fullest(articles: list[ArticleNode]) -> ArticleNode:
    """The article that says most; of equals the first wins."""
    return max(articles, key=_weight, default=ArticleNode())


def _weight(article: ArticleNode) -> int:
    return 2 * ("datePublished" in article.keys) + ("headline" in article.keys) + ("author" in article.keys)


def _whole(address: str, url: str | None) -> str:
    return urljoin(url, address) if url and address[:1] == "/" else address


def _path(url: str) -> str:
    address = url.partition("#")[0].partition("?")[0].rstrip("/")
    return address.rpartition("//")[2].removeprefix("www.")


def _read_article(node: Node, named: dict[str, Node]) -> ArticleNode:
    return ArticleNode(
        types=types_of(node),
        keys=frozenset(node),
        addresses=_said(node, "url", "@id", "mainEntityOfPage"),
        headlines=_said(node, "headline", "name"),
        descriptions=_said(node, "description"),
        authors=_authors(node, named),
        publishers=_publishers(node, named),
        published=_said(node, *filter(node.get, ("datePublished", "uploadDate"))),
        modified=_said(node, "dateModified"),
        sections=_said(node, "articleSection"),
        keywords=_all_said("keywords", node.get("keywords")),
        languages=_said(node, "inLanguage"),
        originals=_said(node, "isBasedOn"),
        images=_images(node),
        bodies=_said(node, "articleBody"),
        is_free=_is_free(node),
        live_entries=_live_entries(node),
    )


def _said(node: Node, *keys: str) -> list[Claim]:
    """What those of the keys say that the node has; one text each."""
    return [Claim(key=key, value=text) for key in keys if key in node and (text := text_value(node[key]))]


def _all_said(key: str, value: object) -> list[Claim]:
    return [Claim(key=key, value=text) for text in text_values(value)]


def _authors(node: Node, named: dict[str, Node]) -> list[Claim]:
    """The authors' names; organisations only where there is no person."""
    key = next((key for key in ("author", "creator", "authors") if node.get(key)), None)
    if key is None:
        return []
    authors = _names_in(node, key, named)
    creators = _names_in(node, "creator", named) if key == "author" and isinstance(node.get("creator"), list) else []
    return creators if len(creators) > len(authors) and {*values_of(authors)} <= {*values_of(creators)} else authors


def _names_in(node: Node, key: str, named: dict[str, Node]) -> list[Claim]:
    people: list[Claim] = []
    organisations: list[Claim] = []
    for author in _flattened(node.get(key)):
        if isinstance(author, str) and author not in named:
            people += [] if author.startswith("#") else [Claim(key=key, value=author)]
        elif isinstance(author, dict | str):
            whole = _resolved({"@id": author} if isinstance(author, str) else author, named)
            kind = organisations if "Organization" in "".join(types_of(whole)) else people
            kind += _all_said(key, whole.get("name") or _name_of_parts(whole))
    return people or organisations


def _flattened(value: object) -> list[object]:
    """The authors of a field, also those in lists of lists and those that a role stands for."""
    found: list[object] = []
    for item in _listed(value):
        for author in item if isinstance(item, list) else [item]:
            in_role = isinstance(author, dict) and "Role" in types_of(author) and author.get("author")
            found += _listed(in_role or author)
    return found[:MOST_AUTHORS]


def _name_of_parts(person: Node) -> str:
    return " ".join(part for part in (person.get("givenName"), person.get("familyName")) if isinstance(part, str))


def _publishers(node: Node, named: dict[str, Node]) -> list[Claim]:
    """The paper that publishes the article."""
    claims = []
    for key in ("publisher", "sourceOrganization", "copyrightHolder"):
        value = next(iter(_listed(node.get(key))), None)
        name = value.get("name") or _resolved(value, named).get("name") if isinstance(value, dict) else value
        if isinstance(name, str) and name.strip() and not name.startswith("http"):
            claims.append(Claim(key=key, value=name.strip()))
    return claims


def _named_nodes(nodes: list[Node]) -> dict[str, Node]:
    """Nodes with a name by their `@id`; of several with the same one the first."""
    named: dict[str, Node] = {}
    for node in nodes:
        if "name" in node and isinstance(identity := node.get("@id"), str):
            named.setdefault(identity, node)
    return named


def _resolved(node: Node, named: dict[str, Node]) -> Node:
    """The node that a bare `{"@id": ...}` refers to."""
    identity = node.get("@id")
    return named.get(identity, node) if "name" not in node and isinstance(identity, str) else node


def _images(node: Node) -> list[Claim]:
    pictures = _listed(node.get("image"))
    addresses = [item.get("url") or item.get("contentUrl") if isinstance(item, dict) else item for item in pictures]
    return _all_said("image", addresses)


def _is_free(node: Node) -> bool | None:
    """Whether everybody may read the article; None where the node does not say."""
    said = node.get("isAccessibleForFree")
    return str(said).rsplit("/", maxsplit=1)[-1].lower() != "false" if isinstance(said, bool | str) else None


def _live_entries(node: Node) -> list[LiveEntry]:
    return [
        LiveEntry(
            headline=text_value(entry.get("headline")),
            body=text_value(entry.get("articleBody")),
            published=text_value(entry.get("datePublished")),
        )
        for entry in _listed(node.get("liveBlogUpdate"))[:MOST_LIVE_ENTRIES]
        if isinstance(entry, dict)
    ]


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
