"""The end of a command, even if an environment left threads or processes running."""

import multiprocessing
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import Final

import psutil

PATIENCE_S: Final = 5.0  # how long remaining threads may take to end by themselves


def end_soon(code: int) -> None:
    """Make sure that this process ends soon; everything must be saved and printed before.

    Child processes that are still running are asked to end, because Python waits for some of
    them, and the pipes that they hold stay open. Threads cannot be ended, and Python waits for
    them forever, so after a while the process exits without them.

    Parameters
    ----------
    code : int
        Exit code of the process.
    """
    for which in (signal.SIGINT, signal.SIGTERM):
        signal.signal(which, signal.SIG_IGN)  # nothing is left to stop
    for forked in multiprocessing.active_children():  # they may have inherited signal handlers
        forked.kill()
    with suppress(psutil.Error):
        for child in psutil.Process().children(recursive=True):
            with suppress(psutil.Error):  # it may have ended already
                child.terminate()
    threading.Thread(target=_end_late, args=(code,), daemon=True).start()


def _end_late(code: int) -> None:
    threading.Event().wait(PATIENCE_S)
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):  # missing or closed
            stream.flush()
    os._exit(code)
