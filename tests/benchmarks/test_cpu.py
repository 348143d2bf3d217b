"""CPU by group of processes."""

import os
import subprocess
import sys

import psutil
import redis

from benchmarks.cpu import Meter, cpu_seconds

# Burns some CPU in a child that ends, and some itself, says so, and waits.
BURN = """
import subprocess, sys, time
def burn():
    while time.process_time() < 0.5: pass
if len(sys.argv) > 1:
    burn()
else:
    subprocess.run([sys.executable, sys.argv[0], "child"])
    burn()
    print("done", flush=True)
    sys.stdin.read()
"""


def test_a_tree_s_cpu_includes_children_that_have_ended(tmp_path_factory) -> None:
    script = tmp_path_factory.mktemp("burn") / "burn.py"
    script.write_text(BURN, "utf-8")
    with subprocess.Popen([sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        spent = cpu_seconds(psutil.Process(process.pid))
        assert 0.8 < spent < 3  # one of the two alone has 0.5
        mine = cpu_seconds(psutil.Process(os.getpid()))
        assert process.stdin is not None
        process.stdin.close()
    # Our own children are groups of their own, so their time is not ours.
    assert cpu_seconds(psutil.Process(os.getpid())) - mine < 0.4


def test_a_cost_is_for_one_page(client: "redis.Redis") -> None:
    meter = Meter({"me": os.getpid()}, client)
    start = meter.read()
    for number in range(40):
        client.lpush("queue", number)
    cost = meter.cost_since(start, pages=10)
    assert cost.redis.messages == 4
    assert 4 <= cost.redis.reads < 5
    assert cost.pages_per_s == 10 / cost.wall_s
    assert cost.total_cpu_ms() == cost.cpu_ms["me"]
    assert cost.total_cpu_ms("me") == 0
