"""Measures work in steps of Python, since the time that it takes says as much of the machine.

What one call into C does is no step. At their full size such calls would run into the time limit of a test.
"""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

TIMES = 10
# Three times that, since a longer page may be another kind of page; the square of its size would be ten times that.
MOST = 3 * TIMES


def steps(work: Callable[[], object]) -> int:
    """The lines that the work runs, each as often as it runs it."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def assert_linear(prepare: Callable[[int], Callable[[], object]], size: int) -> None:
    """Ten times as much costs some ten times as many steps; `prepare` makes work of a size."""
    prepare(size)()  # so that what is made ready at the first use is not counted
    few, many = steps(prepare(size)), steps(prepare(TIMES * size))
    assert few > 0
    assert many <= MOST * few, f"{few} steps for {size}, {many} for {TIMES} times as much"
