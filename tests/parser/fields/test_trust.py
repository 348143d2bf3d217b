"""Whom does the parser believe first? The table's names are those of the records, and its order is kept."""

from services.parser.fields import trust
from services.parser.fields.claims import Claim
from services.parser.fields.json_ld import ArticleNode
from services.parser.fields.meta_elements import MetaElements
from services.parser.fields.trust import Head, claims_on, said_on


def test_every_place_of_the_table_is_a_list_of_claims() -> None:
    head = Head(own=ArticleNode(), meta=MetaElements())
    for field, places in trust._TRUST.items():
        assert claims_on(field, head) == tuple([] for _ in places)


def test_what_is_said_has_the_name_of_its_place() -> None:
    own = ArticleNode(publishers=[Claim(key="publisher", value="Strandpost bv")])
    meta = MetaElements(papers=[Claim(key="og:site_name", value="Strandpost")])
    assert list(said_on("publisher", own, meta)) == [
        ("JSON-LD publisher", "Strandpost bv"),
        ("meta og:site_name", "Strandpost"),
    ]
