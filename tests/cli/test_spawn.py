"""Children are started whole: a signal meanwhile takes effect once they are there."""

import os
import signal
import subprocess
import sys

# Sends itself a signal in the middle of the fork, where whatever a handler raises is swallowed, while another thread
# is there to receive it.
INTERRUPTED = """
import os, signal, sys, threading, time
from cli.embedded import spawn

def interrupt():
    os.kill(os.getpid(), signal.{name})
    time.sleep(0.2)

def handle(*_):
    raise KeyboardInterrupt

signal.signal(signal.{name}, handle)
threading.Thread(target=threading.Event().wait, daemon=True).start()
os.register_at_fork(before=interrupt)
try:
    spawn([sys.executable, "-c", "import time; time.sleep(600)"])
except KeyboardInterrupt:
    print("interrupted")
"""


def test_a_signal_in_the_middle_of_a_fork_is_kept() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        command = [sys.executable, "-c", INTERRUPTED.format(name=number.name)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted\n", "")


# A child that would wait for ever; the first line is its process id, the second how it ended.
WATCHED = """
import sys
from cli.embedded import spawn

process = spawn([sys.executable, "-c", "import time; time.sleep(600)"])
print(process.pid, flush=True)
print(process.wait())
"""


def test_a_child_hears_signals_as_any_process_does() -> None:
    command = [sys.executable, "-c", WATCHED]
    for number in (signal.SIGINT, signal.SIGTERM):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
            assert parent.stdout is not None
            os.kill(int(parent.stdout.readline()), number)
            assert int(parent.stdout.readline()) == -number
