"""Where does a link lead: to a story, or to a list, an account, a share button, a file?"""

import re
import tomllib
from collections import Counter
from importlib.resources import files
from itertools import chain
from urllib.parse import urlsplit

import msgspec

from services.parser.outline.addresses import Resolver
from services.parser.outline.outline import Outline
from shared.tracking import naming

# All addresses of stories but those with many words have one.
_DIGIT = re.compile(r"\d")
# Four digits, but not in the name of a campaign, which only a query has.
_FOUR_DIGITS = re.compile(r"\d{4}")
_DIGITS_OF_STORY_URL = re.compile(
    r"^[^?]*\d{4}|[?&](?!\w*(?:utm|campaign|creation|medium|source|variant))(?:[^=&]*=)?[^=&]*\d{4}"
)
_QUERY_OF_STORY_URL = re.compile(r"[?&](?:\w*id|no|p)=\d", re.I)
# What names a page of a site whose pages are all one script: ?p=2895, ?title=Park_Ye_Jin.
_QUERY_OF_PAGE = re.compile(r"(?:^|&)(?:[\w-]*id|no|p|title|(?:\w+\[)?tt_news\]?)=\w", re.I)
# Letters and digits that take turns three times, or once in a name that nobody can say: c5yk7qxz4kgo, crrxpwzvd5vo,
# AbC9x.
_OPAQUE = re.compile(
    r"/(?:[A-Za-z]+\d+[A-Za-z]+\d|\d+[A-Za-z]+\d+[A-Za-z])[A-Za-z\d]*(?![^/?.])"
    r"|/(?=[a-z\d]{9,}(?![^/?.]))(?=[a-z\d]*[bcdfghjklmnpqrstvwxz]{4})[a-z]+\d+[a-z]+(?![^/?.])"
    r"|/(?=\w*\d)(?=\w*[a-z])(?=\w*[a-z\d][A-Z])[A-Za-z\d]{5,}(?![^/?.])"
)
# The last segment of a section's page or of a folder, which says nothing.
_INDEX_ENDINGS = ("/index.html", "/index.htm", "/default.htm", "/default.html", "/index.shtml")
# Nothing but a number follows these in the address of a category: cat_46898.html.
_NUMBERED_LISTS = ("cat_", "cat-", "tag_", "tag-")
_DAY = re.compile(
    r"/(?:(?:19|20)\d\d[-/](?:0?[1-9]|1[0-2])(?:[-/](?:0?[1-9]|[12]\d|3[01]))?"
    r"|(?:0?[1-9]|[12]\d|3[01])(?P<mark>[-/.])(?:0?[1-9]|1[0-2])(?P=mark)(?:19|20)\d\d)(?:\.s?html?)?/?$"
)
_DAY_IN_QUERY = re.compile(r"^\w+=(?:(?:19|20)\d\d[-/.]\d\d?(?:[-/.]\d\d?)?|\d\d?[-/.]\d\d?[-/.](?:19|20)\d\d)$")
_SHARE_BUTTON = "share="
_URL_IN_QUERY = re.compile(r"[?&]\w+=https?(?::|%3a)(?:/|%2f){2}(?:www\.)?([^/%?&]+)", re.I)

_DATA = tomllib.loads(files(__package__).joinpath("addresses.toml").read_text("utf-8"))
_NO_STORY_SEGMENTS = frozenset(chain.from_iterable(_DATA["segments"]["anywhere"].values()))
_LONE_SEGMENTS = frozenset(chain.from_iterable(_DATA["segments"]["alone"].values()))
_NO_STORY_NAMES = frozenset(_DATA["hosts"]["names"])
_NO_STORY_HOSTS = frozenset(_DATA["hosts"]["whole"])
_NO_STORY_SUBDOMAINS = frozenset(_DATA["hosts"]["services"])
_FILES = tuple(_DATA["files"]["endings"])
LONGEST_LANGUAGE = 3
# So many links with texts like headlines tell that addresses of their shape are those of stories. "https://host" has
# two slashes.
FEWEST_OF_SHAPE, SLASHES_OF_HOST = 4, 2


def is_story_url(url: str) -> bool:
    """Whether the path has a slug of several words, a number or a date, or is a document."""
    return _is_story_path(path_of(url))


def _is_story_path(path: str) -> bool:
    if path.count("-") >= 3:
        return True
    if ".htm" in path:
        return not path.endswith(_INDEX_ENDINGS) or _is_story_path(path.rpartition("/")[0])
    if _DIGIT.search(path) is None:
        return path.count("_") >= 3
    return (
        (_DIGITS_OF_STORY_URL if "?" in path else _FOUR_DIGITS).search(path) is not None
        or path.count("_") >= 3
        or ("?" in path and _QUERY_OF_STORY_URL.search(path) is not None)
        or _OPAQUE.search(path) is not None
    )


def path_of(url: str) -> str:
    """Returns the URL without scheme, host and port, whose hyphens and digits say nothing about the page."""
    slashes = url.find("//", 0, 9)
    if slashes < 0:
        return url
    start = url.find("/", slashes + 2)
    return url[start:] if start > 0 else ""


def story_key(url: str) -> str:
    """Returns the key of a story: the URL without the parameters that only say where it was clicked."""
    if "?" in url:
        page, _, query = url.partition("?")
        pairs = [pair for pair in query.split("&") if pair]
        names = naming([(name, value) for name, _, value in (pair.partition("=") for pair in pairs)], page)
        url = page if not names else f"{page}?{'&'.join('='.join(pair) for pair in names)}"
    return url.rstrip("/")


def leads_elsewhere(url: str) -> bool:
    """Whether the URL is that of a front, a list, an account, a share button or a file."""
    path = path_of(url)
    origin = url[: len(url) - len(path)]
    return _is_no_story_host(origin) or _is_no_story_path(path) or _passes_on(origin, path)


def _passes_on(origin: str, path: str) -> bool:
    """Whether the query has the address of another site, to which the page passes its reader on."""
    found = _URL_IN_QUERY.search(path) if "=http" in path else None
    return found is not None and found[1].lower() not in origin.lower()


def _is_no_story_host(origin: str) -> bool:
    host = origin.rpartition("/")[2].lower()
    if host.partition(".")[0] in _NO_STORY_SUBDOMAINS:
        return True
    parts = host.split(".")
    return (
        host in _NO_STORY_HOSTS or ".".join(parts[-2:]) in _NO_STORY_HOSTS or not _NO_STORY_NAMES.isdisjoint(parts[:-1])
    )


def _is_no_story_path(path: str) -> bool:
    if path in {"", "/"} or (len(path) <= LONGEST_LANGUAGE + 2 and path.strip("/").isalpha()):
        return True  # A front: of the site, or of its pages in a language.
    page, _, query = path.lower().partition("?")
    segments = page.split("/")
    if not _NO_STORY_SEGMENTS.isdisjoint(segments) or segments[-1].endswith(_FILES):
        return True
    if segments[-1].startswith(_NUMBERED_LISTS) and segments[-1][4:].partition(".")[0].isdigit():
        return True
    if _is_day(page, query) or query.startswith(_SHARE_BUTTON):
        return True
    if len(segments) > 1 and (_LONE_SEGMENTS.intersection(segments[1:2]) or segments[-1].startswith("index.")):
        return not (query or _is_story_path(path))
    return False


def _is_day(page: str, query: str) -> bool:
    """Whether an address ends in a day or month with nothing else but folders or a script: the archive of that day."""
    if query:
        return _DAY_IN_QUERY.search(query) is not None and not _is_story_path(page)
    found = _DAY.search(page) if _FOUR_DIGITS.search(page) is not None else None
    return found is not None and not _is_story_path(page[: found.start()])


def _shape_of(url: str) -> str:
    """Returns what the addresses of one kind of page share: host and folder, or page and names of the query; or ""."""
    page, _, query = url.partition("?")
    if query:
        return page + "?" + "&".join(sorted(pair.partition("=")[0] for pair in query.split("&")))
    folder = page.rstrip("/").rpartition("/")[0]
    return folder if folder.count("/") > SLASHES_OF_HOST else ""


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
        self._shapes: set[str] = set()
        self._home = "/".join(url.split("/")[:3]) if url else ""

    def __missing__(self, href: str) -> Address | None:
        url = self._resolve(href)
        if url is None:
            self[href] = None
            return None
        path = path_of(url)
        is_story = _is_story_path(path) or (bool(self._shapes) and _shape_of(url) in self._shapes)
        address = self[href] = Address(url, path, story_key(url), is_story)
        return address

    def may_be_story(self, href: str) -> bool:
        """Whether a link of few words may lead to a story, by its address."""
        if self._shapes and (address := self[href]) is not None:
            return address.is_story
        return is_story_url(href)

    def learn(self, urls: list[str]) -> bool:
        """Take addresses of one shape for those of stories, if enough links with texts like headlines have it.

        Returns whether any are; all addresses must then be asked for again.
        """
        if len(urls) < FEWEST_OF_SHAPE:
            return False
        shapes = Counter(_shape_of(url) for url in set(urls) if url.startswith(self._home))
        self._shapes = {shape for shape, times in shapes.items() if shape and times >= FEWEST_OF_SHAPE}
        if self._shapes:
            self.clear()
        return bool(self._shapes)

    def leads_elsewhere(self, address: Address) -> bool:
        """Returns what the function of the same name does; looks at each host only once."""
        origin = address.url[: len(address.url) - len(address.path)]
        foreign = self._no_story_hosts.get(origin)
        if foreign is None:
            foreign = self._no_story_hosts[origin] = _is_no_story_host(origin)
        return foreign or _is_no_story_path(address.path) or _passes_on(origin, address.path)


def is_home(url: str | None) -> bool:
    """Whether the URL is the home of a site or of one of its languages: /, /en/, /index.html, but not /?p=2895."""
    parts = urlsplit(url or "https://unknown.invalid/story")
    path = parts.path.strip("/").lower()
    if "=" in parts.query and _QUERY_OF_PAGE.search(parts.query):
        return False
    return len(path) <= 2 or path in {"index.html", "index.htm", "index.php", "home", "accueil", "startseite"}
