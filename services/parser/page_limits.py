"""What one page may cost: CPU time and memory, so that a page which costs more fails alone.

- In Python code, a page that is over a limit raises a GiveUp (errors.py). It is quarantined with its bytes, and the
  other pages of its message go on.
- In C code, where no exception can be raised, the kernel kills the process after GRACE_S more (SIGXCPU). The message's
  pages count as lost and are published again, each alone. A page that was lost is tried out in a process of its own
  first: if that is killed, too, or is over a limit, the page is quarantined at once.

CPU time is limited and not time, so that a machine that is busy, or a process that was stopped, is not the page's
fault. Memory is what the kernel counts as data of the process (RLIMIT_DATA; on Linux only).
"""

import contextlib
import math
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import msgspec

from services.parser.errors import page_crashed, page_too_heavy, page_too_slow
from shared.failures import GiveUp

# CPU seconds after the time limit until the kernel ends a process that runs C code.
GRACE_S = 0.5
# A trial that does not compute but waits is ended after this time (s), even if nobody waits for it any more.
TRIAL_S = 30
# The exit statuses by which a trial tells that it was over a limit, by the reason of the GiveUp.
OVER_LIMIT = {"too_slow": 101, "too_heavy": 102}


class PageLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits for each page: CPU seconds, and bytes of memory beyond what the process has taken before."""

    cpu_s: float
    memory: int

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Keep the block within the limits, in a process's main thread; raises GiveUp if it is over one."""
        try:
            with _memory_limited(self.memory), _cpu_limited(self.cpu_s):
                yield
        except MemoryError:
            raise page_too_heavy(self.memory) from None
        except _OverTime:
            raise page_too_slow(self.cpu_s) from None

    def try_out(self, work: Callable[[], object]) -> None:
        """Do the work in a process of its own; raises GiveUp if that is over a limit or does not survive."""
        pid = os.fork()
        if pid == 0:
            self._be_trial(work)
        _, status = os.waitpid(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        if code in (-signal.SIGXCPU, OVER_LIMIT["too_slow"]):
            raise page_too_slow(self.cpu_s)
        if code == OVER_LIMIT["too_heavy"]:
            raise page_too_heavy(self.memory)
        if code not in (0, -signal.SIGALRM):
            raise page_crashed(_ending(code))

    def _be_trial(self, work: Callable[[], object]) -> None:
        status = 1
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(TRIAL_S)
            with self.kept():
                work()
            status = 0
        except GiveUp as failure:
            status = OVER_LIMIT.get(failure.reason, 0)
        except Exception:  # noqa: BLE001  # it is raised again when whoever waits does the work
            status = 0
        finally:
            os._exit(status)


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"status {code}"


class _OverTime(BaseException):
    """Raised wherever the page's code is at that moment; no Exception, so that no library takes it for a failure."""


@contextlib.contextmanager
def _cpu_limited(seconds: float) -> Iterator[None]:
    """Raise _OverTime after so much CPU time of the process; let the kernel end it if that is not heard."""
    is_over = False

    def raise_once(_signal: int, _frame: FrameType | None) -> None:
        nonlocal is_over
        if not is_over:
            is_over = True
            raise _OverTime

    usual, (soft, hard) = signal.signal(signal.SIGPROF, raise_once), resource.getrlimit(resource.RLIMIT_CPU)
    at_last = math.ceil(_cpu_by_ticks() + seconds + GRACE_S)
    try:
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (_within(at_last, soft, hard), hard))
            signal.setitimer(signal.ITIMER_PROF, seconds)
            yield
        finally:
            is_over = True
    finally:  # even if _OverTime was raised in the line before
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, usual)
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


# RLIMIT_CPU goes by the ticks in which the process was running: after minutes of work on a busy machine, these are
# seconds away from time.process_time(). Linux names this clock by a number only (CPUCLOCK_PROF of the process itself).
TICKS_CLOCK = -8


def _cpu_by_ticks() -> float:
    with contextlib.suppress(OSError):  # where the kernel has no such clock
        return time.clock_gettime(TICKS_CLOCK)
    return time.process_time()


@contextlib.contextmanager
def _memory_limited(more: int) -> Iterator[None]:
    """Let the process take so many bytes more than it has, and fail to get any beyond."""
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    has = _data_bytes()
    if has:
        resource.setrlimit(resource.RLIMIT_DATA, (_within(has + more, soft, hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _within(wanted: int, *limits: int) -> int:
    return min([wanted, *(limit for limit in limits if limit != resource.RLIM_INFINITY)])


STATM, PAGE_BYTES = Path("/proc/self/statm"), resource.getpagesize()


def _data_bytes() -> int:
    """Returns what counts against RLIMIT_DATA now; 0 where the kernel does not say."""
    if sys.platform != "linux":
        return 0
    return int(STATM.read_bytes().split()[5]) * PAGE_BYTES
