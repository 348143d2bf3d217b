"""What Ctrl-C and SIGTERM do while a block runs: they set an event, end the block once, are noted, or have to wait.

A handler runs in the main thread, between any two steps of it. An exception that it raises may hit a destructor, a
callback or the middle of a fork, where Python prints it or swallows it, and goes on. So most of these raise nothing.
After the block, the handlers are those from before it.
"""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from types import FrameType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)

Handler = Callable[[int, FrameType | None], object]


@contextlib.contextmanager
def handled_by(handler: Handler, signals: Iterable[int] = STOP_SIGNALS) -> Iterator[None]:
    """These signals call `handler` during the block."""
    before = {number: signal.signal(number, handler) for number in signals}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


@contextlib.contextmanager
def stop_event() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set, so that what was started is stopped in order."""
    stop = threading.Event()
    with handled_by(lambda *_: stop.set()):
        yield stop


@contextlib.contextmanager
def interrupted_once() -> Iterator[None]:
    """Ctrl-C and SIGTERM end the block by KeyboardInterrupt once; while it cleans up, more of them are ignored."""

    def interrupt(*_: object) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    with handled_by(interrupt):
        yield


@contextlib.contextmanager
def ctrl_c_noted(*others: int) -> Iterator[Callable[[], None]]:
    """Gives what raises KeyboardInterrupt if Ctrl-C has been pressed meanwhile, or another of these signals has come.

    Raised at any moment, as it usually is, it may hit a destructor or a callback, where Python prints it and goes on.
    Whoever presses a second time waits for something that hangs: that one is raised at once.
    """
    pressed: list[int] = []

    def note(number: int, _frame: object) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(number)

    def end_if_pressed() -> None:
        if pressed:
            raise KeyboardInterrupt

    with handled_by(note, (signal.SIGINT, *others)):
        yield end_if_pressed


@contextlib.contextmanager
def signals_later() -> Iterator[None]:
    """Signals take effect after the block: what their handlers raise in the middle of a fork, Python swallows.

    The handlers are replaced, since a masked signal finds another thread, and Python handles it here nonetheless. The
    mask is for the child, which inherits it.
    """
    if threading.current_thread() is not threading.main_thread():  # where no handler runs
        yield
        return
    came: list[int] = []
    try:
        with handled_by(lambda number, _: came.append(number)):
            signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
            try:
                yield
            finally:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    finally:
        for late in came:
            signal.raise_signal(late)


def as_usual_in_child() -> None:
    """In a child that was forked within `signals_later`: signals end it, as they end any process."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
