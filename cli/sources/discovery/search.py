"""The search: one address after the other, politely, until nothing is left to try or as many were tried as may be."""

from collections.abc import Callable, Iterable, Sequence
from urllib.parse import urljoin

from cli.sources.discovery.find import Find, How, find_of
from cli.sources.discovery.links import (
    NEWS,
    Link,
    links_of,
    newest_first,
    sitemaps_named,
    usual_feeds,
    usual_sitemaps,
)
from cli.sources.subscriptions import web_address
from cli.sources.trial import Look, Trier
from services.fetcher.sources.source import Source
from shared.failures import UserError
from shared.urls import host_of, same_site, url_key

# How many of each kind are tried: what a site names has no end, and each costs a request.
MOST_DECLARED, MOST_OF_ROBOTS, MOST_OF_INDEX, MOST_SECTIONS, MOST_OF_SECTIONS = 10, 6, 3, 15, 10
# The host does not answer, or must not be asked: nothing else of it would fare better.
UNREACHABLE = frozenset(
    {
        "dns_failed", "connect_failed", "connect_timeout", "tls_failed", "robots_unreachable", "address_denied",
        "invalid_url", "scheme_unsupported", "host_busy", "proxy_failed", "read_timeout", "total_timeout",
    }
)  # fmt: skip
# With this the host asks for less.
ASKS_FOR_LESS = "http_429"

Told = Callable[[int, int], None]


class Search:
    """Looks for the sources of one site; `finds` has what was tried, in its order, and `stopped` why it ended early."""

    def __init__(self, trier: Trier, limit: int, told: Told = lambda _done, _more: None) -> None:
        self.finds: list[Find] = []
        self.stopped: str | None = None
        self._trier = trier
        self._limit = limit
        self._told = told
        self._tried: set[str] = set()
        self._front = ""

    def run(self, url: str) -> None:
        """Try the page at `url` and all that leads on from it; raises UserError for what is no address."""
        front = self._look_at_front(url)
        if front.trial.reason in UNREACHABLE:
            self.stopped = f"{front.trial.url} cannot be asked: {front.trial.problem}"
            return
        self._front = front.response.url if front.response is not None else front.trial.url
        # Whoever names a feed, an article or an address that is gone wants to know what the site has beside it.
        if front.trial.kind in ("feed", "sitemap") or not front.trial.ok:
            self._into_indexes([front])
            front = next(iter(self._try("home", [Link(url=urljoin(self._front, "/"))])), front)
        sections, linked = _menu(front)
        self._try("declared", _declared(front)[:MOST_DECLARED])
        self._try("linked", linked[:MOST_DECLARED])
        self._sitemaps()
        self._guess(usual_feeds(self._front), "feed")
        looks = self._try("menu", sections[:MOST_SECTIONS])
        self._try("declared", [link for look in looks for link in _declared(look)][:MOST_OF_SECTIONS])

    def _look_at_front(self, url: str) -> Look:
        addresses = [url] if host_of(url) or "://" in url else [f"https://{url}", f"http://{url}"]
        look: Look | None = None
        for address in addresses:
            self._tried.clear()  # http and https are one page to the stack
            look = self._ask("given", Link(url=address))
            if look is None or look.trial.reason not in UNREACHABLE:
                break
        if look is None:
            raise UserError(f"{url} is no web address; write it whole: https://news.example/")
        return look

    def _sitemaps(self) -> None:
        robots_txt = self._trier.robots_txt(self._front)
        looks = self._try("robots.txt", sitemaps_named(robots_txt, self._front)[:MOST_OF_ROBOTS])
        self._into_indexes(looks)
        if not any(find.kind == "sitemap" and NEWS.search(find.url) and find.works for find in self.finds):
            self._into_indexes(self._guess(usual_sitemaps(self._front), "sitemap"))

    def _into_indexes(self, looks: Iterable[Look]) -> None:
        """Look into the newest sitemaps of each index."""
        for look in looks:
            if look.page is not None and look.page.page_type == "sitemap" and look.page.feeds:
                within = [(Link(url=feed.url), feed.modified_at) for feed in look.page.feeds]
                self._try("index", newest_first(within)[:MOST_OF_INDEX])

    def _guess(self, links: Sequence[Link], kind: str) -> list[Look]:
        """Try the usual places until one has what is looked for; none where something of the kind is known."""
        if any(find.kind == kind and find.works for find in self.finds):
            return []
        for link in links:
            for look in self._try("guessed", [link]):
                if look.page is not None and look.page.page_type == kind and self.finds[-1].works:
                    return [look]
                if kind == "feed" and look.trial.kind == "page":  # a page that lists the feeds
                    self._try("linked", _menu(look)[1][:MOST_DECLARED])
        return []

    def _try(self, how: How, links: Iterable[Link]) -> list[Look]:
        """Look at each address that was not looked at before, while that is allowed."""
        waiting = [link for link in links if url_key(link.url) not in self._tried]
        looks = []
        for number, link in enumerate(waiting):
            self._told(len(self._tried), len(waiting) - number)
            look = self._ask(how, link)
            if look is not None:
                looks.append(look)
        return looks

    def _ask(self, how: How, link: Link) -> Look | None:
        if url_key(link.url) in self._tried or self.stopped is not None or web_address(link.url) is None:
            return None
        if len(self._tried) >= self._limit:
            self.stopped = f"{self._limit} addresses were tried; --limit tries more"
            return None
        self._tried.add(url_key(link.url))
        source = _source(link.url)
        if how != "given" and not same_site(link.url, self._front):  # a feed of this site on another's server
            source = source.model_copy(update={"same_site": False})
        look = self._trier.look_at(source)
        find = find_of(look, how, link.label, same_site=source.same_site)
        if find.reason == ASKS_FOR_LESS:
            self.stopped = f"the host asks for less: {find.problem}"
        self._keep(find)
        return look

    def _keep(self, find: Find) -> None:
        """Note a find, without its stories where another address has led to it already."""
        self._tried.add(url_key(find.url))
        if find.reason is None and any(url_key(find.url) == url_key(other.url) for other in self.finds):
            find = find.useless("known", "it redirects to an address that stands here already")
        self.finds.append(find)


def _source(url: str) -> Source:
    return Source.model_validate({"name": "discovered", "url": url})


def _declared(look: Look) -> list[Link]:
    """The feeds that a page names in its head."""
    if look.page is None or look.page.page_type == "sitemap":
        return []
    return [Link(url=feed.url, label=feed.title or "") for feed in look.page.feeds]


def _menu(look: Look) -> tuple[list[Link], list[Link]]:
    if look.response is None or look.trial.kind != "page":
        return [], []
    return links_of(look.response.body, look.response.content_type, look.response.url)
