"""What Ctrl-C and SIGTERM do while a block runs: set an event, end the block once, be recorded, or take effect later.

A handler runs in the main thread, between any two of its steps. An exception that the handler raises may hit a
destructor, a callback or the middle of a fork, where Python prints or swallows it and goes on. So most handlers here
raise nothing. After the block, the earlier handlers are back.
"""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from types import FrameType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)

Handler = Callable[[int, FrameType | None], object]
# Is called again and again; raises KeyboardInterrupt once Ctrl-C was pressed.
EndIfPressed = Callable[[], None]


@contextlib.contextmanager
def handled_by(handler: Handler, signals: Iterable[int] = STOP_SIGNALS) -> Iterator[None]:
    """Call `handler` for these signals during the block."""
    before = {number: signal.signal(number, handler) for number in signals}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


@contextlib.contextmanager
def stop_event() -> Iterator[threading.Event]:
    """Yields an event that Ctrl-C and SIGTERM set, so that the caller can stop its work in order."""
    stop = threading.Event()
    with handled_by(lambda *_: stop.set()):
        yield stop


@contextlib.contextmanager
def interrupted_once() -> Iterator[None]:
    """Let Ctrl-C or SIGTERM end the block once, by KeyboardInterrupt; while it cleans up, further ones are ignored."""

    def interrupt(*_: object) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    with handled_by(interrupt):
        yield


@contextlib.contextmanager
def ctrl_c_noted(*others: int) -> Iterator[EndIfPressed]:
    """Record Ctrl-C and `others` during the block, for the caller to act on at a moment of its choice.

    Yields a function that raises KeyboardInterrupt if one of these signals has come. Raised at any moment, as Python
    usually does, KeyboardInterrupt may hit a destructor or a callback, where Python prints it and goes on. A second
    signal means that something hangs, so that one raises KeyboardInterrupt at once.
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
    """Let signals take effect only after the block, for a fork: Python swallows what a handler raises in the middle.

    A mask alone is not enough: a masked signal goes to another thread, and Python still runs its handler in the main
    one. So the handlers are replaced. The mask is for the child, which inherits it.
    """
    if threading.current_thread() is not threading.main_thread():  # handlers run in the main thread only
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
    """Let signals end a child process that was forked within `signals_later`, as they end any process."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
