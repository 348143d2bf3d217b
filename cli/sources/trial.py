"""Tries a source once, as the stack would: downloads it politely, parses it, and says what would be followed.

It needs neither Redis nor Postgres.
"""

import contextlib
import logging
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec
import structlog

from services.fetcher.app import download_options
from services.fetcher.download.download import Downloader, Response
from services.fetcher.download.terms import Terms, product_token
from services.fetcher.politeness.in_process import CopiesAlone, TdmCopiesAlone, TurnsAlone
from services.fetcher.politeness.politeness import Politeness
from services.fetcher.politeness.robots import Robots
from services.fetcher.politeness.robots_groups import FIRST_BYTES
from services.fetcher.politeness.tdm_files import TdmFiles
from services.fetcher.rights.page_statements import page_statements
from services.fetcher.rights.reservation import reservation
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.source import Source
from services.parser.follow import requests_found
from services.parser.page import parse_page
from services.parser.site_rules.rules import SiteRules
from shared.failures import GiveUp, PageFailure, RetryLater
from shared.host_scope import HostScope, host_key_of
from shared.messages import Answer, FetchRequest, PageFetched
from shared.parsed_page import ParsedPage
from shared.per_thread import PerThread
from shared.rights import Rights

# Seconds between two requests. A host that wants more is not waited for.
LONGEST_WAIT_S = 60.0
SHOWN_STORIES = 3


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """The result of trying one source. `problem` says why the source is of no use; `note` says what may surprise."""

    name: str
    url: str
    ok: bool
    reason: str | None = None
    problem: str | None = None
    note: str | None = None
    final_url: str | None = None
    http_status: int | None = None
    kind: str | None = None
    headlines: dict[str, int] = {}
    stories: int = 0  # stories that would be followed
    too_old: int = 0  # stories that are not followed because of max_age
    forbidden: int = 0  # of those that would be followed, how many the site's robots.txt does not let be fetched
    first_stories: list[str] = []
    feeds: list[str] = []  # feeds that the page names
    feeds_followed: int = 0
    faults: str | None = None  # what is wrong with the feed or sitemap
    rights: Rights | None = None  # what the page and its site say of its use


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """A trial with what it is made of; `response` and `page` are None where the server gave no page."""

    trial: Trial
    response: Response | None = None
    page: ParsedPage | None = None
    requests: list[FetchRequest] = []  # what would be followed, and may be fetched as far as is known


class Trier:
    """Tries sources, several at a time; sources of one host one after the other."""

    def __init__(self, settings: FetcherSettings, host_scope: HostScope, rules: SiteRules) -> None:
        options = download_options(settings)
        turns = TurnsAlone(settings.host_delay, host_key_of(host_scope))
        self._robots_copies = CopiesAlone()
        robots = Robots(self._robots_copies, turn_s=settings.total_timeout) if settings.obey_robots else None
        tdm_files = TdmFiles(TdmCopiesAlone(), turn_s=settings.total_timeout) if settings.obey_robots else None
        self._politeness = Politeness(turns, robots, tdm_files, user_agent=settings.full_user_agent)
        self._user_agent = settings.full_user_agent
        self._downloaders = PerThread(lambda: Downloader(options))
        self._rules = rules

    def try_source(self, source: Source) -> Trial:
        """Return the trial of a source; never raises for what a publisher's server does."""
        return self.look_at(source).trial

    def look_at(self, source: Source) -> Look:
        """Return the trial of a source with the page that came."""
        try:
            response = self._download(source)
            rights = self._respected(source, response)
            now = datetime.now(UTC)
            rule = self._rules.rule_for(response.url, now.date())
            page = parse_page(
                response.body, url=response.url, content_type=response.content_type, visited_at=now, rule=rule
            )
        except PageFailure as failure:
            trial = Trial(
                name=source.name,
                url=source.url,
                ok=False,
                reason=failure.reason,
                problem=failure.detail,
                http_status=failure.http_status,
            )
            return Look(trial=trial)
        trial = msgspec.structs.replace(_judged(source, response, page), rights=rights)
        requests = _requests(source, response, page)
        allowed = self._allowed(requests, source)
        forbidden = sum(request.only_new for request in requests) - sum(request.only_new for request in allowed)
        trial = msgspec.structs.replace(trial, forbidden=forbidden)
        return Look(trial=trial, response=response, page=page, requests=allowed)

    def _allowed(self, requests: list[FetchRequest], source: Source) -> list[FetchRequest]:
        """Return the requests without those that a robots.txt forbids, if it has been read; none is read for this."""
        origins = {"://".join(urlsplit(request.origin.url)[:2]) for request in requests}
        known = {origin: self._robots_copies.fresh(origin, self._token(source)) for origin in origins}
        rules = {origin: copy.rules for origin, copy in known.items() if copy is not None and copy.rules is not None}
        urls = [(request, request.origin.url) for request in requests]
        return [
            request
            for request, url in urls
            if (of_site := rules.get("://".join(urlsplit(url)[:2]))) is None or of_site.allows(url)
        ]

    def _token(self, source: Source) -> str:
        return product_token(source.user_agent or self._user_agent)

    def robots_txt(self, url: str) -> bytes:
        """Return the robots.txt of a site of which a page was looked at; empty where there is none."""
        origin = "://".join(urlsplit(url)[:2])
        try:
            copy = self._robots_copies.kept(origin)
            if copy is not None:
                return copy.text
            # The operator does not obey it; what it names is worth knowing nevertheless.
            terms = Terms(first_bytes=FIRST_BYTES)
            return self._politeness.download(self._downloaders.get(), f"{origin}/robots.txt", terms).body
        except PageFailure:
            return b""

    def _respected(self, source: Source, response: Response) -> Rights | None:
        """Return what was said of the page's use; raises GiveUp where the stack would refuse the page for it."""
        token = self._token(source)
        by_page = page_statements(response.rights_headers, response.body, response.content_type, token)
        rights = by_page.followed_by(response.site_says).or_none()
        reserved = reservation(rights, token) if source.rights == "respect" else None
        if reserved is not None:
            raise GiveUp("rights_reserved", f"the page says {reserved}", http_status=response.status)
        return rights

    def _download(self, source: Source) -> Response:
        downloader, terms = self._downloaders.get(), Terms(source=source.options)
        give_up_at = time.monotonic() + LONGEST_WAIT_S
        while True:
            try:
                return self._politeness.download(downloader, source.url, terms)
            except RetryLater as failure:
                wait = failure.after or 0.0
                if failure.counts or time.monotonic() + wait > give_up_at:
                    raise
                time.sleep(wait)


def _judged(source: Source, response: Response, page: ParsedPage) -> Trial:
    requests = _requests(source, response, page)
    stories = [request for request in requests if request.only_new]
    ageless = [r for r in _requests(source, response, page, any_age=True) if r.only_new]
    feeds = len(requests) - len(stories)
    kind = page.page_type if page.page_type in ("feed", "sitemap") else "page"
    reason, problem = _problem(source, kind, page, followed=len(ageless) + feeds)
    note = None
    if problem is None and kind != source.expected_kind:
        note = f"its address looks like a {source.expected_kind}, and it is a {kind}"
    elif problem is None and ageless and not stories:
        note = "all its stories are older than max_age"
    return Trial(
        name=source.name,
        url=source.url,
        ok=problem is None,
        reason=reason,
        problem=problem,
        note=note,
        final_url=response.url if response.url != source.url else None,
        http_status=response.status,
        kind=kind,
        headlines=dict(Counter(line.kind for line in page.headlines)),
        stories=len(stories),
        too_old=len(ageless) - len(stories),
        first_stories=[request.origin.url for request in stories[:SHOWN_STORIES]],
        feeds=[feed.url for feed in page.feeds],
        feeds_followed=feeds,
        faults=str(page.faults) if page.faults else None,
    )


def _requests(source: Source, response: Response, page: ParsedPage, *, any_age: bool = False) -> list[FetchRequest]:
    follow = source.request().follow
    if follow is not None and any_age:
        follow = msgspec.structs.replace(follow, max_age_s=None)
    fetched = PageFetched(
        flight_id="",
        origin=source.request().origin,
        answer=Answer(final_url=response.url, http_status=response.status, fetched_at=datetime.now(UTC).isoformat()),
        follow=follow,
    )
    return requests_found(page, fetched)


def _problem(source: Source, kind: str, page: ParsedPage, *, followed: int) -> tuple[str | None, str | None]:
    """Return why the source is of no use as it is written, as reason and sentence; both are None if it is of use."""
    if source.kind is not None and kind != source.kind:
        return "other_kind", f"it is a {kind}, not a {source.kind}"
    if not source.follow or followed:
        return None, None
    if page.headlines and "*" not in source.follow and not any(line.kind in source.follow for line in page.headlines):
        found = ", ".join(dict.fromkeys(line.kind for line in page.headlines))
        return "nothing_to_follow", f"it has headlines of the kinds {found}, and follow names others"
    if page.headlines:
        return "nothing_to_follow", "its headlines lead to other sites only, or nowhere; same_site = false follows them"
    return "nothing_to_follow", "no headline was found in it; a script may write them into the page"


@contextlib.contextmanager
def without_log_lines() -> Iterator[None]:
    """Silence the services' log lines during the block: the trial of a source says the same."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)
