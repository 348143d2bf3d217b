"""Where does a link lead: to a story, or to a list, an account, a share button, a file?"""

import re
from urllib.parse import urlsplit

import msgspec

from services.parser.outline.addresses import Resolver
from services.parser.outline.outline import Outline

_DIGITS_OF_STORY_URL = re.compile(r"\d{4}")
_QUERY_OF_STORY_URL = re.compile(r"[?&](?:\w*id|no|p)=\d", re.I)
# What names a page of a site whose pages are all one script: ?p=2895, ?title=Park_Ye_Jin.
_QUERY_OF_PAGE = re.compile(r"(?:^|&)(?:[\w-]*id|no|p|title|(?:\w+\[)?tt_news\]?)=\w", re.I)
# Segments of URLs that lead to lists, people, accounts and shops, and hosts that pages link to for sharing.
_NO_STORY_SEGMENTS = frozenset(
    [
        *("about", "about-us", "account", "auteur", "auteurs", "author", "authors", "autor", "autores", "buscar"),
        *(
            "categoria",
            "categorias",
            "categorie",
            "category",
            "contact",
            "cookies",
            "etiqueta",
            "etiquetas",
            "etiquette",
        ),
        *(
            "kategorie",
            "login",
            "newsletter",
            "newsletters",
            "privacy",
            "privacy-policy",
            "profile",
            "profil",
            "recherche",
        ),
        *(
            "register",
            "search",
            "share",
            "sharer",
            "sharer.php",
            "job",
            "jobs",
            "shop",
            "sign-in",
            "signin",
            "signup",
            "store",
            "subscribe",
        ),
        *("tag", "tags", "tema", "temas", "terms", "topic", "topics", "user", "users"),
    ]
)
_NO_STORY_HOSTS = frozenset(
    [
        *("addtoany.com", "amazon.com", "amazon.de", "amazon.fr", "apple.com", "doubleclick.net", "facebook.com"),
        *(
            "flipboard.com",
            "google.com",
            "instagram.com",
            "linkedin.com",
            "outbrain.com",
            "pinterest.com",
            "reddit.com",
        ),
        *("t.co", "t.me", "taboola.com", "telegram.me", "threads.net", "tiktok.com", "twitter.com", "wa.me"),
        *("whatsapp.com", "x.com", "youtu.be", "youtube.com"),
    ]
)
_NO_STORY_SUBDOMAINS = frozenset(
    [
        *(
            "abo",
            "boutique",
            "coupons",
            "deals",
            "descuentos",
            "gutscheine",
            "jobs",
            "oferplan",
            "shop",
            "stellenmarkt",
        ),
        *("store", "subscribe", "tienda", "vouchers"),
    ]
)
_TRACKING = (
    "at_",
    "cmp",
    "from=",
    "ici",
    "intcmp",
    "iref",
    "itm_",
    "ns_",
    "ref",
    "rel=",
    "source=",
    "src=",
    "utm_",
    "xtor",
)
LONGEST_LANGUAGE = 3
_FILES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".pdf", ".mp3", ".mp4", ".xml", ".rss")


def is_story_url(url: str) -> bool:
    """Whether the path has a slug of several words, a number or a date, or is a document."""
    return _is_story_path(path_of(url))


def _is_story_path(path: str) -> bool:
    return (
        path.count("-") >= 3
        or ".htm" in path
        or _DIGITS_OF_STORY_URL.search(path) is not None
        or path.count("_") >= 3
        or ("?" in path and _QUERY_OF_STORY_URL.search(path) is not None)
    )


def path_of(url: str) -> str:
    """Returns the URL without scheme, host and port, whose hyphens and digits say nothing about the page."""
    slashes = url.find("//", 0, 9)
    if slashes < 0:
        return url
    start = url.find("/", slashes + 2)
    return url[start:] if start > 0 else ""


def story_key(url: str) -> str:
    """Returns the key of a story: the URL without a query that only says where it was clicked."""
    if "?" in url:
        page, _, query = url.partition("?")
        if query.startswith(_TRACKING):
            url = page
    return url.rstrip("/")


def leads_elsewhere(url: str) -> bool:
    """Whether the URL is that of a front, a list, an account, a share button or a file."""
    path = path_of(url)
    return _is_no_story_host(url[: len(url) - len(path)]) or _is_no_story_path(path)


def _is_no_story_host(origin: str) -> bool:
    host = origin.rpartition("/")[2].lower()
    if host.partition(".")[0] in _NO_STORY_SUBDOMAINS:
        return True
    return host in _NO_STORY_HOSTS or ".".join(host.rsplit(".", 2)[-2:]) in _NO_STORY_HOSTS


def _is_no_story_path(path: str) -> bool:
    if path in {"", "/"} or (len(path) <= LONGEST_LANGUAGE + 2 and path.strip("/").isalpha()):
        return True  # A front: of the site, or of its pages in a language.
    segments = path.lower().partition("?")[0].split("/")
    return not _NO_STORY_SEGMENTS.isdisjoint(segments) or segments[-1].endswith(_FILES)


class Address(msgspec.Struct, frozen=True):
    """Where an anchor leads. `key` identifies the story (story_key); `path` begins after the host."""

    url: str
    path: str
    key: str
    is_story: bool


class Addresses(dict[str, Address | None]):
    """Maps each href of a page to its address; None for an href that leads to no page.

    The dict fills itself, because a card has several anchors with one URL, and all URLs of a site have one host.
    """

    def __init__(self, outline: Outline, url: str | None) -> None:
        super().__init__()
        self._resolve = Resolver(outline, url)
        self._no_story_hosts: dict[str, bool] = {}

    def __missing__(self, href: str) -> Address | None:
        url = self._resolve(href)
        if url is None:
            self[href] = None
            return None
        path = path_of(url)
        address = self[href] = Address(url, path, story_key(url), _is_story_path(path))
        return address

    def leads_elsewhere(self, address: Address) -> bool:
        """Returns what the function of the same name does; looks at each host only once."""
        origin = address.url[: len(address.url) - len(address.path)]
        foreign = self._no_story_hosts.get(origin)
        if foreign is None:
            foreign = self._no_story_hosts[origin] = _is_no_story_host(origin)
        return foreign or _is_no_story_path(address.path)


def is_home(url: str | None) -> bool:
    """Whether the URL is the home of a site or of one of its languages: /, /en/, /index.html, but not /?p=2895."""
    parts = urlsplit(url or "https://unknown.invalid/story")
    path = parts.path.strip("/").lower()
    if "=" in parts.query and _QUERY_OF_PAGE.search(parts.query):
        return False
    return len(path) <= 2 or path in {"index.html", "index.htm", "index.php", "home", "accueil", "startseite"}
