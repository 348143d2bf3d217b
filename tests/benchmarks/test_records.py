"""The benchmark of records: its pydantic twins hold what the records do."""

import msgspec

from benchmarks.records import ArticleTwin, BlockTwin, HeadlineTwin, PageTwin, build
from shared.parsed_page import Article, Block, Headline, ParsedPage


def test_both_kinds_of_records_hold_the_same() -> None:
    twin = build(PageTwin, ArticleTwin, BlockTwin, HeadlineTwin)
    told = msgspec.json.decode(twin.model_dump_json(), type=ParsedPage)
    assert told == build(ParsedPage, Article, Block, Headline)
