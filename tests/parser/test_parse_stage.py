"""PageFetched -> PageParsed, with a page from the page store and the real pipeline."""

import msgspec
import pytest
import redis

from services.parser.page_limits import PageLimits
from services.parser.parse import PageParser
from services.parser.site_rules.rules import load_site_rules
from shared.failures import GiveUp
from shared.flight.intake import Backbone
from shared.flight.stage import Stage
from shared.messages import FetchRequest, Origin, PageFetched
from shared.parsed_page import ParsedPage
from tests.support.flights import ONE, TWO, at_parse, message_of, published, published_drops

LIMITS = PageLimits(cpu_s=60, memory=1 << 30)
FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>
<item><title>Harbour opens</title><link>https://news.example/harbour</link></item></channel></rss>"""


def parser(backbone: Backbone, limits: PageLimits = LIMITS) -> PageParser:
    return PageParser(store=backbone.store, rules=load_site_rules(), limits=limits)


def test_a_page_becomes_its_parse_result_and_what_it_leads_to(backbone: Backbone, client: "redis.Redis") -> None:
    (record,) = at_parse(backbone.ledger, client, ONE, batch="b")
    backbone.store.put_many("page", {record.flight_id: FEED})
    outcome = parser(backbone).parse(record)
    page = msgspec.json.decode(outcome.body, type=ParsedPage)
    assert (page.page_type, [h.text for h in page.headlines]) == ("feed", ["Harbour opens"])
    assert (outcome.stage, outcome.part, outcome.record.origin.url) == ("index", "result", ONE)
    assert outcome.found == [
        FetchRequest(origin=Origin(url="https://news.example/harbour", batch="b", found_on=ONE), only_new=True)
    ]


def test_a_page_that_the_store_has_lost_has_failed(backbone: Backbone, client: "redis.Redis") -> None:
    (record,) = at_parse(backbone.ledger, client, ONE)
    with pytest.raises(GiveUp) as caught:
        parser(backbone).parse(record)
    assert (caught.value.fate, caught.value.reason) == ("failed", "page_missing")


def test_pages_of_one_message_have_fates_of_their_own(backbone: Backbone, client: "redis.Redis") -> None:
    good, film, lost = at_parse(backbone.ledger, client, ONE, TWO, "https://news.example/three")
    backbone.store.put_many("page", {good.flight_id: FEED, film.flight_id: b"%PDF-1.7\n" + bytes(4_000)})
    stage: Stage[PageFetched] = Stage("parse", PageFetched, backbone)
    stage.run(message_of(good, film, lost), parser(backbone).parse)
    drops = {drop.flight_id: (drop.fate, drop.reason) for drop in published_drops(client)}
    assert drops == {
        film.flight_id: ("refused", "unsupported_type"),
        lost.flight_id: ("failed", "page_missing"),
    }
    kinds = [page["kind"] for message in published(client, "index") for page in message["pages"]]
    assert sorted(kinds) == ["page_dropped.v2", "page_dropped.v2", "page_parsed.v2"]
