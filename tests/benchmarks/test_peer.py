"""The report on the pipeline beside its peer."""

import msgspec

from benchmarks.cpu import Cost, RedisUse
from benchmarks.peer_report import Results, Turn, markdown

NO_REDIS = RedisUse(reads=0, commands=0, messages=0, bytes_in=0, bytes_out=0)


def cost(wall_s: float, **cpu_ms: float) -> Cost:
    cpu = {name.replace("_", " "): ms for name, ms in cpu_ms.items()}
    return Cost(pages=100, wall_s=wall_s, cpu_ms=cpu, redis=NO_REDIS)


def test_the_page_server_is_not_counted_and_ratios_are_those_of_a_turn() -> None:
    ours = cost(2.0, parser=8.0, Postgres=2.0, page_server=7.0)
    turn = Turn(depeche=ours, peer=cost(10.0, peer=38.0, Postgres=2.0, page_server=9.0))
    assert (turn.cpu, turn.speed) == (4.0, 5.0)
    slower = msgspec.structs.replace(turn, depeche=msgspec.structs.replace(ours, wall_s=5.0))
    filled = {"Depeche": {"title": 99.0}, "the peer": {"title": 98.0}}
    text = markdown(Results(turns={"as it is": [turn], "plain": [slower]}, page_kb=50.0, filled=filled))
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| ")]
    assert ["as it is", "10.0", "40.0", "4.00", "50.0", "10.0", "5.00"] in rows
    assert ["plain", "10.0", "40.0", "4.00", "20.0", "10.0", "2.00"] in rows
    assert ["peer", "", "", "38.0"] in rows
    assert ["title", "99.0", "98.0"] in rows
