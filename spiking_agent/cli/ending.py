"""The end of a program, whatever an environment has left behind in its process."""

import multiprocessing
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import Final

import psutil

PATIENCE_S: Final = 5.0  # for threads that were left behind to end by themselves


def end_soon(code: int) -> None:
    """Make sure that this process ends now, with an exit code; everything is saved and said.

    Processes that are still running below this one are asked to end, since Python waits for some
    of them, and pipes that they hold stay open. Threads cannot be: Python waits for them for ever,
    so after a while the process ends without them.

    Parameters
    ----------
    code : int
        What the process ends with.
    """
    for which in (signal.SIGINT, signal.SIGTERM):
        signal.signal(which, signal.SIG_IGN)  # there is nothing left to stop
    for forked in multiprocessing.active_children():  # which may have handlers of ours
        forked.kill()
    with suppress(psutil.Error):
        for child in psutil.Process().children(recursive=True):
            with suppress(psutil.Error):  # it has ended by now
                child.terminate()
    threading.Thread(target=_end_late, args=(code,), daemon=True).start()


def _end_late(code: int) -> None:
    threading.Event().wait(PATIENCE_S)
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):  # there is none, or it is closed
            stream.flush()
    os._exit(code)
