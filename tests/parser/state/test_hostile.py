"""Scripts that were made to be slow, deep or endless cost bounded time, and no page fails by them."""

import json
import time

import pytest

from services.parser.page import parse_page
from tests.parser.state.pages import MARKUP, TITLE, URL, code, data, flight, page

SIZE = 300_000
BAIT = f"x={json.dumps({'title': TITLE})};"
HOSTILE = {
    "brackets": code(BAIT + "y=" + "[" * SIZE),
    "half strings": code(BAIT + '=["' * (SIZE // 3)),
    "commas": code(BAIT + ",[1" * (SIZE // 3)),
    "records": code(BAIT + "={a:" * (SIZE // 4)),
    "calls": code(BAIT + "=(function(a){return {b:" * (SIZE // 24)),
    "bomb": data([[1] * 8, *([place + 1] * 9 for place in range(1, 40)), TITLE]),
    "circles": flight('1:["$2","$2"]\n', '2:["$1","$1"]\n', f'3:{{"title":"{TITLE}"}}\n'),
    "too long a row": flight(f"1:Tffffffff,{TITLE}"),
    "half a character": code(f'x={{title:"{TITLE}",body:"\\ud800 {MARKUP}"}}'),
    "half a tag": data({"title": TITLE, "body": "<p " * (SIZE // 3)}),
}


@pytest.mark.parametrize("scripts", HOSTILE.values(), ids=HOSTILE)
def test_hostile_scripts(scripts: str) -> None:
    began = time.process_time()
    parse_page(page(scripts), url=URL)
    assert time.process_time() - began < 5
