"""Memory that a worker gives back."""

import subprocess
import sys

import pytest

# Blocks between others that stay, so that nothing at the heap's end is free.
CODE = """
import sys, threading
from pathlib import Path
from shared.heap import trimmed

def held():
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("RssAnon")).split()[1])

def wait_until_less_than(kb):
    while held() > kb:
        threading.Event().wait(0.01)

blocks = [bytes(20_000) for _ in range(4_000)]
full = held()
kept = blocks[1::2]
del blocks
half = full - 20_000
if "trimmed" in sys.argv:
    with trimmed(0.01):
        wait_until_less_than(half)
print(held() < half)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's heap")
@pytest.mark.parametrize(("how", "given_back"), [("trimmed", "True"), ("as it is", "False")])
def test_what_is_free_between_other_blocks_is_given_back(how: str, given_back: str) -> None:
    done = subprocess.run([sys.executable, "-c", CODE, how], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == given_back
