"""PageFetched -> PageParsed, together with requests for the pages that its headlines lead to."""

import datetime as dt

import msgspec
import structlog

from services.parser.errors import page_missing
from services.parser.follow import other_addresses, requests_found
from services.parser.page import parse_page
from services.parser.page_limits import PageLimits
from services.parser.site_rules.rules import SiteRules
from shared.flight.outcome import Outcome
from shared.flight.page_store import PageStore
from shared.messages import PageFetched, PageParsed
from shared.parsed_page import ParsedPage

log = structlog.get_logger()


class PageParser(msgspec.Struct, frozen=True, kw_only=True):
    """Parses pages of the store by an operator's site rules, each within the limits."""

    store: PageStore
    rules: SiteRules
    limits: PageLimits

    def parse(self, fetched: PageFetched) -> Outcome:
        """Parse the stored page; raises GiveUp (services/parser/errors.py)."""
        body = self._body_of(fetched)
        with self.limits.kept():
            page = _parse(body, fetched, self.rules)
            return _outcome(page, fetched)

    def parse_wary(self, fetched: PageFetched) -> Outcome:
        """Parse a page that may have ended the process that parsed it: try it out in another process first."""
        body = self._body_of(fetched)
        self.limits.try_out(lambda: _outcome(_parse(body, fetched, self.rules), fetched))
        return self.parse(fetched)

    def _body_of(self, fetched: PageFetched) -> bytes:
        body = self.store.get("page", fetched.flight_id)
        if body is None:
            raise page_missing(fetched.flight_id)
        return body


def _outcome(page: ParsedPage, fetched: PageFetched) -> Outcome:
    return Outcome(
        record=PageParsed.of(fetched),
        stage="index",
        part="result",
        body=msgspec.json.encode(page),
        found=requests_found(page, fetched),
        known_as=other_addresses(page, fetched),
        faults=str(page.faults) if page.faults else None,
    )


def _parse(body: bytes, fetched: PageFetched, rules: SiteRules) -> ParsedPage:
    """Parse by the site rule that was valid on the day of the fetch; log keys of the rule that no longer match."""
    url = fetched.answer.final_url
    visited_at = dt.datetime.fromisoformat(fetched.answer.fetched_at)
    rule = rules.rule_for(url, visited_at.date())

    def on_stale(keys: list[str]) -> None:
        log.info("site_rule_stale", url=url, rule=rule.name if rule else None, keys=keys)

    page = parse_page(
        body, url=url, content_type=fetched.answer.content_type, visited_at=visited_at, rule=rule, on_stale=on_stale
    )
    if page.wall:
        log.info("wall_met", url=url, wall=page.wall)
    if page.faults:
        log.warning("feed_broken", url=url, told=str(page.faults), **msgspec.structs.asdict(page.faults))
    return page
