"""A page that costs too much fails alone; one that no exception reaches ends its process, and is found out there."""

import collections
import contextlib
import ctypes
import itertools
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from services.parser.errors import page_missing
from services.parser.page_limits import PageLimits
from shared.failures import GiveUp

MEBIBYTE = 1 << 20
TIGHT = PageLimits(cpu_s=0.2, memory=64 * MEBIBYTE)
# For what is to reach the limit of memory first, however slow the machine is.
PATIENT = PageLimits(cpu_s=20.0, memory=64 * MEBIBYTE)


def loop_for_ever() -> None:
    while True:
        pass


def loop_in_c() -> None:
    """C code that asks for no signal."""
    collections.deque(itertools.repeat(0), maxlen=0)


def swell() -> None:
    kept = bytearray()
    while True:
        kept.extend(bytes(MEBIBYTE))


def swallow_all() -> None:
    while True:
        with contextlib.suppress(Exception):  # as a library may
            loop_for_ever()


def settings() -> tuple[object, ...]:
    limits = (resource.getrlimit(of) for of in (resource.RLIMIT_CPU, resource.RLIMIT_DATA))
    return (signal.getsignal(signal.SIGPROF), signal.getitimer(signal.ITIMER_PROF), *limits)


@pytest.mark.parametrize(
    ("work", "reason"), [(loop_for_ever, "too_slow"), (swallow_all, "too_slow"), (swell, "too_heavy")]
)
def test_a_page_over_a_limit_is_quarantined_and_the_next_is_not(work: Callable[[], None], reason: str) -> None:
    before, limits = settings(), PATIENT if reason == "too_heavy" else TIGHT
    for _ in range(2):
        with pytest.raises(GiveUp) as caught, limits.kept():
            work()
        assert (caught.value.reason, caught.value.fate) == (reason, "quarantined")
        with limits.kept():
            assert len(bytes(40 * MEBIBYTE)) == 40 * MEBIBYTE
        assert settings() == before


def test_what_is_raised_within_the_limits_is_raised() -> None:
    with pytest.raises(KeyError), TIGHT.kept():
        raise KeyError("page")


IN_A_PROCESS = """
from tests.parser.test_page_limits import TIGHT, loop_in_c
with TIGHT.kept():
    loop_in_c()
"""


def test_c_code_over_the_limit_ends_its_process() -> None:
    done = subprocess.run([sys.executable, "-c", IN_A_PROCESS], check=False)
    assert done.returncode == -signal.SIGXCPU


CLOCK_BEHIND = """
import time
from tests.parser.test_page_limits import TIGHT
while time.process_time() < 1.2:
    pass
time.process_time = lambda: 0.0
for _ in range(3):
    with TIGHT.kept():
        began = time.thread_time()
        while time.thread_time() < began + 0.05:
            pass
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the other kernels have one clock")
def test_a_process_lives_on_when_the_kernel_counts_more_cpu_time_than_its_clock_shows() -> None:
    subprocess.run([sys.executable, "-c", CLOCK_BEHIND], check=True)


def abort() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.abort()


def read_nowhere() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.string_at(0)


@pytest.mark.parametrize(
    ("work", "reason", "told"),
    [
        (loop_in_c, "too_slow", "0.2 s of CPU time"),
        (loop_for_ever, "too_slow", "0.2 s of CPU time"),
        (swell, "too_heavy", "bytes of memory"),
        (abort, "crashed", "signal SIGABRT"),
        (read_nowhere, "crashed", "signal SIGSEGV"),
        (lambda: os._exit(3), "crashed", "status 3"),
    ],
)
def test_a_trial_tells_what_a_page_does_to_its_process(work: Callable[[], None], reason: str, told: str) -> None:
    with pytest.raises(GiveUp) as caught:
        (PATIENT if reason == "too_heavy" else TIGHT).try_out(work)
    assert (caught.value.reason, caught.value.fate) == (reason, "quarantined")
    assert told in caught.value.detail


def give_up() -> None:
    raise page_missing("f1")


@pytest.mark.parametrize("work", [lambda: None, give_up, lambda: {}["page"]])
def test_a_trial_says_nothing_of_what_is_raised_again_by_the_work_itself(work: Callable[[], None]) -> None:
    TIGHT.try_out(work)
